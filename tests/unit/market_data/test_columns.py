"""Which column holds what."""

from __future__ import annotations

import pytest

from causeway.errors import InvalidInput
from causeway.market_data.columns import map_columns


@pytest.mark.parametrize(
    "header",
    [
        ["symbol", "date", "open", "high", "low", "close", "volume"],
        ["Ticker", "Date", "Open", "High", "Low", "Close", "Volume", "Adj Close"],
        ["Name", "timestamp", "OPEN", "HIGH", "LOW", "CLOSE", "VOL"],
        ["symbol", "ts_bar_start", "open", "high", "low", "close", "volume"],
    ],
)
def test_the_usual_headers_are_understood(header: list[str]) -> None:
    found = map_columns(header).shown()
    assert [found[field] for field in ("symbol", "time", "open", "high", "low", "close", "volume")] == header[:7]


def test_adjusted_close_is_not_taken_for_close() -> None:
    header = ["Date", "Adj Close", "Open", "High", "Low", "Close", "Volume"]
    assert map_columns(header, symbol="AAPL").shown()["close"] == "Close"


def test_dotted_columns_name_the_symbol() -> None:
    header = ["Date", "AAPL.Open", "AAPL.High", "AAPL.Low", "AAPL.Close", "AAPL.Volume", "AAPL.Adjusted", "dn"]
    mapping = map_columns(header)
    assert mapping.symbol == "AAPL"
    assert mapping.shown() == {
        "time": "Date",
        "open": "AAPL.Open",
        "high": "AAPL.High",
        "low": "AAPL.Low",
        "close": "AAPL.Close",
        "volume": "AAPL.Volume",
        "symbol": "=AAPL",
    }


def test_dotted_columns_of_two_symbols_are_not_guessed() -> None:
    with pytest.raises(InvalidInput, match="no column found for open"):
        map_columns(["Date", "A.Open", "A.High", "A.Low", "A.Close", "B.Open"])


def test_a_given_mapping_wins_over_the_guess() -> None:
    mapping = map_columns(
        ["when", "date", "open", "high", "low", "close", "last"], given={"time": "when", "close": "last"}, symbol="X"
    )
    assert mapping.shown()["time"] == "when"
    assert mapping.shown()["close"] == "last"


def test_a_missing_time_column_is_named_with_what_was_seen() -> None:
    with pytest.raises(InvalidInput, match=r"no column found for time.*symbol, open, high, low, close, volume"):
        map_columns(["symbol", "open", "high", "low", "close", "volume"])


def test_a_file_without_a_symbol_needs_one_given() -> None:
    header = ["date", "open", "high", "low", "close"]
    with pytest.raises(InvalidInput, match="symbol="):
        map_columns(header)
    assert map_columns(header, symbol="EURUSD").symbol == "EURUSD"


@pytest.mark.parametrize(
    ("given", "message"),
    [({"time": "Zeit"}, "which the file lacks"), ({"price": "close"}, "names the field 'price'")],
)
def test_a_wrong_mapping_is_refused(given: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        map_columns(["symbol", "date", "open", "high", "low", "close"], given=given)


def test_columns_of_one_name_stay_apart_in_quarantine() -> None:
    mapping = map_columns(["symbol", "date", "open", "high", "low", "close", "close"])
    assert mapping.unique_header()[-2:] == ["close", "close#2"]
