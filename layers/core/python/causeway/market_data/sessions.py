"""Exchange calendars: which days are sessions, and when they open and close.

What is written down (``kept_sessions``) is read from there; other calendars and ranges come from exchange_calendars.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from causeway.market_data.exchange_zones import zone_of_calendar
from causeway.market_data.kept_sessions import KeptSessions, kept_sessions
from causeway.market_data.library_sessions import LibrarySessions, library_sessions
from causeway.model.instrument import AssetClass
from causeway.model.time import micros, moment

CALENDAR_OF = {
    AssetClass.EQUITY: "XNYS",
    AssetClass.ETF: "XNYS",
    AssetClass.INDEX: "XNYS",
    AssetClass.FUTURE: "CMES",
    AssetClass.FX: "24/5",
    AssetClass.CRYPTO: "24/7",
    AssetClass.SYNTHETIC: "24/5",
}
_EARLIEST = date(1990, 1, 1)
_SAME_HOLIDAYS = {"XNSE": "XBOM"}  # the National Stock Exchange of India keeps Bombay's sessions


def session_days(calendar: str, first: date, last: date) -> NDArray[np.int64]:
    """Sessions from ``first`` to ``last``, both included, as days since 1970, ascending.

    Raises:
        InvalidInput: the calendar is not known.
    """
    known, rows = _rows(calendar, first, last)
    return known.days[rows]


def session_hours(calendar: str, session: date) -> tuple[datetime, datetime] | None:
    """Opening and closing time in UTC, or None where ``session`` is no session.

    Raises:
        InvalidInput: the calendar is not known.
    """
    days, opens, closes = session_bounds(calendar, session, session)
    return (moment(int(opens[0])), moment(int(closes[0]))) if days.size else None


def session_bounds(
    calendar: str, first: date, last: date
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Days since 1970, opening and closing times in UTC microseconds of the sessions from ``first`` to ``last``.

    Raises:
        InvalidInput: the calendar is not known.
    """
    known, rows = _rows(calendar, first, last)
    days = known.days[rows]
    return days, known.opens_us(rows), _corrected(calendar, days, known.closes_us(rows))


def session_breaks(calendar: str, first: date, last: date) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Start and end of the break at noon of the sessions that have one, in UTC microseconds, ascending.

    Raises:
        InvalidInput: the calendar is not known.
    """
    known, rows = _rows(calendar, first, last)
    return known.breaks_us(rows)


def time_zone(calendar: str) -> str:
    """IANA name of the zone that the exchange's session dates are counted in.

    Raises:
        InvalidInput: the calendar is not known.
    """
    name = _SAME_HOLIDAYS.get(calendar, calendar)
    return zone_of_calendar(name) or library_sessions(name, _EARLIEST.year).zone


def _rows(calendar: str, first: date, last: date) -> tuple[KeptSessions | LibrarySessions, slice]:
    """Who knows these sessions, and which of its rows they are."""
    name = _SAME_HOLIDAYS.get(calendar, calendar)
    kept = kept_sessions(name)
    known = kept if kept and kept.covers(first, last) else library_sessions(name, min(first, _EARLIEST).year)
    start, stop = np.searchsorted(known.days, [_day(first), _day(last) + 1])
    return known, slice(int(start), int(stop))


def _corrected(calendar: str, days: NDArray[np.int64], closes_us: NDArray[np.int64]) -> NDArray[np.int64]:
    """What the library's releases up to 4.13.2 lack: CME closes at noon in Chicago for Juneteenth, from 2022 on.

    Source: the recorded answers of exchange_calendars' own tests, which its next release follows.
    """
    if calendar != "CMES":
        return closes_us
    found = closes_us.copy()
    for at, day in enumerate(days):
        one = date.fromordinal(int(day) + date(1970, 1, 1).toordinal())
        if one.month == 6 and 18 <= one.day <= 20 and one.year >= 2022 and one == _observed(date(one.year, 6, 19)):
            noon = datetime(one.year, one.month, one.day, 12, tzinfo=ZoneInfo("America/Chicago"))
            found[at] = min(int(closes_us[at]), micros(noon))
    return found


def _observed(holiday: date) -> date:
    """Friday for a Saturday, Monday for a Sunday."""
    return holiday + timedelta(days={5: -1, 6: 1}.get(holiday.weekday(), 0))


def _day(moment: date) -> int:
    return moment.toordinal() - date(1970, 1, 1).toordinal()
