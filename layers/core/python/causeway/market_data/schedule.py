"""When a market trades, as arrays: regular or extended sessions, half days, and markets that run around the clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from causeway.errors import InvalidInput
from causeway.market_data.sessions import session_bounds, session_breaks
from causeway.model.time import isoformat_z, micros, moment

DAY_US = 86_400_000_000
_US = timedelta(microseconds=1)
# New York's equity venues: from 04:00 to four hours after the close, which is 17:00 on half days.
# CME Globex halts from 16:00 to 17:00 in Chicago, when a session of the calendar ends. Source: LEAN's market hours (no
# session from 17:00 to 18:00 in New York, Monday to Thursday); a month of minutes of 6E has none in it.
_DAILY_HALT = {"CMES": timedelta(hours=1)}
US_PRE_MARKET, US_POST_MARKET = timedelta(hours=5, minutes=30), timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Sessions in [``first_us``, ``end_us``), ascending; each is half-open, [open, close).

    ``days`` holds the session's date as days since 1970, ``opens_us`` and ``closes_us`` UTC microseconds; shapes
    (n_sessions,). Breaks at noon and CME's daily halt, ``breaks_us`` of shape (n_breaks, 2), are part of the session:
    what trades in one counts, and no bar is expected.
    """

    days: NDArray[np.int64]
    opens_us: NDArray[np.int64]
    closes_us: NDArray[np.int64]
    first_us: int
    end_us: int
    breaks_us: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 2), dtype=np.int64))

    def session_of(self, time_us: NDArray[np.int64]) -> NDArray[np.int64]:
        """Row of the session that each moment lies in, -1 between sessions.

        Raises:
            InvalidInput: a moment lies outside the range that the schedule knows.
        """
        if time_us.size and not (self.first_us <= time_us.min() and time_us.max() < self.end_us):
            raise InvalidInput(
                f"the schedule knows {_iso(self.first_us)} to {_iso(self.end_us)}; found times from "
                f"{_iso(int(time_us.min()))} to {_iso(int(time_us.max()))}. Make it for a wider range."
            )
        row = np.searchsorted(self.opens_us, time_us, side="right") - 1
        inside = row >= 0
        if self.closes_us.size:
            inside &= time_us < self.closes_us[np.maximum(row, 0)]
        return np.where(inside, row, -1)


def exchange_schedule(
    calendar: str,
    first: date,
    last: date,
    *,
    before: timedelta = timedelta(),
    after: timedelta = timedelta(),
) -> Schedule:
    """Sessions of an exchange from ``first`` to ``last``, both included.

    ``before`` and ``after`` widen each session: ``US_PRE_MARKET`` and ``US_POST_MARKET`` give extended hours. Half days
    end when the exchange's calendar says, and so does what follows them.

    Raises:
        InvalidInput: the calendar is not known.
    """
    days, opens, closes = session_bounds(calendar, first, last)
    opens, closes = opens - before // _US, closes + after // _US
    # A session may begin on the evening before its date and end on the morning after it.
    start, end = (_midnight_us(day) for day in (first, last + timedelta(days=1)))
    if days.size:
        start, end = min(start, int(opens[0])), max(end, int(closes[-1]))
    return Schedule(days, opens, closes, start, end, _breaks(calendar, first, last, opens, closes))


def _breaks(
    calendar: str, first: date, last: date, opens: NDArray[np.int64], closes: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Breaks at noon; of a market that halts before its day ends, the halt of every session of a whole day."""
    halt = _DAILY_HALT.get(calendar)
    if halt is None:
        return np.stack(session_breaks(calendar, first, last), axis=1)
    whole = closes[closes - opens > DAY_US - 2 * (halt // _US)]
    return np.stack([whole - halt // _US, whole], axis=1)


def weekday_schedule(first: date, last: date, *, zone: str = "America/New_York", roll: time = time(17)) -> Schedule:
    """A market that runs from Sunday to Friday without a break, its day beginning at ``roll`` of the evening before.

    Foreign exchange turns at 17:00 in New York, clock changes included.
    """
    span = np.arange(_day(first), _day(last) + 1)
    days = span[(span + 3) % 7 < 5]  # 1970-01-01 was a Thursday; Monday counts 0
    closes = np.array([_local_us(int(day), roll, zone) for day in days], dtype=np.int64)
    opens = np.array([_local_us(int(day) - 1, roll, zone) for day in days], dtype=np.int64)
    start = _local_us(_day(first) - 1, roll, zone)
    return Schedule(days.astype(np.int64), opens, closes, start, _local_us(_day(last), roll, zone))


def _local_us(day: int, clock: time, zone: str) -> int:
    return micros(datetime.combine(date.fromordinal(date(1970, 1, 1).toordinal() + day), clock, tzinfo=ZoneInfo(zone)))


def _midnight_us(day: date) -> int:
    return _day(day) * DAY_US


def _day(day: date) -> int:
    return day.toordinal() - date(1970, 1, 1).toordinal()


def _iso(time_us: int) -> str:
    return isoformat_z(moment(time_us))
