"""LEAN's own zips against the same bars as published in other files. Source: QuantConnect/LEAN, Data (Apache-2.0)."""

from __future__ import annotations

import csv
import gzip
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from causeway.adapters.feeds.file_feed import FileFeed
from causeway.model.time import BarSize
from causeway.ports.feed import BarPage, BarsRequest, FetchControl


def fetch(test_data: Path, symbol: str, size: BarSize, start: str, end: str) -> list[BarPage]:
    first, last = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (start, end))
    return list(FileFeed(test_data / "wire/lean_native").bars(BarsRequest(symbol, size, first, last), FetchControl()))


def rows(file: Path, symbol: str) -> list[dict[str, str]]:
    with gzip.open(file, "rt", newline="") as text:
        return [row for row in csv.DictReader(text) if row["symbol"].upper() == symbol]


def assert_same(page: BarPage, expected: list[dict[str, str]], stamps: list[datetime]) -> None:
    assert page.bars.time_us.tolist() == [int(stamp.timestamp()) * 1_000_000 for stamp in stamps]
    for name in ("open", "high", "low", "close", "volume"):
        np.testing.assert_array_equal(getattr(page.bars, name), [float(row[name]) for row in expected], err_msg=name)


def test_days_of_ibm(test_data: Path) -> None:
    expected = rows(test_data / "daily/lean_us_raw_ohlcv_16tickers_1998-2021.csv.gz", "IBM")
    assert len(expected) > 5000
    [page] = fetch(test_data, "IBM", BarSize.DAY_1, "1998-01-01", "2022-01-01")
    assert_same(page, expected, [datetime.fromisoformat(row["date"][:10]).replace(tzinfo=UTC) for row in expected])


def test_minutes_of_spy(test_data: Path) -> None:
    """From 04:00 to 20:00 in New York, as the file has them."""
    found = rows(test_data / "intraday/lean_us_minute_trade_6sym.csv.gz", "SPY")
    expected = [row for row in found if row["ts_bar_start"].startswith("2013-10-07")]
    assert len(expected) > 390
    [page] = fetch(test_data, "SPY", BarSize.MINUTE_1, "2013-10-07", "2013-10-09")
    assert_same(page, expected, [datetime.fromisoformat(row["ts_bar_start"]) for row in expected])
