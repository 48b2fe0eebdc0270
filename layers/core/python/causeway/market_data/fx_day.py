"""When a day of foreign exchange begins: a convention, of which two are common.

The market turns at 17:00 in New York, clock changes included, and its day has the date on which it ends. Some vendors'
days are those of UTC instead, which split Sunday evening off as a day of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from causeway.errors import InvalidInput
from causeway.market_data.schedule import Schedule, weekday_schedule

_FORM = re.compile(r"(\d\d:\d\d) (\S+)")


@dataclass(frozen=True, slots=True)
class FxDay:
    """``roll``: when a day ends and the next begins, on the clock of ``zone``; None: days of UTC's clock."""

    roll: time | None
    zone: str = "UTC"

    @classmethod
    def parse(cls, text: str) -> FxDay:
        """``17:00 America/New_York``, or ``UTC``.

        Raises:
            InvalidInput: it is neither.
        """
        if text.strip().upper() == "UTC":
            return cls(None)
        match = _FORM.fullmatch(text.strip())
        try:
            if match is not None and (roll := time.fromisoformat(match[1])).hour >= 12:
                return cls(roll, ZoneInfo(match[2]).key)
        except (ValueError, ZoneInfoNotFoundError):
            pass
        raise InvalidInput(
            "CAUSEWAY_FX_DAY says when a day of foreign exchange ends; expected an hour from noon on and a zone, such "
            f"as '17:00 America/New_York', or 'UTC'; found {text!r}."
        )

    def schedule(self, first: date, last: date) -> Schedule | None:
        """Days from ``first`` to ``last``, both included, Monday to Friday; None: those of UTC's clock."""
        return None if self.roll is None else weekday_schedule(first, last, zone=self.zone, roll=self.roll)

    def on_full_hours(self) -> bool:
        """Whether whole hours add up to a day."""
        return self.roll is None or self.roll.minute == 0
