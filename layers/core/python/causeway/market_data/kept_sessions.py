"""Sessions of the calendars in use, written down beside the code: reading them takes milliseconds and no pandas.

``scripts/exchange_sessions.py`` writes ``kept_sessions.json`` from exchange_calendars; a test compares all of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

_EPOCH = date(1970, 1, 1).toordinal()
_NO_BREAK = -(2**31)
_MINUTE_US, _DAY_US = 60_000_000, 86_400_000_000
_OPEN, _CLOSE, _BREAK_START, _BREAK_END = range(4)


@dataclass(frozen=True, slots=True)
class KeptSessions:
    """Sessions from ``first`` to ``last``; ``has_earlier`` where the exchange has some before, which are not kept.

    ``days`` are days since 1970, shape (n_sessions,); ``minutes`` are opening, closing, start and end of the break on
    the exchange's clock, counted from the session's midnight, shape (n_sessions, 4).
    """

    zone: str
    first: date
    last: date
    has_earlier: bool
    days: NDArray[np.int64]
    minutes: NDArray[np.int64]

    def covers(self, first: date, last: date) -> bool:
        """Whether every session of these days is kept."""
        return (first >= self.first or not self.has_earlier) and last <= self.last

    def opens_us(self, rows: slice) -> NDArray[np.int64]:
        return self._times(rows, _OPEN)

    def closes_us(self, rows: slice) -> NDArray[np.int64]:
        return self._times(rows, _CLOSE)

    def breaks_us(self, rows: slice) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return self._times(rows, _BREAK_START), self._times(rows, _BREAK_END)

    def _times(self, rows: slice, column: int) -> NDArray[np.int64]:
        """In UTC microseconds; sessions without a break are left out of its columns."""
        minutes = self.minutes[rows, column]
        held = minutes != _NO_BREAK
        days, minutes = self.days[rows][held], minutes[held]
        wall = days * _DAY_US + minutes * _MINUTE_US
        return np.asarray(wall if self.zone == "UTC" else wall - _offsets_us(wall, ZoneInfo(self.zone)))


@cache
def kept_sessions(calendar: str) -> KeptSessions | None:
    """None for a calendar that is not kept."""
    found = _file().get(calendar)
    if found is None:
        return None
    first, last = (date.fromisoformat(found[name]) for name in ("first", "last"))
    span = np.arange(_day(first), _day(last) + 1)
    usual = span[np.isin((span + 3) % 7, found["weekdays"])]  # 1970-01-01 was a Thursday; Monday counts 0
    closed, extra = ([_day(date.fromisoformat(day)) for day in found[name]] for name in ("closed", "extra"))
    days = np.union1d(np.setdiff1d(usual, closed), np.array(extra, dtype=np.int64))
    since = [_day(date.fromisoformat(day)) for day, *_ in found["hours"]]
    hours = np.array([[_NO_BREAK if one is None else one for one in row[1:]] for row in found["hours"]], dtype=np.int64)
    minutes = hours[np.searchsorted(since, days, side="right") - 1]
    return KeptSessions(found["zone"], first, last, found["has_earlier"], days, minutes)


@cache
def _file() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(files(__package__).joinpath("kept_sessions.json").read_text(encoding="utf-8"))
    return read


def _offsets_us(wall_us: NDArray[np.int64], zone: ZoneInfo) -> NDArray[np.int64]:
    """What the zone's clock is ahead of UTC by when it shows these times, each looked up once."""
    shown, inverse = np.unique(wall_us, return_inverse=True)
    start = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=zone)
    offsets = [(start + timedelta(microseconds=one)).utcoffset() or timedelta() for one in shown.tolist()]
    return np.array([one // timedelta(microseconds=1) for one in offsets], dtype=np.int64)[inverse]


def _day(day: date) -> int:
    return day.toordinal() - _EPOCH
