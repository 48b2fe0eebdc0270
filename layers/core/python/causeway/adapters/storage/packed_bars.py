"""Bars out of the database as columns: the server packs each bar into 48 bytes, a bytea holds very many bars.

One value of ten megabytes instead of a million rows of six: for a million bars that takes half the CPU seconds of a
binary COPY into Arrow, which is the fastest way that a driver offers (``python -m bench store-read``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from causeway.adapters.storage.binary_copy import PG_EPOCH_US
from causeway.adapters.storage.database import Transaction
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize

CHUNK_BARS = 500_000  # of all instruments of a query together
_FEWEST_BARS = 1000  # of one instrument in a query
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def read_bars(
    transaction: Transaction,
    instrument_ids: Sequence[int],
    bar_size: BarSize,
    start: datetime,
    end: datetime,
    *,
    limit: int | None = None,
    query: str = "market_data_bars",
) -> dict[int, BarColumns]:
    """Bars in [start, end) of every instrument, ascending; at most ``limit`` of each."""
    parts: dict[int, list[BarColumns]] = {one: [] for one in instrument_ids}
    for found in chunks(transaction, instrument_ids, bar_size, start, end, most=limit or CHUNK_BARS, query=query):
        for instrument_id, bars in found.items():
            parts[instrument_id].append(bars)
        if limit is not None:
            break
    return {instrument_id: BarColumns.together(mine) for instrument_id, mine in parts.items()}


def chunks(
    transaction: Transaction,
    instrument_ids: Sequence[int],
    bar_size: BarSize,
    start: datetime,
    end: datetime,
    *,
    most: int = CHUNK_BARS,
    query: str = "market_data_bars",
) -> Iterator[dict[int, BarColumns]]:
    """The same bars, a query at a time; each brings at most about ``most``."""
    starts = dict.fromkeys(instrument_ids, start)
    while starts:
        each = most if len(starts) == 1 else max(_FEWEST_BARS, most // len(starts))
        found = _query(transaction, starts, bar_size, end, each, query)
        if found:
            yield found
        starts = {
            instrument_id: _EPOCH + (int(bars.time_us[-1]) + 1) * _MICROSECOND
            for instrument_id, bars in found.items()
            if len(bars) == each
        }


def unpack(data: bytes) -> BarColumns:
    """Big-endian rows of six numbers of 8 bytes: microseconds since 2000, open, high, low, close, volume."""
    times = np.frombuffer(data, dtype=">i8").reshape(-1, 6)
    prices = np.frombuffer(data, dtype=">f8").reshape(-1, 6)
    return BarColumns(
        times[:, 0].astype(np.int64) + PG_EPOCH_US, *(prices[:, at].astype(np.float64) for at in range(1, 6))
    )


def _query(
    transaction: Transaction, starts: Mapping[int, datetime], bar_size: BarSize, end: datetime, most: int, query: str
) -> dict[int, BarColumns]:
    rows = transaction.binary(
        query,
        ids=list(starts),
        starts=list(starts.values()),
        start=min(starts.values()),
        end=end,
        bar_size=bar_size.value,
        most=most,
    )
    return {row["instrument_id"]: unpack(row["bars"]) for row in rows if row["bars"]}
