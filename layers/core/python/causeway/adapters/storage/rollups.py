"""Bars of a size that is not stored, from a finer one that is. Stored bars always come first.

A day of an exchange is its regular session: what trades before and after it, or between sessions, is left out, and the
day has the session's date. A stored hour that a session begins within is part of it whole. Days of markets without
sessions are those of the calendar's zone; a day of foreign exchange ends where the setting ``fx_day`` says. Hours, and
days of markets around the clock, come from the hours that the database keeps of minutes (``series.hours``); everything
else is aggregated from the finer bars, by the rules of ``market_data.aggregator``.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np

from causeway.adapters.storage import packed_bars
from causeway.adapters.storage.database import Row, Transaction
from causeway.adapters.storage.large_reads import read_range
from causeway.market_data.aggregator import aggregate
from causeway.market_data.fx_day import FxDay
from causeway.market_data.intervals import Grid
from causeway.market_data.schedule import Schedule, exchange_schedule
from causeway.market_data.sessions import time_zone
from causeway.model.bar import BarColumns
from causeway.model.instrument import AssetClass
from causeway.model.time import BarSize, micros, moment
from causeway.settings import SeriesSettings

_MARGIN = timedelta(days=2)  # so that the first and the last day of a range are whole in every time zone
_NO_SESSIONS = ("24/7", "24/5")  # days of the clock
_OF_HOURS = (BarSize.HOUR_1, BarSize.DAY_1)
_FIELDS = ("time_us", "open", "high", "low", "close", "volume")


def read_series(
    transaction: Transaction, found: Row, bar_size: BarSize, span: tuple[datetime, datetime], limit: int | None
) -> BarColumns:
    """Raw bars of an instrument (``id``, ``calendar`` and ``asset_class``) in [start, end), at most ``limit``."""
    if limit is None:
        bars = read_range(transaction, found["id"], bar_size, *span)
    else:
        bars = packed_bars.read_bars(transaction, [found["id"]], bar_size, *span, limit=limit)[found["id"]]
    return bars if len(bars) else rolled_up(transaction, found, bar_size, span, limit)


def rolled_up(
    transaction: Transaction, found: Row, bar_size: BarSize, span: tuple[datetime, datetime], limit: int | None
) -> BarColumns:
    """The same from the coarsest finer bars that are stored; none if bars of this size are stored, or no finer ones."""
    stored = {BarSize(row["bar_size"]) for row in transaction.all("market_data_sizes", instrument_id=found["id"])}
    finer = [size for size in stored if size.width < bar_size.width]
    if bar_size in stored or not finer:
        return packed_bars.unpack(b"")
    source = max(finer, key=lambda size: size.width)
    zone, daily = time_zone(found["calendar"]), bar_size is BarSize.DAY_1
    fx_day = configured_fx_day() if daily and found["asset_class"] == AssetClass.FX.value else None
    by_session = daily and found["calendar"] not in _NO_SESSIONS
    of_hours = source is BarSize.MINUTE_1 and bar_size in _OF_HOURS and not by_session
    hourly = of_hours and _on_full_hours(zone, span) and (fx_day is None or fx_day.on_full_hours())
    fine = packed_bars.read_bars(
        transaction,
        [found["id"]],
        source,
        span[0] - _MARGIN,
        span[1] + _MARGIN,
        query="market_data_hours" if hourly else "market_data_bars",
    )[found["id"]]
    if len(fine) == 0:
        return fine
    grid = Grid(bar_size, zone, _schedule_around(found["calendar"], fine, fx_day) if by_session or fx_day else None)
    coarse = aggregate(fine, bar_size, zone=zone, schedule=grid.schedule, of=source)
    return _within(_without_cut(coarse, transaction, source, grid), span, limit)


@cache
def configured_fx_day() -> FxDay:
    """The convention of this process. Raises InvalidInput where the setting cannot be read."""
    return FxDay.parse(SeriesSettings().fx_day)


def _schedule_around(calendar: str, bars: BarColumns, fx_day: FxDay | None) -> Schedule | None:
    first, last = (moment(int(bars.time_us[at])).date() for at in (0, -1))
    span = (first - _MARGIN, last + _MARGIN)
    return exchange_schedule(calendar, *span) if fx_day is None else fx_day.schedule(*span)


def _without_cut(bars: BarColumns, transaction: Transaction, source: BarSize, grid: Grid) -> BarColumns:
    """Leave out the bar of which retention removed a part: half a day's volume is not a day's."""
    dropped = transaction.one("market_data_dropped", bar_size=source.value)
    if dropped is None:
        return bars
    border_us = micros(dropped["before"])
    known = grid.schedule
    if known is not None and not known.first_us < border_us < known.end_us:
        return bars
    last_gone, first_left = grid.starts(np.array([border_us - 1, border_us]))
    if last_gone != first_left:
        return bars
    kept = bars.time_us != first_left
    return BarColumns(*(getattr(bars, name)[kept] for name in _FIELDS))


def _on_full_hours(zone: str, span: tuple[datetime, datetime]) -> bool:
    offsets = [moment.astimezone(ZoneInfo(zone)).utcoffset() or timedelta() for moment in span]
    return all(offset % timedelta(hours=1) == timedelta() for offset in offsets)


def _within(bars: BarColumns, span: tuple[datetime, datetime], limit: int | None) -> BarColumns:
    start, end = np.searchsorted(bars.time_us, [int(moment.timestamp() * 1_000_000) for moment in span])
    rows = slice(start, end if limit is None else min(end, start + limit))
    return BarColumns(*(getattr(bars, name)[rows] for name in _FIELDS))
