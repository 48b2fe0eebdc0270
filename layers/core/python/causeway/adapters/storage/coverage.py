"""What is stored: bars of each UTC day, a year to a row, so that neither writing nor reading counts the bars again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causeway.adapters.storage.binary_copy import PG_EPOCH_US, copy_in
from causeway.adapters.storage.database import Row, Transaction, named_queries
from causeway.market_data.sessions import session_bounds
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize

_DAY_US = 86_400_000_000
_DAYS = 366
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_INT4_OID = 23
_YEAR = np.dtype(
    [
        ("fields", ">i2"),
        ("id_length", ">i4"), ("id", ">i4"), ("year_length", ">i4"), ("year", ">i4"), ("total_length", ">i4"),
        ("total", ">i4"), ("first_length", ">i4"), ("first", ">i8"), ("last_length", ">i4"), ("last", ">i8"),
        ("bars_length", ">i4"), ("dimensions", ">i4"), ("nulls", ">i4"), ("element", ">i4"), ("size", ">i4"),
        ("lowest", ">i4"), ("days", [("length", ">i4"), ("bars", ">i4")], (_DAYS,)),
    ]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gap:
    """Sessions in a row without a bar: their first and last date."""

    first: date
    last: date
    sessions: int


@dataclass(frozen=True, slots=True)
class SeriesCoverage:
    """What is stored of a symbol at one bar size. ``gaps`` lie between ``first`` and ``last``, the starts of bars."""

    symbol: str
    bar_size: BarSize
    first: datetime
    last: datetime
    bars: int
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class _Years:
    """Counts by instrument and year, axis 0; ``bars`` has shape (n_years, 366)."""

    instrument_id: NDArray[np.int64]
    year: NDArray[np.int64]
    first_us: NDArray[np.int64]
    last_us: NDArray[np.int64]
    bars: NDArray[np.int64]


def years_of(series: Mapping[int, BarColumns]) -> _Years:
    """Counts of bars that ascend in time."""
    parts = [_years_of(instrument_id, bars.time_us) for instrument_id, bars in series.items()]
    return _Years(*(np.concatenate([getattr(part, name) for part in parts]) for name in _Years.__slots__))


def _years_of(instrument_id: int, time_us: NDArray[np.int64]) -> _Years:
    days = time_us // _DAY_US
    starts = np.flatnonzero(np.r_[True, np.diff(days) != 0])
    counts = np.diff(np.r_[starts, len(days)])
    dates = days[starts].astype("datetime64[D]")
    years = dates.astype("datetime64[Y]")
    first = np.flatnonzero(np.r_[True, np.diff(years.astype(np.int64)) != 0])
    bars = np.zeros((len(first), _DAYS), dtype=np.int64)
    row = np.repeat(np.arange(len(first)), np.diff(np.r_[first, len(years)]))
    bars[row, (dates - years.astype("datetime64[D]")).astype(np.int64)] = counts
    return _Years(
        np.full(len(first), instrument_id),
        years[first].astype(np.int64) + 1970,
        time_us[starts[first]],
        time_us[np.r_[starts[first[1:]], len(time_us)] - 1],
        bars,
    )


def add_years(transaction: Transaction, bar_size: BarSize, years: _Years) -> None:
    """Add counts to those stored; the bars are new."""
    transaction.run("bars_stage_years")
    transaction.run("bars_unstage_years")
    copy_in(transaction.connection, named_queries()["bars_stage_years_copy"], [_encoded(years)])
    transaction.run("bars_add_coverage", bar_size=bar_size.value)


def _encoded(years: _Years) -> bytes:
    """Rows of staged_years. An array is its dimensions, whether it has nulls, type, size, lowest index, elements."""
    rows = np.zeros(len(years.year), dtype=_YEAR)
    for name in ("id_length", "year_length", "total_length"):
        rows[name] = 4
    rows["first_length"] = rows["last_length"] = 8
    rows["fields"], rows["dimensions"], rows["element"], rows["size"], rows["lowest"] = 6, 1, _INT4_OID, _DAYS, 1
    rows["bars_length"] = 20 + 8 * _DAYS
    rows["days"]["length"] = 4
    rows["days"]["bars"] = years.bars
    rows["id"], rows["year"], rows["total"] = years.instrument_id, years.year, years.bars.sum(axis=1)
    rows["first"], rows["last"] = years.first_us - PG_EPOCH_US, years.last_us - PG_EPOCH_US
    return rows.tobytes()


def series_coverage(rows: Iterable[Row]) -> list[SeriesCoverage]:
    """From rows of ``market_data_coverage_map``, which come by symbol, bar size and year."""
    grouped = groupby(rows, key=lambda row: (row["symbol"], row["bar_size"]))
    return [_covered(symbol, BarSize(size), list(years)) for (symbol, size), years in grouped]


def _covered(symbol: str, bar_size: BarSize, years: Sequence[Row]) -> SeriesCoverage:
    first, last = years[0]["first"].astimezone(UTC), years[-1]["last"].astimezone(UTC)
    counts = {date(row["year"], 1, 1).toordinal(): np.array(row["bars"]) for row in years}
    held = np.concatenate([start + np.flatnonzero(bars) for start, bars in counts.items()]) - _EPOCH_DAY
    gaps = tuple(gaps_between(held, years[0]["calendar"], bar_size, first.date(), last.date()))
    return SeriesCoverage(symbol, bar_size, first, last, sum(row["total"] for row in years), gaps)


def gaps_between(held: NDArray[np.int64], calendar: str, bar_size: BarSize, first: date, last: date) -> Iterable[Gap]:
    """Sessions from ``first`` to ``last`` on whose UTC days no bar is held; ``held`` are days since 1970.

    A daily bar is stamped with its session's date; a finer one lies on the days from the session's open to its close.
    """
    sessions, opens, closes = session_bounds(calendar, first, last)
    begin, finish = sessions, sessions
    if bar_size is not BarSize.DAY_1:
        begin, finish = opens // _DAY_US, (closes - 1) // _DAY_US
    missing = np.searchsorted(held, begin) == np.searchsorted(held, finish, side="right")
    edges = np.flatnonzero(np.diff(np.r_[False, missing, False]))
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        yield Gap(_date(sessions[start]), _date(sessions[stop - 1]), int(stop - start))


def _date(day: Any) -> date:
    return date(1970, 1, 1) + timedelta(days=int(day))


def missing_sessions(transaction: Transaction, symbols: Sequence[str]) -> dict[str, int]:
    """Sessions without a daily bar, by symbol; a row per year is read."""
    years = transaction.all("market_data_coverage_map", symbols=symbols, bar_size=BarSize.DAY_1.value)
    return {one.symbol: sum(gap.sessions for gap in one.gaps) for one in series_coverage(years)}
