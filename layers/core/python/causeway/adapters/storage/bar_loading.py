"""Storing bars in bulk: straight into the table where nothing is stored yet, else compared with what is.

Everybody who stores bars takes the locks on the instruments' rows first (``bars_lock_instruments``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from causeway.adapters.storage.binary_copy import RowEncoder, copy_in
from causeway.adapters.storage.coverage import add_years, years_of
from causeway.adapters.storage.database import Row, Transaction, named_queries
from causeway.errors import InvalidInput, NotFound
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize

# A statement stores at most so many bars, so that the time limit of statements bounds a load of any size.
STATEMENT_BARS = 500_000
_FIELDS = ("open", "high", "low", "close", "volume")
BAR_FIELDS = (("instrument_id", "int4"), ("time", "timestamptz"), *((name, "float8") for name in _FIELDS))
STAGED = (("row", "int4"), *BAR_FIELDS)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Stored:
    """How many bars were new, changed, and stored already with the same values."""

    inserted: int
    updated: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class BarLoad:
    """Bars of several instruments, by instrument id, of one size and from one source."""

    bars: Mapping[int, BarColumns]
    bar_size: BarSize
    source: str
    ingestion_id: UUID | None = None

    def store(self, transaction: Transaction) -> Stored:
        """Within the caller's transaction.

        Raises:
            InvalidInput: bars do not ascend, or hold something that is not a number.
            NotFound: there is no such instrument.
        """
        filled = {one: bars for one, bars in sorted(self.bars.items()) if len(bars)}
        for instrument_id, bars in filled.items():
            _check(instrument_id, bars)
        if not filled:
            return Stored(0, 0, 0)
        _lock(transaction, list(filled))
        ranges = _ranges(filled)
        transaction.all("bars_ensure_partitions", first=min(ranges["firsts"]), last=max(ranges["lasts"]))
        if transaction.one("bars_first_held", bar_size=self.bar_size.value, **ranges) is None:
            return self._copy(transaction, filled, ranges)
        return self._compare(transaction, filled)

    def _copy(self, transaction: Transaction, filled: Mapping[int, BarColumns], ranges: Row) -> Stored:
        constant = [self.bar_size.value.encode(), self.source.encode()]
        query = "bars_copy"
        if self.ingestion_id is not None:
            constant.append(self.ingestion_id.bytes)
            query = "bars_copy_of_ingestion"
        encoder = RowEncoder(BAR_FIELDS, constant)
        stored = 0
        for part in columns_in_parts(filled):
            copy_in(transaction.connection, named_queries()[query], encoder.chunks(part))
            stored += len(part["time"])
        note_change(transaction, self.bar_size, filled)
        add_years(transaction, self.bar_size, years_of(filled))
        if self.bar_size is BarSize.MINUTE_1:
            transaction.run("bars_mark_stale", **ranges)
        return Stored(stored, 0, 0)

    def _compare(self, transaction: Transaction, filled: Mapping[int, BarColumns]) -> Stored:
        inserted = updated = rows = 0
        encoder = RowEncoder(STAGED)
        for part in columns_in_parts(filled):
            rows += len(part["time"])
            stage(transaction, encoder, part)
            counts = put_staged(transaction, part, self.bar_size, self.source, self.ingestion_id)
            inserted, updated = inserted + counts["inserted"], updated + counts["updated"]
        return Stored(inserted, updated, rows - inserted - updated)


def note_change(transaction: Transaction, bar_size: BarSize, instrument_ids: Iterable[int]) -> None:
    """Caches hold minutes, adjusted ones too: whoever changes those, what they may be made from, or daily closes, of
    which the step of a dividend is made, says so."""
    if bar_size.width <= BarSize.MINUTE_1.width or bar_size is BarSize.DAY_1:
        transaction.changed_series.update(instrument_ids)


def stage(transaction: Transaction, encoder: RowEncoder, part: Columns) -> None:
    """Bars into the staging table, in the place of what it held."""
    transaction.run("bars_stage")
    transaction.run("bars_unstage_all")
    rows = part if "row" in part else {**part, "row": np.arange(len(part["time"]))}
    copy_in(transaction.connection, named_queries()["bars_stage_copy"], encoder.chunks(rows))


def put_staged(
    transaction: Transaction, part: Columns, bar_size: BarSize, source: str, ingestion_id: UUID | None
) -> Row:
    """Store what is staged; ``part`` holds at least the instruments and times of it."""
    ids = np.unique(part["instrument_id"]).tolist()
    note_change(transaction, bar_size, ids)
    (counts,) = transaction.all(
        "bars_put_staged",
        ids=ids,
        first=moment(part["time"].min()),
        last=moment(part["time"].max()),
        bar_size=bar_size.value,
        source=source,
        ingestion_id=ingestion_id,
    )
    return counts


def moment(time_us: np.int64 | int) -> datetime:
    """Microseconds since 1970 as an aware time."""
    return _EPOCH + timedelta(microseconds=int(time_us))


def _check(instrument_id: int, bars: BarColumns) -> None:
    if (np.diff(bars.time_us) <= 0).any():
        raise InvalidInput(
            f"bars of instrument {instrument_id} must ascend in time without repeats; sort them, and drop repeats."
        )
    if not all(np.isfinite(getattr(bars, name)).all() for name in _FIELDS):
        raise InvalidInput(
            f"bars of instrument {instrument_id} hold NaN or infinity; expected numbers: leave such bars out."
        )


def _lock(transaction: Transaction, instrument_ids: list[int]) -> None:
    held = {row["id"] for row in transaction.all("bars_lock_instruments", ids=instrument_ids)}
    missing = sorted(set(instrument_ids) - held)
    if missing:
        raise NotFound(f"there is no instrument {missing[0]}; expected the id of one that is stored.")


def _ranges(filled: Mapping[int, BarColumns]) -> Row:
    return {
        "ids": list(filled),
        "firsts": [moment(bars.time_us[0]) for bars in filled.values()],
        "lasts": [moment(bars.time_us[-1]) for bars in filled.values()],
    }


def columns_in_parts(filled: Mapping[int, BarColumns]) -> Iterator[Columns]:
    """All bars as columns, in the order of the primary key, cut into statements."""
    waiting: list[Columns] = []
    count = 0
    for instrument_id, bars in filled.items():
        for start in range(0, len(bars), STATEMENT_BARS):
            part = _columns(instrument_id, bars, slice(start, start + STATEMENT_BARS))
            if count + len(part["time"]) > STATEMENT_BARS:
                yield _together(waiting)
                waiting, count = [], 0
            waiting.append(part)
            count += len(part["time"])
    yield _together(waiting)


def _columns(instrument_id: int, bars: BarColumns, rows: slice) -> Columns:
    times = bars.time_us[rows]
    return {
        "instrument_id": np.full(len(times), instrument_id, dtype=np.int32),
        "time": times,
        **{name: getattr(bars, name)[rows] for name in _FIELDS},
    }


def _together(parts: list[Columns]) -> Columns:
    if len(parts) == 1:
        return parts[0]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
