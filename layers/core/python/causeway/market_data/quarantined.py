"""Rows in quarantine read as bars again, so that they can be looked at among the others and repaired."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from causeway.market_data.normalizer import FIELDS, NO_TIME, PRICES, read_time
from causeway.market_data.repairs import Proposal
from causeway.model.bar import Bar, BarColumns
from causeway.model.time import BarSize, micros, moment

_DAY_US = 86_400_000_000
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

    ``columns`` maps fields to the file's column names; a field that is left out has a column of its own name. The time
    of an intraday bar must carry its offset: the zone of a file is not kept.
    """
    wall, offset = read_time(str(raw.get(columns.get("time", "time"), "")))
    if wall == NO_TIME or (offset == NO_TIME and bar_size is not BarSize.DAY_1):
        return None
    time_us = wall - wall % _DAY_US if bar_size is BarSize.DAY_1 else wall - offset
    try:
        values = {name: float(str(raw.get(columns.get(name, name), "nan"))) for name in FIELDS}
    except ValueError:
        return None
    values["volume"] = values["volume"] if np.isfinite(values["volume"]) else 0.0
    return Bar(moment(time_us), **values) if all(np.isfinite(values[name]) for name in PRICES) else None


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
    return [one.of_row(ids.get(micros(one.found.time))) for one in proposals]
