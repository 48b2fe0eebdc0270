"""Which bars of an answer are asked for and over."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from causeway.model.bar import BarColumns
from causeway.model.time import BarSize

NEW_YORK = ZoneInfo("America/New_York")
MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_ENDS = 20  # o'clock in New York: the extended session is over, the daily bar is whole


def whole_before(bar_size: BarSize, now: datetime) -> datetime:
    """Bars that start before it are over; a day of US stocks is when its extended session is."""
    if bar_size is not BarSize.DAY_1:
        return now - bar_size.width + MICROSECOND
    local = now.astimezone(NEW_YORK)
    return datetime.combine(local.date() + timedelta(days=local.hour >= _DAY_ENDS), time(), UTC)


def between(bars: BarColumns, start: datetime, end: datetime) -> BarColumns:
    """Bars that start in [start, end)."""
    first, last = np.searchsorted(bars.time_us, [micros(start), micros(end)])
    return pick(bars, slice(int(first), int(last)))


def pick(bars: BarColumns, at: slice | NDArray[np.bool_]) -> BarColumns:
    """Some of the bars."""
    return BarColumns(bars.time_us[at], bars.open[at], bars.high[at], bars.low[at], bars.close[at], bars.volume[at])


def micros(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


def moment_of(time_us: int | np.int64) -> datetime:
    """The moment so many microseconds after 1970."""
    return EPOCH + timedelta(microseconds=int(time_us))
