"""Bars to coarser bars. A coarse bar is stamped with its start; without a fine bar inside there is none.

Trades to bars: ``trade_bars`` for whole columns, ``trade_stream`` for trades as they arrive.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from causeway.market_data.intervals import OUTSIDE, Grid, interval_starts, require_ascending
from causeway.market_data.schedule import Schedule
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize


def aggregate(
    bars: BarColumns,
    bar_size: BarSize,
    *,
    zone: str = "UTC",
    schedule: Schedule | None = None,
    of: BarSize | None = None,
) -> BarColumns:
    """First open, highest high, lowest low, last close, summed volume of each interval.

    Intervals are aligned to the clock of ``zone``; a daily bar gets the date of ``zone``, as 00:00 UTC. With a
    ``schedule``, bars between sessions are left out, and a daily bar gets its session's date. A bar belongs to a
    session that begins within it: New York's hour of 09:00 holds what traded from 09:30 on. ``of`` is the size of
    ``bars``, by default the least distance between two of them where that is a size and all lie on its grid.

    Raises:
        InvalidInput: ``bars`` are not ascending in time, or lie outside the schedule's range.
    """
    if len(bars) == 0:
        return bars
    require_ascending(bars.time_us, "bars")
    moments = bars.time_us
    if schedule is not None:
        moments = _within_sessions(moments, schedule, of or _spacing(moments, zone))
    starts = Grid(bar_size, zone, schedule).starts(moments)
    kept = np.flatnonzero(starts != OUTSIDE)
    starts = starts[kept]
    if kept.size == 0:
        return BarColumns(starts, *[np.zeros(0)] * 5)
    first = np.flatnonzero(np.r_[True, np.diff(starts) != 0])
    last = np.r_[first[1:], kept.size] - 1
    return BarColumns(
        starts[first],
        bars.open[kept[first]],
        np.maximum.reduceat(bars.high[kept], first),
        np.minimum.reduceat(bars.low[kept], first),
        bars.close[kept[last]],
        np.add.reduceat(bars.volume[kept], first),
    )


def _within_sessions(time_us: NDArray[np.int64], schedule: Schedule, size: BarSize | None) -> NDArray[np.int64]:
    """The open for a bar that starts between sessions and ends after the next one opens; else its start."""
    if size is None or schedule.opens_us.size == 0:
        return time_us
    width = size.width // timedelta(microseconds=1)
    following = np.searchsorted(schedule.opens_us, time_us, side="right")
    opens = np.r_[schedule.opens_us, np.iinfo(np.int64).max][following]
    closes = np.r_[np.iinfo(np.int64).min, schedule.closes_us][following]
    return np.where((opens - width < time_us) & (closes <= time_us), opens, time_us)


def _spacing(time_us: NDArray[np.int64], zone: str) -> BarSize | None:
    least = timedelta(microseconds=int(np.diff(time_us).min())) if len(time_us) > 1 else None
    size = next((one for one in BarSize if one.width == least), None)
    return size if size and (interval_starts(time_us, size, zone) == time_us).all() else None
