"""Days of a file whose times are moments of UTC: midnight in Tokyo is 15:00 UTC of the day before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from causeway.errors import InvalidInput
from causeway.market_data.normalizer import ParsedRows, session_starts, wall_to_utc, zone_named
from causeway.market_data.schedule import DAY_US
from causeway.market_data.sessions import time_zone
from causeway.model.time import isoformat_z, moment

Sessions = Callable[[str, date, date], NDArray[np.int64]]


def days_of_exchanges(
    parsed: ParsedRows,
    written: NDArray[np.int64],
    usable: NDArray[np.int64],
    calendars: NDArray[np.str_],
    sessions: Sessions,
) -> tuple[NDArray[np.int64], Sequence[str]]:
    """``written`` (00:00 UTC of the date as written), or the days in the exchange's zone, and a note where it is those.

    It is those where each ``usable`` row of a calendar has a session then, and some have none as written.
    ``calendars`` has one name for each row.

    Raises:
        InvalidInput: every row is a midnight of the exchange's zone, and the sessions do not say which days are meant.
    """
    days, notes = written.copy(), []
    for calendar in np.unique(calendars[usable]).tolist():
        rows, zone = usable[calendars[usable] == calendar], time_zone(calendar)
        local = session_starts(parsed, zone)
        if (local[rows] == written[rows]).all():
            continue
        fits_written, fits_local = _fit(written[rows], local[rows], calendar, sessions)
        if fits_local and not fits_written:
            days = np.where(calendars == calendar, local, days)
            notes.append(
                f"times in UTC were read as days of {zone}, whose sessions ({calendar}) they fit, as with --timezone "
                f"{zone}; for the dates as written give --timezone UTC"
            )
        elif fits_local == fits_written and _are_midnights(parsed, local, rows, zone):
            raise _unclear(int(parsed.wall_us[rows[0]]), int(local[rows[0]]), zone, calendar)
    return days, notes


def _fit(written: NDArray[np.int64], local: NDArray[np.int64], calendar: str, sessions: Sessions) -> tuple[bool, bool]:
    """Whether all of them are sessions."""
    both = (int(min(written.min(), local.min())), int(max(written.max(), local.max())))
    known = sessions(calendar, *(moment(at).date() for at in both))
    return bool(np.isin(written // DAY_US, known).all()), bool(np.isin(local // DAY_US, known).all())


def _are_midnights(parsed: ParsedRows, local: NDArray[np.int64], rows: NDArray[np.int64], zone: str) -> bool:
    in_utc = (parsed.offset_us[rows] == 0).all()
    return bool(in_utc and (wall_to_utc(local[rows], zone_named(zone)) == parsed.wall_us[rows]).all())


def _unclear(time_us: int, local_us: int, zone: str, calendar: str) -> InvalidInput:
    at = moment(time_us)
    return InvalidInput(
        f"the times are midnights of {zone} in UTC, such as {isoformat_z(at)}, and the sessions of {calendar} do not "
        f"say whether {moment(local_us):%Y-%m-%d} is meant or {at:%Y-%m-%d}. Give --timezone {zone} (over HTTP "
        f"time_zone={zone}) for the days of that zone, or --timezone UTC for the dates as written.",
        details={"field": "time_zone"},
    )
