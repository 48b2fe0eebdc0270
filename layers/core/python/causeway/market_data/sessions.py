"""Exchange calendars: which days are sessions, and when they open and close.

``exchange_calendars`` (and with it pandas) is imported by the first call that needs it, never with this module.

Source: exchange_calendars, which follows the exchanges' published holidays.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from causeway.errors import InvalidInput
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
    sessions = _calendar(calendar, min(first, _EARLIEST).year).sessions
    days = sessions.values.astype("datetime64[D]").astype(np.int64)
    start, stop = np.searchsorted(days, [_day(first), _day(last) + 1])
    return np.asarray(days[start:stop], dtype=np.int64)


def session_hours(calendar: str, session: date) -> tuple[datetime, datetime] | None:
    """Opening and closing time in UTC, or None where ``session`` is no session.

    Raises:
        InvalidInput: the calendar is not known.
    """
    known = _calendar(calendar, min(session, _EARLIEST).year)
    label = session.isoformat()
    if not known.is_session(label):
        return None
    close = known.session_close(label).to_pydatetime().astimezone(UTC)
    [corrected] = _corrected(calendar, np.array([_day(session)]), np.array([micros(close)]))
    return known.session_open(label).to_pydatetime().astimezone(UTC), moment(int(corrected))


def session_bounds(
    calendar: str, first: date, last: date
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Days since 1970, opening and closing times in UTC microseconds of the sessions from ``first`` to ``last``.

    Raises:
        InvalidInput: the calendar is not known.
    """
    days = session_days(calendar, first, last)
    opens, closes = (_times(calendar, first, days, column) for column in ("opens", "closes"))
    return days, opens, _corrected(calendar, days, closes)


def _times(calendar: str, first: date, days: NDArray[np.int64], column: str) -> NDArray[np.int64]:
    """A column of the calendar at these sessions, in UTC microseconds; those without one are left out."""
    known = _calendar(calendar, min(first, _EARLIEST).year)
    every = known.sessions.values.astype("datetime64[D]").astype(np.int64)
    times = getattr(known, column).iloc[np.searchsorted(every, days)].dropna()
    return np.asarray(times.dt.as_unit("us").astype("int64").to_numpy(), dtype=np.int64)


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


def session_breaks(calendar: str, first: date, last: date) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Start and end of the break at noon of the sessions that have one, in UTC microseconds, ascending.

    Raises:
        InvalidInput: the calendar is not known.
    """
    days = session_days(calendar, first, last)
    return _times(calendar, first, days, "break_starts"), _times(calendar, first, days, "break_ends")


def time_zone(calendar: str) -> str:
    """IANA name of the zone that the exchange's session dates are counted in."""
    return "America/New_York" if calendar == "XNYS" else str(_calendar(calendar, _EARLIEST.year).tz)


@lru_cache(maxsize=16)
def _calendar(name: str, first_year: int) -> Any:
    import exchange_calendars
    from exchange_calendars.errors import InvalidCalendarName

    name = _SAME_HOLIDAYS.get(name, name)
    try:
        by_default = exchange_calendars.get_calendar(name)
    except InvalidCalendarName as error:
        raise InvalidInput(
            f"the exchange calendar {name!r} is not known; expected such as XNYS, XLON, 24/5 or 24/7.",
            details={"field": "calendar"},
        ) from error
    except ValueError as error:  # XTAE in releases up to 4.13.2: its special days are not its sessions
        raise InvalidInput(
            f"the exchange calendar {name!r} cannot be made: {str(error)[:80]}.", details={"field": "calendar"}
        ) from error
    start, bound = f"{first_year}-01-01", type(by_default).bound_min()
    if bound is not None and bound.year >= first_year:
        start = bound.date().isoformat()
    return exchange_calendars.get_calendar(name, start=start)


def _day(moment: date) -> int:
    return moment.toordinal() - date(1970, 1, 1).toordinal()
