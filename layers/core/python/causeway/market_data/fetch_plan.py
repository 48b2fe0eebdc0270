"""What to ask a provider for: the sessions of an exchange's calendar that are missing from what is stored.

Pure: the same stored days, calendar and time give the same plan. No session, no request.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from causeway.market_data.sessions import session_bounds, time_zone
from causeway.model.time import BarSize, micros, moment

_DAY_US = 86_400_000_000
_EPOCH = date(1970, 1, 1)
OVERLAP_SESSIONS = 3  # stored sessions that are asked for again before a gap: enough bars to see another price basis
_SETTLED_AFTER = timedelta(days=4)  # a provider has a session's bars by then, over a weekend too
_BRIDGED_SESSIONS = 5  # gaps that lie closer together are one request


@dataclass(frozen=True, slots=True)
class Span:
    """Bars that start in [start, end)."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """What is stored of a series: UTC days since 1970 with a bar, ascending, and the start of the last bar."""

    days: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Which bars: of which size, on which calendar, with or without the hours before and after the session."""

    bar_size: BarSize
    calendar: str
    extended_hours: bool = False


@dataclass(frozen=True, slots=True)
class _Sessions:
    """Axis 0: sessions. A session's bars start in [begin, finish); from ``due`` on there is something to fetch."""

    begin: NDArray[np.int64]
    finish: NDArray[np.int64]
    due: NDArray[np.int64]


def plan_fetch(series: Series, wanted: Span, held: Held, now: datetime, answered: Sequence[Span] = ()) -> list[Span]:
    """Ranges to ask for, ascending and apart; empty where nothing is missing.

    A daily session is due after its close, a finer one after its open. ``answered`` are ranges that a provider
    answered before: what is still missing there, it does not have. The last stored session of finer bars is missing
    where bars until its close are. Before each gap ``OVERLAP_SESSIONS`` stored sessions are asked for again, so
    that a restated history is noticed.

    Raises:
        InvalidInput: the calendar is not known.
    """
    sessions = _sessions(series, wanted)
    stored = _stored(series, sessions, held)
    missing = (sessions.due <= micros(now)) & ~stored & ~_within(sessions, answered)
    return [_span(sessions, first, last, stored, wanted, now) for first, last in _groups(np.flatnonzero(missing))]


def plan_all(series: Series, wanted: Span, now: datetime) -> list[Span]:
    """The whole range, from its first due session to its last, whatever is stored."""
    sessions = _sessions(series, wanted)
    due = np.flatnonzero(sessions.due <= micros(now))
    if due.size == 0:
        return []
    return [_span(sessions, int(due[0]), int(due[-1]), np.zeros(len(sessions.begin), dtype=bool), wanted, now)]


def remaining(spans: Sequence[Span], resume: datetime | None) -> list[Span]:
    """What is left of a plan when every bar before ``resume`` was handed over."""
    if resume is None:
        return list(spans)
    return [Span(max(span.start, resume), span.end) for span in spans if span.end > resume]


def settled(asked: Sequence[Span], answered_at: datetime) -> list[Span]:
    """The part of an answer that is final: what a provider lacked of the last days may have been late."""
    until = answered_at - _SETTLED_AFTER
    return [Span(span.start, min(span.end, until)) for span in asked if span.start < until]


def done_fraction(spans: Sequence[Span], resume: datetime | None) -> float:
    """How much of a plan was handed over, by time: 0 to 1; an empty plan is done."""
    total = sum((span.end - span.start for span in spans), timedelta())
    left = sum((span.end - span.start for span in remaining(spans, resume)), timedelta())
    return 1 - left / total if total else 1.0


def _sessions(series: Series, wanted: Span) -> _Sessions:
    first, last = wanted.start.astimezone(UTC).date(), (wanted.end - timedelta(microseconds=1)).astimezone(UTC).date()
    if series.bar_size is BarSize.DAY_1:
        days, _, closes = session_bounds(series.calendar, first, last)
        return _between(wanted, days * _DAY_US, (days + 1) * _DAY_US, closes)
    days, opens, closes = session_bounds(series.calendar, first - timedelta(days=1), last + timedelta(days=1))
    begin, finish = opens, closes
    if series.extended_hours:
        begin, finish = _whole_days(series.calendar, days)
    return _between(wanted, begin, finish, begin)


def _between(wanted: Span, begin: NDArray[np.int64], finish: NDArray[np.int64], due: NDArray[np.int64]) -> _Sessions:
    inside = (finish > micros(wanted.start)) & (begin < micros(wanted.end))
    return _Sessions(begin[inside], finish[inside], due[inside])


def _whole_days(calendar: str, days: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """From midnight to midnight, on the exchange's clock."""
    zone = ZoneInfo(time_zone(calendar))
    edges = [[_midnight_us(int(day) + more, zone) for more in (0, 1)] for day in days]
    both = np.array(edges, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _midnight_us(day: int, zone: ZoneInfo) -> int:
    return micros(datetime.combine(_EPOCH + timedelta(days=day), datetime.min.time(), zone))


def _stored(series: Series, sessions: _Sessions, held: Held) -> NDArray[np.bool_]:
    begin, finish = sessions.begin // _DAY_US, (sessions.finish - 1) // _DAY_US
    stored = np.searchsorted(held.days, begin) < np.searchsorted(held.days, finish, side="right")
    if held.last is not None and series.bar_size is not BarSize.DAY_1:
        width_us = series.bar_size.width // timedelta(microseconds=1)
        next_us = micros(held.last) + width_us
        stored &= (next_us <= sessions.begin) | (next_us >= sessions.finish)
    return np.asarray(stored)


def _within(sessions: _Sessions, spans: Sequence[Span]) -> NDArray[np.bool_]:
    inside = np.zeros(len(sessions.begin), dtype=bool)
    for span in spans:
        inside |= (sessions.begin >= micros(span.start)) & (sessions.finish <= micros(span.end))
    return inside


def _groups(missing: NDArray[np.int64]) -> list[tuple[int, int]]:
    """First and last index of missing sessions that lie close together."""
    if missing.size == 0:
        return []
    breaks = np.flatnonzero(np.diff(missing) > _BRIDGED_SESSIONS)
    firsts, lasts = np.r_[missing[0], missing[breaks + 1]], np.r_[missing[breaks], missing[-1]]
    return [(int(first), int(last)) for first, last in zip(firsts, lasts, strict=True)]


def _span(sessions: _Sessions, first: int, last: int, stored: NDArray[np.bool_], wanted: Span, now: datetime) -> Span:
    earliest = first
    while earliest > 0 and first - earliest < OVERLAP_SESSIONS and stored[earliest - 1]:
        earliest -= 1
    end = moment(int(sessions.finish[last]))
    if sessions.due[last] == sessions.begin[last]:  # a session that may still run
        end = min(end, now)
    return Span(max(moment(int(sessions.begin[earliest])), wanted.start), min(end, wanted.end))
