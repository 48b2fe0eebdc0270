"""Messages of Alpaca's stream and of its REST interface, as its documentation shows them."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgpack
import pytest

from causeway.adapters.feeds.alpaca import columns
from causeway.adapters.feeds.alpaca.messages import read
from causeway.adapters.feeds.alpaca.stream import unpack
from causeway.errors import Denied, Unavailable
from causeway.model.corporate_action import ActionKind, CorporateAction
from causeway.model.tick import PriceBands, QuoteTick, TradeCorrection, TradeTick, TradingStatus
from causeway.ports.feed import FeedEvent, Unreadable

NOW = datetime(2021, 2, 22, 15, 51, 45, tzinfo=UTC)
THEN = datetime(2021, 2, 22, 15, 51, 44, 208_000, tzinfo=UTC)
TRADE: dict[str, Any] = {
    **{"T": "t", "i": 96921, "S": "AAPL", "x": "D", "p": 126.55, "s": 1, "t": THEN, "c": ["@", "I"], "z": "C"}
}
QUOTE: dict[str, Any] = {
    **{"T": "q", "S": "AMD", "bx": "U", "bp": 87.66, "bs": 1, "ax": "Q", "ap": 87.68, "as": 4, "t": THEN, "z": "C"}
}


def one(message: object) -> FeedEvent:
    (event,) = read(message, NOW)
    return event


def test_a_trade() -> None:
    assert one(TRADE) == TradeTick(
        *("AAPL", THEN, Decimal("126.55"), Decimal(1), NOW, "alpaca"),
        trade_id="96921",
        venue="D",
        conditions=("@", "I"),
        eligible=False,
    )


def test_a_quote_has_sizes_in_shares() -> None:
    expected = QuoteTick("AMD", THEN, Decimal("87.66"), Decimal("87.68"), Decimal(100), Decimal(400), NOW, "alpaca")
    assert one(QUOTE) == expected


def test_a_side_that_nobody_offers_is_none() -> None:
    quote = one({**QUOTE, "ap": 0, "as": 0})
    assert isinstance(quote, QuoteTick)
    assert (quote.ask, quote.ask_size) == (None, Decimal(0))


def test_a_correction_names_the_trade_that_it_replaces() -> None:
    message = {
        **{"T": "c", "S": "EEM", "x": "M", "oi": 52983525033527, "op": 39.1582, "os": 440000, "oc": [" ", "7"]},
        **{"ci": 52983525034326, "cp": 39.1809, "cs": 440000, "cc": [" ", "7"], "z": "B", "t": THEN},
    }
    correction = one(message)
    assert isinstance(correction, TradeCorrection)
    assert (correction.symbol, correction.trade_id, correction.venue) == ("EEM", "52983525033527", "M")
    assert correction.corrected is not None
    assert correction.corrected.trade_id == "52983525034326"
    assert correction.corrected.price == Decimal("39.1809")
    assert not correction.corrected.eligible
    assert correction.earlier is not None
    assert (correction.earlier.price, correction.earlier.size) == (Decimal("39.1582"), Decimal(440000))


def test_a_cancelled_trade_has_no_successor() -> None:
    message = {"T": "x", "S": "GOOGL", "i": 465, "x": "D", "p": 1421.0, "s": 12, "a": "C", "z": "C", "t": THEN}
    correction = one(message)
    assert isinstance(correction, TradeCorrection)
    assert (correction.symbol, correction.trade_id, correction.venue) == ("GOOGL", "465", "D")
    assert correction.corrected is None
    assert correction.earlier is not None
    assert (correction.earlier.price, correction.earlier.size) == (Decimal(1421), Decimal(12))


@pytest.mark.parametrize(
    ("code", "halted"),
    [("H", True), ("T", False), ("P", True), ("2", True), ("3", False), ("Q", None), ("5", None), ("E", None)],
)
def test_a_trading_status(code: str, halted: bool | None) -> None:
    """Codes as docs.alpaca.markets lists them for CTA and UTP; one that is neither halt nor resumption says nothing."""
    status = one({"T": "s", "S": "AAPL", "sc": code, "sm": "Trading Halt", "rc": "T12", "rm": "Asked", "t": THEN})
    assert status == TradingStatus("AAPL", THEN, halted, code, "Asked", NOW, "alpaca")


@pytest.mark.parametrize(
    ("status", "reason", "told"),
    [("Trading Halt", "", "Trading Halt"), ("Volatility Trading Pause", "Paused", "Volatility Trading Pause; Paused")],
)
def test_the_reason_of_a_halt_is_what_is_more_than_that_it_is_one(status: str, reason: str, told: str) -> None:
    found = one({"T": "s", "S": "AAPL", "sc": "H", "sm": status, "rc": "", "rm": reason, "t": THEN})
    assert isinstance(found, TradingStatus)
    assert found.reason == told


def test_limit_up_and_limit_down_are_price_bands() -> None:
    """The example of docs.alpaca.markets/docs/real-time-stock-pricing-data."""
    bands = one({"T": "l", "S": "IONM", "u": 3.24, "d": 2.65, "i": "B", "t": THEN, "z": "C"})
    assert bands == PriceBands("IONM", THEN, Decimal("2.65"), Decimal("3.24"), "B", NOW, "alpaca")


@pytest.mark.parametrize("kind", ["b", "u", "d", "n", "success", "subscription"])
def test_what_says_nothing_of_trades_and_quotes_is_passed_over(kind: str) -> None:
    assert read({"T": kind, "S": "SPY"}, NOW) == ()


@pytest.mark.parametrize(
    "message",
    [
        7,
        {},
        {"T": "?"},
        {**TRADE, "S": ""},
        {**TRADE, "p": "free"},
        {**TRADE, "p": math.nan},
        {**TRADE, "s": -1},
        {**TRADE, "t": "2021-02-22T15:51:44.208Z"},
        {key: value for key, value in TRADE.items() if key != "i"},
        {"T": "error", "code": 400, "msg": "invalid syntax"},
    ],
)
def test_a_message_that_cannot_be_read_is_told_with_a_reason(message: object) -> None:
    event = one(message)
    assert isinstance(event, Unreadable)
    assert event.reason


@pytest.mark.parametrize("code", [401, 402, 409, 410, 411])
def test_errors_that_trying_again_does_not_mend_are_denied(code: int) -> None:
    with pytest.raises(Denied, match=f"{code}: said"):
        read({"T": "error", "code": code, "msg": "said"}, NOW)


@pytest.mark.parametrize("code", [404, 406, 407, 500])
def test_errors_that_end_a_connection_are_unavailable(code: int) -> None:
    with pytest.raises(Unavailable, match=f"{code}: said"):
        read({"T": "error", "code": code, "msg": "said"}, NOW)


def test_being_signed_in_already_is_no_error() -> None:
    assert read({"T": "error", "code": 403, "msg": "already authenticated"}, NOW) == ()


def test_a_frame_holds_messages_and_its_timestamps_are_times() -> None:
    moment = msgpack.Timestamp(1614009104, 208_000_123)
    assert list(unpack(msgpack.packb([{"T": "t", "t": moment}]))) == [{"T": "t", "t": THEN}]


@pytest.mark.parametrize("frame", [b"", b"\xc1", b"\x92\x01", b"\xff\xfe{}", "[]", b"\x91" * 2000])
def test_a_frame_that_is_no_list_of_messages_is_told(frame: str | bytes) -> None:
    events = [one(message) if not isinstance(message, Unreadable) else message for message in unpack(frame)]
    assert events
    assert all(isinstance(event, Unreadable) for event in events)


@pytest.mark.parametrize(
    ("conditions", "size", "eligible"),
    [(["@"], Decimal(100), True), (["@", "I"], Decimal(100), False), (["@", "M"], Decimal(0), False)],
)
def test_what_counts_for_no_volume_has_no_size(conditions: list[str], size: Decimal, eligible: bool) -> None:
    """M, the official close, repeats the size of the closing auction."""
    [trade] = read({**TRADE, "s": 100, "c": conditions}, NOW)
    assert isinstance(trade, TradeTick)
    assert (trade.size, trade.eligible) == (size, eligible)
    rest = {"t": "2022-03-09T21:00:00Z", "p": 9.5, "s": 100, "c": conditions, "z": "C", "i": 7}
    found = columns.trade_columns([rest])
    assert (found.size.tolist(), found.eligible.tolist()) == ([float(size)], [eligible])


def test_times_of_any_number_of_digits() -> None:
    texts = ["2022-03-09T05:00:02.183Z", "2022-03-18T14:02:09.722539521Z", "2022-02-01T05:00:00Z"]
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    assert [epoch + timedelta(microseconds=at) for at in columns.micros(texts).tolist()] == [
        datetime(2022, 3, 9, 5, 0, 2, 183_000, tzinfo=UTC),
        datetime(2022, 3, 18, 14, 2, 9, 722_539, tzinfo=UTC),
        datetime(2022, 2, 1, 5, tzinfo=UTC),
    ]
    with pytest.raises(ValueError, match="end with Z"):
        columns.micros(["2022-02-01T05:00:00+01:00"])


BAR = {"t": "2022-02-01T05:00:00Z", "o": 174, "h": 174.84, "l": 172.31, "c": 174.61, "v": 85998033, "n": 1, "vw": 1.0}


def test_bars() -> None:
    bars = columns.bar_columns(columns.items({"bars": {"AAPL": [BAR]}, "next_page_token": None}, "bars", "AAPL"))
    assert (bars.open[0], bars.high[0], bars.low[0], bars.close[0]) == (174.0, 174.84, 172.31, 174.61)
    assert bars.volume[0] == 85_998_033


@pytest.mark.parametrize("answer", [{"bars": {}}, {"bars": None}, {"bars": {"AAPL": None}}])
def test_nothing_is_an_empty_list(answer: dict[str, Any]) -> None:
    assert columns.items(answer, "bars", "AAPL") == []


@pytest.mark.parametrize("answer", [{}, {"message": "?"}, {"bars": []}, {"bars": {"AAPL": {"t": 1}}}])
def test_an_answer_of_another_shape_is_unavailable(answer: dict[str, Any]) -> None:
    with pytest.raises(Unavailable, match="without a list of bars"):
        columns.items(answer, "bars", "AAPL")


@pytest.mark.parametrize("bad", [{"o": None}, {"o": "free"}, {"t": "now"}, {"t": None}])
def test_a_bar_with_a_value_missing_spoils_the_answer(bad: dict[str, Any]) -> None:
    with pytest.raises(Unavailable, match="cannot be read"):
        columns.bar_columns([{**BAR, **bad}])


def test_bars_that_do_not_ascend_spoil_the_answer() -> None:
    with pytest.raises(Unavailable, match="ascend"):
        columns.bar_columns([BAR, BAR])


def test_corporate_actions() -> None:
    groups = {
        "forward_splits": [{"ex_date": "2023-08-22", "new_rate": 2, "old_rate": 1}],
        "reverse_splits": [{"ex_date": "2023-08-24", "new_rate": 1, "old_rate": 50}],
        "stock_dividends": [{"ex_date": "2023-05-19", "rate": 0.05}],
        "cash_dividends": [{"ex_date": "2024-08-07", "rate": 0.086928, "special": False}],
        "spin_offs": [{"ex_date": "2023-08-15", "new_rate": 1, "source_rate": 19.35}],
    }
    assert columns.corporate_actions({"corporate_actions": groups}) == [
        CorporateAction(ActionKind.SPLIT, date(2023, 8, 22), Decimal(2)),
        CorporateAction(ActionKind.SPLIT, date(2023, 8, 24), Decimal("0.02")),
        CorporateAction(ActionKind.SPLIT, date(2023, 5, 19), Decimal("1.05")),
        CorporateAction(ActionKind.DIVIDEND, date(2024, 8, 7), Decimal("0.086928")),
    ]


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"corporate_actions": {"forward_splits": [{"ex_date": "2023-08-22", "new_rate": 2}]}},
        {"corporate_actions": {"forward_splits": [{"ex_date": "2023-08-22", "new_rate": 2, "old_rate": 0}]}},
        {"corporate_actions": {"cash_dividends": [{"ex_date": "soon", "rate": 1}]}},
    ],
)
def test_corporate_actions_that_cannot_be_read_are_unavailable(answer: dict[str, Any]) -> None:
    with pytest.raises(Unavailable):
        columns.corporate_actions(answer)
