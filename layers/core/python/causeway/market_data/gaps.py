"""Bars that a calendar expects and that are not there, as ranges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from causeway.market_data.intervals import Grid
from causeway.market_data.schedule import DAY_US, Schedule
from causeway.model.time import BarSize


@dataclass(frozen=True, slots=True)
class Gap:
    """``bars`` expected bars are missing, the first stamped ``first_us``, the last ``last_us``. One session at most,
    unless whole sessions are missing."""

    first_us: int
    last_us: int
    bars: int
    sessions: int


def expected_starts(schedule: Schedule, bar_size: BarSize, zone: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Stamps of every bar that the schedule's sessions hold, ascending, and the row of each one's session."""
    sessions = np.arange(len(schedule.days))
    if bar_size is BarSize.DAY_1:
        return schedule.days * DAY_US, sessions
    if len(sessions) == 0:
        return schedule.days, sessions
    width = bar_size.width // timedelta(microseconds=1)
    first = Grid(bar_size, zone).starts(schedule.opens_us)
    counts = -(-(schedule.closes_us - first) // width)
    session = np.repeat(sessions, counts)
    number = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    starts = first[session] + number * width
    kept = np.r_[True, np.diff(starts) > 0]  # an interval that two sessions share
    # An interval within a break at noon is not expected; one that begins before it is.
    at = np.searchsorted(schedule.breaks_us[:, 0], starts, side="right") - 1
    if len(schedule.breaks_us):
        kept &= ~((at >= 0) & (starts + width <= schedule.breaks_us[np.maximum(at, 0), 1]))
    return starts[kept], session[kept]


def missing_ranges(
    time_us: NDArray[np.int64],
    schedule: Schedule,
    bar_size: BarSize,
    zone: str,
    *,
    at_least: int = 1,
    start_us: int | None = None,
    end_us: int | None = None,
) -> list[Gap]:
    """Runs of ``at_least`` expected bars in [start, end) that are not in ``time_us``, ascending.

    A run within one session is one gap; neighbouring sessions without any bar are one gap together.
    """
    starts, session = expected_starts(schedule, bar_size, zone)
    wanted = np.full(starts.shape, True)
    if start_us is not None:
        wanted &= starts >= start_us
    if end_us is not None:
        wanted &= starts < end_us
    starts, session = starts[wanted], session[wanted]
    missing = ~np.isin(starts, time_us)
    if not missing.any():
        return []
    held = np.bincount(session[~missing], minlength=len(schedule.days))
    empty = held[session] == 0
    at = np.flatnonzero(missing)
    joined = (np.diff(at) == 1) & ((np.diff(session[at]) == 0) | (empty[at[1:]] & empty[at[:-1]]))
    opening = np.flatnonzero(np.r_[True, ~joined])
    closing = np.r_[opening[1:], at.size] - 1
    return [
        Gap(int(starts[at[a]]), int(starts[at[b]]), int(b - a + 1), _whole(session[at[a : b + 1]], empty[at[a]]))
        for a, b in zip(opening, closing, strict=True)
        if b - a + 1 >= at_least
    ]


def _whole(sessions: NDArray[np.int64], empty: np.bool_) -> int:
    return int(np.unique(sessions).size) if empty else 0
