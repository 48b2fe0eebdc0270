"""Minute bars of LEAN aggregated to days, against LEAN's own daily file (October 2013)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np

from causeway.adapters.feeds.csv_files import open_table
from causeway.market_data.aggregator import aggregate
from causeway.market_data.columns import map_columns
from causeway.market_data.ingestion import CheckedRows, CheckOptions, check_rows
from causeway.market_data.sessions import session_days, session_hours
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize


def bars_of(checked: CheckedRows, symbol: str) -> BarColumns:
    rows = checked.accepted[checked.parsed.symbol_id[checked.accepted] == checked.parsed.symbols.index(symbol)]
    rows = rows[np.argsort(checked.time_us[rows])]
    return BarColumns(checked.time_us[rows], *checked.parsed.values[rows].T)


def read(path: Path) -> CheckedRows:
    table = open_table(path)
    options = CheckOptions(now=datetime(2024, 1, 1, tzinfo=UTC))
    return check_rows(table.rows(), map_columns(table.header), options, session_days)


def between(bars: BarColumns, start: datetime, end: datetime) -> BarColumns:
    kept = (bars.time_us >= start.timestamp() * 1e6) & (bars.time_us < end.timestamp() * 1e6)
    open_, high, low, close, volume = (
        column[kept] for column in (bars.open, bars.high, bars.low, bars.close, bars.volume)
    )
    return BarColumns(bars.time_us[kept], open_, high, low, close, volume)


def test_bank_of_america(test_data: Path) -> None:
    minutes = read(test_data / "intraday/lean_us_minute_trade_6sym.csv.gz")
    assert minutes.bar_size is BarSize.MINUTE_1
    daily = bars_of(read(test_data / "daily/lean_us_raw_ohlcv_16tickers_1998-2021.csv.gz"), "BAC")
    fine = bars_of(minutes, "BAC")
    equal = 0
    for day in (date(2013, 10, 4), date(2013, 10, 7), date(2013, 10, 8), date(2013, 10, 9), date(2013, 10, 10),
                date(2013, 10, 11)):  # fmt: skip
        hours = session_hours("XNYS", day)
        assert hours is not None
        found = aggregate(between(fine, *hours), BarSize.DAY_1, zone="America/New_York")
        at = int(np.searchsorted(daily.time_us, found.time_us[0]))
        assert daily.time_us[at] == found.time_us[0]
        for name in ("open", "high", "low", "close", "volume"):
            assert getattr(found, name)[0] == getattr(daily, name)[at], (day, name)
        equal += 1
    assert equal == 6
