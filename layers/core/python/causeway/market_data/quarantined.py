"""Rows in quarantine read as bars again, so that they can be looked at among the others and repaired."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from causeway.market_data.findings import Findings
from causeway.market_data.normalizer import FIELDS, PRICES, ParsedRows, bar_starts, session_starts
from causeway.market_data.repairs import Proposal
from causeway.market_data.written_times import NO_TIME, Stamp, read_date_and_clock, read_time
from causeway.model.bar import Bar, BarColumns
from causeway.model.time import BarSize, micros, moment

# Flaws that say what the value should be.
REPAIRABLE = ("unit_error", "split_not_applied", "split_applied_twice", "contradicted")
# Not bars of the series: another currency or basis, or another value of a bar that is stored.
FOREIGN = ("other_currency", "other_price_basis", "conflicts_with_stored", "conflicting_duplicate", "symbol_not_valid")


@dataclass(frozen=True, slots=True)
class QuarantinedBar:
    """A row in quarantine; ``bar`` has the values as they came."""

    id: int
    bar: Bar


def read_bar(raw: Mapping[str, object], columns: Mapping[str, str], bar_size: BarSize) -> Bar | None:
    """The row as a bar; None where a price or the time cannot be read.

    ``columns`` maps fields to the file's column names, and says how its times were read (``IngestionRequest.reading``);
    a field that is left out has a column of its own name. The time of an intraday bar must carry its offset, or the
    file's zone must be known.
    """
    time_us = _start(raw, columns, bar_size)
    if time_us == NO_TIME:
        return None
    try:
        values = {name: float(str(raw.get(columns.get(name, name), "nan"))) for name in FIELDS}
    except ValueError:
        return None
    values["volume"] = values["volume"] if np.isfinite(values["volume"]) else 0.0
    return Bar(moment(time_us), **values) if all(np.isfinite(values[name]) for name in PRICES) else None


def _start(raw: Mapping[str, object], columns: Mapping[str, str], bar_size: BarSize) -> int:
    """As a file's time is read; ``NO_TIME`` where it cannot be."""
    text = str(raw.get(columns.get("time", "time"), ""))
    clock = raw.get(columns["clock"]) if "clock" in columns else None
    wall, offset = read_time(text) if clock is None else read_date_and_clock(text, str(clock))
    zone = columns.get("time_zone", "").removeprefix("=") or None
    daily = bar_size is BarSize.DAY_1
    if wall == NO_TIME or (offset == NO_TIME and zone is None and not daily):
        return NO_TIME
    no_row = np.zeros(1, dtype=np.int64)
    row = ParsedRows(no_row, ("",), no_row.astype(np.int32), np.array([wall]), np.array([offset]), np.zeros((1, 5)))
    if daily:
        return int(session_starts(row, zone)[0])
    stamp = Stamp(columns.get("stamp", "=start").removeprefix("="))
    return int(bar_starts(row, bar_size, zone, stamp, Findings())[0])


def among(stored: BarColumns, quarantined: Iterable[QuarantinedBar]) -> tuple[BarColumns, dict[int, int]]:
    """``stored`` with quarantined bars in the places that it leaves open, ascending, and the ids of those by time.

    Of several rows for one place the one with the highest id is taken.
    """
    newest = {micros(one.bar.time): one for one in sorted(quarantined, key=lambda one: one.id)}
    taken = set(np.intersect1d(stored.time_us, np.array([*newest], dtype=np.int64)).tolist())
    fill = {at: one for at, one in newest.items() if at not in taken}
    columns = [[getattr(one.bar, name) for one in fill.values()] for name in FIELDS]
    extra = BarColumns(np.array([*fill], dtype=np.int64), *(np.array(one, dtype=np.float64) for one in columns))
    every = BarColumns.together([stored, extra])
    return every.rows(np.argsort(every.time_us)), {at: one.id for at, one in fill.items()}


def place(proposals: Iterable[Proposal], ids: Mapping[int, int]) -> list[Proposal]:
    """Proposals that know the row in quarantine which they repair."""
    return [one.of_row(ids.get(micros(one.time))) for one in proposals]
