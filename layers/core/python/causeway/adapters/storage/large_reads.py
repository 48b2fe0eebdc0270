"""A large range on two connections at once: each reads half of the bars, by the coverage, and both the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import numpy as np

from causeway.adapters.storage import packed_bars
from causeway.adapters.storage.database import Transaction
from causeway.errors import Unavailable
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize

LARGE_BARS = 100_000  # what one connection reads alone; more is shared, if as much again is left
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_range(
    transaction: Transaction, instrument_id: int, bar_size: BarSize, start: datetime, end: datetime
) -> BarColumns:
    """Stored bars in [start, end), ascending."""
    head = packed_bars.read_bars(transaction, [instrument_id], bar_size, start, end, limit=LARGE_BARS)[instrument_id]
    if len(head) < LARGE_BARS:
        return head
    start = _EPOCH + (int(head.time_us[-1]) + 1) * _MICROSECOND
    middle = _middle(transaction, instrument_id, bar_size, start, end)

    def read(of: Transaction, first: datetime, last: datetime) -> BarColumns:
        return packed_bars.read_bars(of, [instrument_id], bar_size, first, last)[instrument_id]

    rest = [read(transaction, start, end)] if middle is None else _shared(transaction, read, start, middle, end)
    return BarColumns.together([head, *rest])


def _shared(
    transaction: Transaction,
    read: Callable[[Transaction, datetime, datetime], BarColumns],
    start: datetime,
    middle: datetime,
    end: datetime,
) -> list[BarColumns]:
    """Both halves; one after the other where no second connection is free."""
    try:
        with transaction.beside() as second, ThreadPoolExecutor(1) as other:
            later = other.submit(read, second, middle, end)
            return [read(transaction, start, middle), later.result()]
    except Unavailable:
        return [read(transaction, start, end)]


def _middle(
    transaction: Transaction, instrument_id: int, bar_size: BarSize, start: datetime, end: datetime
) -> datetime | None:
    """The day on which half of the bars from ``start`` to ``end`` are reached; None where they are few."""
    rows = transaction.all(
        "market_data_years",
        instrument_id=instrument_id,
        bar_size=bar_size.value,
        first_year=start.year,
        last_year=end.year,
    )
    days = [date(row["year"], 1, 1).toordinal() + np.arange(len(row["bars"])) for row in rows]
    if not days:
        return None
    day, bars = np.concatenate(days), np.concatenate([row["bars"] for row in rows])
    inside = (day > start.date().toordinal()) & (day < end.date().toordinal()) & (bars > 0)
    reached = np.cumsum(bars[inside])
    if len(reached) == 0 or reached[-1] < LARGE_BARS:
        return None
    half = date.fromordinal(int(day[inside][np.searchsorted(reached, reached[-1] / 2)]))
    return datetime(half.year, half.month, half.day, tzinfo=UTC)
