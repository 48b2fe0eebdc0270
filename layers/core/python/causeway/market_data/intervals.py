"""The grid that bars lie on: aligned to a zone's clock, cut by sessions. Whole columns at once, or moment by moment."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from causeway.errors import InvalidInput
from causeway.market_data.schedule import DAY_US, Schedule
from causeway.model.time import BarSize, micros, moment

OUTSIDE = int(np.iinfo(np.int64).min)
_US = timedelta(microseconds=1)
_QUARTER_US = 900_000_000  # clocks change on quarters of an hour of UTC, everywhere and always since 1972


@dataclass(frozen=True, slots=True)
class Grid:
    """Intervals of one width on the clock of ``zone``; with a ``schedule``, only inside its sessions.

    A daily interval is stamped 00:00 UTC of its date: the session's with a schedule, the zone's without one.
    """

    bar_size: BarSize
    zone: str = "UTC"
    schedule: Schedule | None = None

    def starts(self, time_us: NDArray[np.int64]) -> NDArray[np.int64]:
        """Stamp of the interval that holds each moment; ``OUTSIDE`` between sessions.

        Raises:
            InvalidInput: a moment lies outside the schedule's range.
        """
        if self.schedule is None:
            return interval_starts(time_us, self.bar_size, self.zone)
        session = self.schedule.session_of(time_us)
        starts = np.full(time_us.shape, OUTSIDE, dtype=np.int64)
        inside = session >= 0
        if self.bar_size is BarSize.DAY_1:
            starts[inside] = self.schedule.days[session[inside]] * DAY_US
        else:
            starts[inside] = interval_starts(time_us[inside], self.bar_size, self.zone)
        return starts


def interval_starts(time_us: NDArray[np.int64], bar_size: BarSize, zone: str) -> NDArray[np.int64]:
    """Start of the interval that holds each moment."""
    width_us = bar_size.width // _US
    local = time_us + _offsets_us(time_us, zone)
    floored = local - local % width_us
    return floored if bar_size is BarSize.DAY_1 else floored - (local - time_us)


def _offsets_us(time_us: NDArray[np.int64], zone: str) -> NDArray[np.int64]:
    if zone == "UTC":
        return np.zeros_like(time_us)
    quarters, inverse = np.unique(time_us // _QUARTER_US, return_inverse=True)
    tz = ZoneInfo(zone)
    offsets = [_offset_us(int(quarter) * _QUARTER_US, tz) for quarter in quarters]
    return np.array(offsets, dtype=np.int64)[inverse]


def _offset_us(time_us: int, zone: ZoneInfo) -> int:
    offset = moment(time_us).astimezone(zone).utcoffset()
    return (offset or timedelta()) // _US


class Interval(NamedTuple):
    """Stamp of a bar, and when it is complete in UTC microseconds: at its end, or when its session closes before."""

    start_us: int
    end_us: int


class GridClock:
    """``Grid.starts`` moment by moment, fast where moments are close together. Not for several threads."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._width_us = grid.bar_size.width // _US
        self._zone = None if grid.zone == "UTC" else ZoneInfo(grid.zone)
        schedule = grid.schedule
        self._opens = [] if schedule is None else schedule.opens_us.tolist()
        self._closes = [] if schedule is None else schedule.closes_us.tolist()
        self._valid = (0, 0)
        self._held: Interval | None = None

    def interval(self, time_us: int) -> Interval | None:
        """The interval of a moment; None between sessions.

        Raises:
            InvalidInput: the moment lies outside the schedule's range.
        """
        first, end = self._valid
        if not first <= time_us < end:
            self._valid, self._held = self._find(time_us)
        return self._held

    def _find(self, time_us: int) -> tuple[tuple[int, int], Interval | None]:
        """The interval, and the moments around this one for which it is the answer."""
        schedule = self._grid.schedule
        if schedule is None:
            return self._on_clock(time_us)
        if not schedule.first_us <= time_us < schedule.end_us:
            schedule.session_of(np.array([time_us], dtype=np.int64))
        row = bisect_right(self._opens, time_us) - 1
        if row < 0 or time_us >= self._closes[row]:
            return (time_us, time_us + 1), None
        opens, closes = self._opens[row], self._closes[row]
        if self._grid.bar_size is BarSize.DAY_1:
            return (opens, closes), Interval(int(schedule.days[row]) * DAY_US, closes)
        (first, end), found = self._on_clock(time_us)
        return (max(first, opens), min(end, closes)), Interval(found.start_us, min(found.end_us, closes))

    def _on_clock(self, time_us: int) -> tuple[tuple[int, int], Interval]:
        quarter = time_us - time_us % _QUARTER_US
        offset = 0 if self._zone is None else _offset_us(quarter, self._zone)
        local = time_us + offset
        start = local - local % self._width_us
        if self._grid.bar_size is BarSize.DAY_1:
            return (quarter, quarter + _QUARTER_US), Interval(start, self._midnight_after(start))
        start -= offset
        valid = (max(start, quarter), min(start + self._width_us, quarter + _QUARTER_US))
        return valid, Interval(start, start + self._width_us)

    def _midnight_after(self, stamp_us: int) -> int:
        day = date.fromordinal(date(1970, 1, 1).toordinal() + stamp_us // DAY_US + 1)
        return micros(datetime.combine(day, time(), tzinfo=self._zone or UTC))


def require_ascending(time_us: NDArray[np.int64], what: str) -> None:
    """Raises InvalidInput where a time is not after the one before it."""
    if (np.diff(time_us) <= 0).any():
        raise InvalidInput(f"{what} must ascend in time without repeats to be aggregated; sort them first.")
