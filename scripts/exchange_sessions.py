"""Writes the sessions that are kept beside the code, from exchange_calendars: ``python -m scripts.exchange_sessions``.

To be run again when that package moves; a test compares all of it.
"""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "layers/core/python/causeway/market_data/kept_sessions.json"
CALENDARS = (
    "XNYS",
    "CMES",
    "24/5",
    "24/7",
    "XAMS",
    "XASX",
    "XBOM",
    "XETR",
    "XHKG",
    "XLON",
    "XPAR",
    "XSWX",
    "XTKS",
    "XTSE",
)
FIRST, LAST = date(1990, 1, 1), date(2030, 12, 31)


def described(name: str) -> dict[str, Any]:
    """A calendar as weekdays, days off, and the hours from a session on, in minutes of the exchange's own clock."""
    import exchange_calendars

    kind = type(exchange_calendars.get_calendar(name))
    first = max(FIRST, kind.bound_min().date()) if kind.bound_min() else FIRST
    last = min(LAST, kind.bound_max().date()) if kind.bound_max() else LAST
    made = exchange_calendars.get_calendar(name, start=first.isoformat(), end=last.isoformat())
    days = [label.date() for label in made.sessions]
    weekdays = sorted({day.weekday() for day in days if name == "24/7" or day.weekday() < 5})
    every = {date.fromordinal(at) for at in range(first.toordinal(), last.toordinal() + 1)}
    usual = {day for day in every if day.weekday() in weekdays}
    columns = (made.opens, made.closes, made.break_starts, made.break_ends)
    hours: list[list[Any]] = []
    for day, *times in zip(days, *(column.tolist() for column in columns), strict=True):
        minutes = [_minutes(day, at, made.tz) for at in times]
        if not hours or hours[-1][1:] != minutes:
            hours.append([day.isoformat(), *minutes])
    return {
        "zone": str(made.tz),
        "first": first.isoformat(),
        "last": last.isoformat(),
        "has_earlier": first == FIRST,
        "weekdays": weekdays,
        "closed": sorted(day.isoformat() for day in usual - set(days)),
        "extra": sorted(day.isoformat() for day in set(days) - usual),
        "hours": hours,
    }


def _minutes(day: date, at: Any, zone: Any) -> int | None:
    if at != at:  # noqa: PLR0124 -- NaT: no break
        return None
    wall = at.tz_convert(zone).to_pydatetime().replace(tzinfo=None)
    passed = (wall - datetime.combine(day, datetime.min.time())).total_seconds()
    if passed % 60:
        raise ValueError(f"{day}: expected whole minutes, found {wall}")
    return int(passed // 60)


def written() -> str:
    """The file as it should be, a line for each part of a calendar."""
    calendars = []
    for name in CALENDARS:
        parts = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in described(name).items()]
        calendars.append(f" {json.dumps(name)}: {{\n" + ",\n".join(parts) + "\n }")
    return "{\n" + ",\n".join(calendars) + "\n}\n"


if __name__ == "__main__":
    TARGET.write_text(written())
    sys.stdout.write(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size} bytes\n")
