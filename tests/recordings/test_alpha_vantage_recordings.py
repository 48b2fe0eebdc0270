"""Every recorded answer of Alpha Vantage is read as bars, or refused as what it is.

Source: crazzyghost/alphavantage-java and RomelTorres/alpha_vantage (MIT), their tests' data.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from causeway.adapters.feeds.alpha_vantage_answers import read_series
from causeway.errors import Unavailable

# Rows, and the last one's stamp and close, read off each file.
SERIES = {
    "TIME_SERIES_INTRADAY_1min_MSFT.json": (100, "2017-12-18 14:56:00", 86.5),
    "TIME_SERIES_INTRADAY_EXTENDED_1min.csv": (11190, "2020-12-18 20:00:00", 218.75),
    "java_crypto_daily.json": (3, "2025-08-24", 97886.73),
    "java_timeseries_daily.json": (2, "2020-05-08", 121.79),
    "java_timeseries_dailyadjusted.json": (2, "2020-05-08", 121.805),
    "java_timeseries_intraday.json": (2, "2020-05-08 14:05:00", 121.74),
    "java_timeseries_monthly.json": (2, "2020-05-08", 121.84),
    "java_timeseries_weekly.json": (2, "2020-05-08", 121.805),
}
OTHER = [
    "CURRENCY_EXCHANGE_RATE_BTC_CNY.json", "GLOBAL_QUOTE_MSFT.json", "SYMBOL_SEARCH_BA.json",
    "java_exchangerate_data-with-no-bid-or-ask-price.json", "java_exchangerate_data.json", "java_forex_daily.json",
    "java_forex_intraday.json", "java_marketstatus_data.json", "java_timeseries_globalquote.json",
    "java_timeseries_realtimebulkquote.json",
]  # fmt: skip


def test_every_file_is_tried(test_data: Path) -> None:
    there = {path.name for path in (test_data / "wire/alpha_vantage").iterdir()} - {"errors_quoted.jsonl"}
    assert there == {*SERIES, *OTHER}


@pytest.mark.parametrize("name", SERIES)
def test_a_series(test_data: Path, name: str) -> None:
    rows = read_series((test_data / "wire/alpha_vantage" / name).read_text(), 60.0)
    assert (len(rows), rows[-1][0], rows[-1][1][3]) == SERIES[name]
    assert [stamp for stamp, _ in rows] == sorted(stamp for stamp, _ in rows)


@pytest.mark.parametrize("name", OTHER)
def test_an_answer_to_another_question_is_no_series(test_data: Path, name: str) -> None:
    """Rates, quotes, searches; foreign exchange has no volume and is asked for by a function of its own."""
    text = (test_data / "wire/alpha_vantage" / name).read_text()
    assert json.loads(text)
    with pytest.raises(Unavailable, match=r"without a time series|cannot be read"):
        read_series(text, 60.0)
