"""Bars to coarser bars. A coarse bar is stamped with its start; without a fine bar inside there is none.

Trades to bars: ``trade_bars`` for whole columns, ``trade_stream`` for trades as they arrive.
"""

from __future__ import annotations

import numpy as np

from causeway.market_data.intervals import OUTSIDE, Grid, require_ascending
from causeway.market_data.schedule import Schedule
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize


def aggregate(
    bars: BarColumns, bar_size: BarSize, *, zone: str = "UTC", schedule: Schedule | None = None
) -> BarColumns:
    """First open, highest high, lowest low, last close, summed volume of each interval.

    Intervals are aligned to the clock of ``zone``; a daily bar gets the date of ``zone``, as 00:00 UTC. With a
    ``schedule``, bars that start between sessions are left out, and a daily bar gets its session's date.

    Raises:
        InvalidInput: ``bars`` are not ascending in time, or lie outside the schedule's range.
    """
    if len(bars) == 0:
        return bars
    require_ascending(bars.time_us, "bars")
    starts = Grid(bar_size, zone, schedule).starts(bars.time_us)
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
