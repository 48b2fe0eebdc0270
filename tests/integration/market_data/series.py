"""Instruments and bars for tests of the store, without a file."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import psycopg

from causeway.model.bar import BarColumns
from tests.fixtures.databases import Databases

MINUTE_US = 60_000_000


def add_instrument(databases: Databases, symbol: str, calendar: str = "XNYS", asset_class: str = "equity") -> int:
    """A new instrument that the symbol means at all times; its id."""
    with psycopg.connect(databases.owner_url, autocommit=True) as connection:
        row = connection.execute(
            "WITH made AS (INSERT INTO instruments (asset_class, calendar) VALUES (%s, %s) RETURNING id) "
            "INSERT INTO symbols (symbol, instrument_id) SELECT %s, id FROM made RETURNING instrument_id",
            [asset_class, calendar, symbol],
        ).fetchone()
    assert row is not None
    return int(row[0])


def bars_from(first: datetime, count: int, step_us: int = MINUTE_US, base: float = 100.0) -> BarColumns:
    """Bar i opens at base + i, is 2 high and 1 low of it, closes 0.5 above, and has volume i + 1."""
    number = np.arange(count, dtype=np.float64)
    opened = base + number
    time_us = int(first.timestamp()) * 1_000_000 + np.arange(count, dtype=np.int64) * step_us
    return BarColumns(time_us, opened, opened + 2, opened - 1, opened + 0.5, number + 1)


def same(one: BarColumns, other: BarColumns) -> bool:
    """Whether all six columns are equal."""
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("time_us", "open", "high", "low", "close", "volume")
    )
