"""Bars to coarser bars. A coarse bar is stamped with its start; without a fine bar inside there is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from causeway.errors import InvalidInput
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR_US = 3_600_000_000


def aggregate(bars: BarColumns, bar_size: BarSize, *, zone: str = "UTC") -> BarColumns:
    """First open, highest high, lowest low, last close, summed volume of each interval.

    Intervals are aligned to the clock of ``zone``; a daily bar gets the date of ``zone``, as 00:00 UTC. Select the
    regular session first where a daily bar must hold that only.

    Raises:
        InvalidInput: ``bars`` are not ascending in time.
    """
    if len(bars) == 0:
        return bars
    if (np.diff(bars.time_us) <= 0).any():
        raise InvalidInput("bars must ascend in time without repeats to be aggregated; sort them first.")
    starts = interval_starts(bars.time_us, bar_size, zone)
    first = np.flatnonzero(np.r_[True, np.diff(starts) != 0])
    last = np.r_[first[1:], len(bars)] - 1
    return BarColumns(
        starts[first],
        bars.open[first],
        np.maximum.reduceat(bars.high, first),
        np.minimum.reduceat(bars.low, first),
        bars.close[last],
        np.add.reduceat(bars.volume, first),
    )


def interval_starts(time_us: NDArray[np.int64], bar_size: BarSize, zone: str) -> NDArray[np.int64]:
    """Start of the interval that holds each moment."""
    width_us = bar_size.width // timedelta(microseconds=1)
    local = time_us + _offsets_us(time_us, zone)
    floored = local - local % width_us
    return floored if bar_size is BarSize.DAY_1 else floored - (local - time_us)


def _offsets_us(time_us: NDArray[np.int64], zone: str) -> NDArray[np.int64]:
    """Offset of ``zone`` at each moment. Clocks change on full hours of UTC, so one look-up an hour is enough."""
    if zone == "UTC":
        return np.zeros_like(time_us)
    hours, inverse = np.unique(time_us // _HOUR_US, return_inverse=True)
    tz = ZoneInfo(zone)
    offsets = [_offset_us(int(hour), tz) for hour in hours]
    return np.array(offsets, dtype=np.int64)[inverse]


def _offset_us(hour: int, zone: ZoneInfo) -> int:
    offset = (_EPOCH + timedelta(hours=hour)).astimezone(zone).utcoffset()
    return (offset or timedelta()) // timedelta(microseconds=1)
