"""Recorded files as columns, for the tests of known answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from causeway.adapters.feeds.csv_files import open_table
from causeway.market_data.columns import map_columns
from causeway.market_data.eligibility import Rule, classify
from causeway.market_data.ingestion import CheckedRows, CheckOptions, check_rows
from causeway.market_data.sessions import session_days
from causeway.market_data.trade_bars import TradeColumns
from causeway.model.bar import BarColumns
from causeway.model.time import micros


def records(path: Path) -> Iterator[dict[str, str]]:
    table = open_table(path)
    for _, cells in table.rows():
        yield dict(zip(table.header, cells, strict=True))


def checked_file(path: Path) -> CheckedRows:
    table = open_table(path)
    options = CheckOptions(now=datetime(2024, 1, 1, tzinfo=UTC))
    return check_rows(table.rows(), map_columns(table.header), options, session_days)


def bars_of(checked: CheckedRows, symbol: str) -> BarColumns:
    rows = checked.accepted[checked.parsed.symbol_id[checked.accepted] == checked.parsed.symbols.index(symbol)]
    rows = rows[np.argsort(checked.time_us[rows])]
    return BarColumns(checked.time_us[rows], *checked.parsed.values[rows].T)


def between(bars: BarColumns, start: datetime, end: datetime) -> BarColumns:
    return bars.rows((bars.time_us >= micros(start)) & (bars.time_us < micros(end)))


def lean_trades(path: Path, day: str, rule: Rule) -> TradeColumns:
    """LEAN's tick file of one New York day."""
    mine = [row for row in records(path) if row["ts"].startswith(day)]
    tier, volume = classify([(row["sale_condition_hex"],) for row in mine], rule)
    time_us = np.array([micros(datetime.fromisoformat(row["ts"])) for row in mine], dtype=np.int64)
    price, size = (np.array([float(row[name]) for row in mine]) for name in ("price", "size"))
    return TradeColumns.of(time_us, price, size, tier=tier, volume=volume)


def table_of(bars: BarColumns) -> NDArray[np.float64]:
    """(n_bars, 6): time, open, high, low, close, volume."""
    return np.asarray(np.c_[bars.time_us.astype(float), bars.prices(), bars.volume])
