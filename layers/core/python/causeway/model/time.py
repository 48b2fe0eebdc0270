"""Time: aware, UTC, and explicit about which clock.

Two clocks matter. *Wall time* is when something happened here. *Market time* is when it happened in the
market; under a replay of stored bars the two differ, and staleness and sessions are judged by market time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum

from causeway.errors import InvalidInput


class BarSize(StrEnum):
    """Width of a bar. A bar is stamped with its start and is known at its end."""

    SECOND_1 = "1s"
    SECOND_5 = "5s"
    MINUTE_1 = "1m"
    MINUTE_5 = "5m"
    MINUTE_15 = "15m"
    HOUR_1 = "1h"
    DAY_1 = "1d"

    @property
    def width(self) -> timedelta:
        """Length of a bar. A daily bar spans the calendar day of its exchange."""
        return _WIDTHS[self]


_WIDTHS = {
    BarSize.SECOND_1: timedelta(seconds=1),
    BarSize.SECOND_5: timedelta(seconds=5),
    BarSize.MINUTE_1: timedelta(minutes=1),
    BarSize.MINUTE_5: timedelta(minutes=5),
    BarSize.MINUTE_15: timedelta(minutes=15),
    BarSize.HOUR_1: timedelta(hours=1),
    BarSize.DAY_1: timedelta(days=1),
}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = datetime(2, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


def utc(moment: datetime, *, field: str = "time") -> datetime:
    """The same instant in UTC.

    Raises:
        InvalidInput: the value carries no time zone, so the instant is not known, or no calendar holds it.
    """
    if moment.tzinfo is None:
        raise InvalidInput(
            f"{field} must carry a time zone; found {moment.isoformat()} without one. "
            "Write it as 2024-01-31T14:30:00Z.",
            details={"field": field},
        )
    if not is_storable(moment):
        raise InvalidInput(
            f"{field} must lie in the years 2 to 9998 of UTC; found {moment.isoformat()}.", details={"field": field}
        )
    return moment.astimezone(UTC)


def is_storable(moment: datetime) -> bool:
    """Whether an aware time lies in the years 2 to 9998 of UTC: a day before and after it are times too."""
    return _FIRST <= moment < _LAST


def now_utc() -> datetime:
    """Wall time."""
    return datetime.now(UTC)


def micros(moment: datetime) -> int:
    """Microseconds since 1970-01-01 UTC of an aware time."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment(time_us: int) -> datetime:
    """The aware UTC time of microseconds since 1970-01-01 UTC."""
    return _EPOCH + timedelta(microseconds=int(time_us))


def isoformat_z(moment: datetime) -> str:
    """ISO 8601 in UTC with a trailing Z, as on the wire."""
    return utc(moment).isoformat().replace("+00:00", "Z")
