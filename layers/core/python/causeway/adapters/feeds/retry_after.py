"""The header Retry-After. Source: RFC 9110, section 10.2.3: seconds, or a date."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import overload


@overload
def seconds_named(header: str | None, now: datetime) -> float | None: ...
@overload
def seconds_named(header: str | None, now: datetime, unnamed: float) -> float: ...
def seconds_named(header: str | None, now: datetime, unnamed: float | None = None) -> float | None:
    """How long to wait, never less than nothing; ``unnamed`` where the header is missing or cannot be read."""
    if not header:
        return unnamed
    try:
        seconds = float(header)
    except ValueError:
        return _until(header, now, unnamed)
    return max(0.0, seconds) if math.isfinite(seconds) else unnamed


def _until(header: str, now: datetime, unnamed: float | None) -> float | None:
    try:
        then = parsedate_to_datetime(header)
    except ValueError:
        return unnamed
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    return max(0.0, (then - now).total_seconds())
