"""Fine bars of LEAN aggregated to coarse ones, against LEAN's own coarse files (October 2013).

LEAN's files disagree with one another in a few stated places; those are part of the answer.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from causeway.market_data.aggregator import aggregate
from causeway.market_data.schedule import exchange_schedule
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize
from tests.answers.market_data.recorded import bars_of, checked_file, table_of

NAMES = ("time", "open", "high", "low", "close", "volume")


def equal_days(test_data: Path, symbol: str) -> tuple[dict[str, int], NDArray[np.float64], NDArray[np.float64]]:
    minutes = bars_of(checked_file(test_data / "intraday/lean_us_minute_trade_6sym.csv.gz"), symbol)
    daily = bars_of(checked_file(test_data / "daily/lean_us_raw_ohlcv_16tickers_1998-2021.csv.gz"), symbol)
    days = exchange_schedule("XNYS", date(2013, 10, 4), date(2013, 10, 11))
    inside = (minutes.time_us >= days.first_us) & (minutes.time_us < days.end_us)
    found = table_of(aggregate(minutes.rows(inside), BarSize.DAY_1, zone="America/New_York", schedule=days))
    expected = table_of(daily)[np.searchsorted(daily.time_us, found[:, 0])]
    return {name: int((found[:, at] == expected[:, at]).sum()) for at, name in enumerate(NAMES)}, found, expected


def test_bank_of_america(test_data: Path) -> None:
    equal, _, _ = equal_days(test_data, "BAC")
    assert equal == dict.fromkeys(NAMES, 6)


def test_the_fund_on_the_index_but_for_one_low(test_data: Path) -> None:
    equal, found, expected = equal_days(test_data, "SPY")
    assert equal == {**dict.fromkeys(NAMES, 6), "low": 5}
    differing = found[:, 3] != expected[:, 3]
    assert (found[differing, 3].tolist(), expected[differing, 3].tolist()) == ([165.36], [165.37])


def test_ibm_whose_daily_volume_holds_more_than_its_minutes(test_data: Path) -> None:
    equal, found, expected = equal_days(test_data, "IBM")
    assert (equal["open"], equal["close"], equal["volume"]) == (6, 6, 1)
    more = (expected[:, 5] - found[:, 5])[expected[:, 5] != found[:, 5]]
    assert (more.min(), more.max()) == (3040, 72272)


def test_seconds_to_minutes(test_data: Path) -> None:
    seconds = bars_of(checked_file(test_data / "intraday/lean_spy_second_trade_20131007.csv.gz"), "SPY")
    minutes = bars_of(checked_file(test_data / "intraday/lean_us_minute_trade_6sym.csv.gz"), "SPY")
    found = table_of(aggregate(seconds, BarSize.MINUTE_1, zone="America/New_York"))
    expected = table_of(minutes)[np.searchsorted(minutes.time_us, found[:, 0])]
    assert len(found) == 828
    assert found[:, :5].tolist() == expected[:, :5].tolist()
    assert (found[:, 5] == expected[:, 5]).sum() == 770
    assert np.abs(found[:, 5] - expected[:, 5]).max() == 5782


@pytest.mark.parametrize(("symbol", "equal_volumes"), [("SPY", 42), ("BAC", 42), ("IBM", 37)])
def test_hours_of_the_regular_session(test_data: Path, symbol: str, equal_volumes: int) -> None:
    """LEAN labels the first hour 09:00, though it holds 09:30 to 10:00: intervals lie on the clock, cut by the session.

    Its hours were made from other prints than its minutes: prices differ by a cent here and there, volumes do not.
    """
    minutes = bars_of(checked_file(test_data / "intraday/lean_us_minute_trade_6sym.csv.gz"), symbol)
    hours = bars_of(checked_file(test_data / "intraday/lean_us_hour_trade_SPY_IBM_BAC_2013-2014.csv.gz"), symbol)
    days = exchange_schedule("XNYS", date(2013, 10, 4), date(2013, 10, 11))
    inside = (minutes.time_us >= days.first_us) & (minutes.time_us < days.end_us)
    mine: BarColumns = minutes.rows(inside)
    found = table_of(aggregate(mine, BarSize.HOUR_1, zone="America/New_York", schedule=days))
    expected = table_of(hours)[np.searchsorted(hours.time_us, found[:, 0])]
    assert len(found) == 6 * 7
    assert found[:, 0].tolist() == expected[:, 0].tolist()
    assert (found[:, 5] == expected[:, 5]).sum() == equal_volumes
    assert np.median(np.abs(found[:, 1:5] - expected[:, 1:5])) == 0


@pytest.mark.parametrize("symbol", ["SPY", "BAC", "IBM"])
def test_hours_to_days(test_data: Path, symbol: str) -> None:
    """Of the hours from 2013 to 2014, half days among them, every day's prices and volume are LEAN's own.

    The first hour is labelled 09:00, before the session begins, and is part of it.
    """
    hours = bars_of(checked_file(test_data / "intraday/lean_us_hour_trade_SPY_IBM_BAC_2013-2014.csv.gz"), symbol)
    daily = bars_of(checked_file(test_data / "daily/lean_us_raw_ohlcv_16tickers_1998-2021.csv.gz"), symbol)
    days = exchange_schedule("XNYS", date(2013, 1, 1), date(2015, 1, 5))
    found = table_of(aggregate(hours, BarSize.DAY_1, zone="America/New_York", schedule=days))
    expected = table_of(daily)[np.searchsorted(daily.time_us, found[:, 0])]
    assert (len(hours), len(found)) == (3510, 504)
    assert found.tolist() == expected.tolist()
