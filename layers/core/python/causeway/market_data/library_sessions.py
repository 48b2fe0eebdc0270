"""Any calendar of ``exchange_calendars``, which is imported (and with it pandas) by the first call.

Source: exchange_calendars, which follows the exchanges' published holidays.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causeway.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class LibrarySessions:
    """As ``KeptSessions``, of the library's calendar."""

    calendar: Any
    days: NDArray[np.int64]

    @property
    def zone(self) -> str:
        return str(self.calendar.tz)

    def opens_us(self, rows: slice) -> NDArray[np.int64]:
        return self._times(rows, "opens")

    def closes_us(self, rows: slice) -> NDArray[np.int64]:
        return self._times(rows, "closes")

    def breaks_us(self, rows: slice) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return self._times(rows, "break_starts"), self._times(rows, "break_ends")

    def _times(self, rows: slice, column: str) -> NDArray[np.int64]:
        times = getattr(self.calendar, column).iloc[rows].dropna()
        return np.asarray(times.dt.as_unit("us").astype("int64").to_numpy(), dtype=np.int64)


@lru_cache(maxsize=16)
def library_sessions(name: str, first_year: int) -> LibrarySessions:
    """From ``first_year``, or from where the library can begin, to a year from now.

    Raises:
        InvalidInput: the calendar is not known, or cannot be made.
    """
    import exchange_calendars
    from exchange_calendars.errors import InvalidCalendarName

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
    made = exchange_calendars.get_calendar(name, start=start)
    return LibrarySessions(made, made.sessions.values.astype("datetime64[D]").astype(np.int64))
