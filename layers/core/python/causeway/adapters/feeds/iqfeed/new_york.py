"""IQFeed's clock is New York's. In the hour that an autumn change repeats, the first of the two is meant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from causeway.adapters.feeds.reading import micros_of
from causeway.adapters.feeds.whole_bars import NEW_YORK

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall time
_HOUR_US = 3_600_000_000


def to_utc(wall: datetime) -> datetime:
    """A New York wall time, without a zone, in UTC."""
    return wall.replace(tzinfo=NEW_YORK).astimezone(UTC)


def utc_micros(texts: Sequence[str]) -> NDArray[np.int64]:
    """Microseconds since 1970 UTC of New York wall times such as ``2021-03-01 04:00:00.028010``.

    Raises:
        ValueError: one of them is no time.
    """
    wall_us = micros_of(texts)
    if not len(wall_us):
        return wall_us
    hours, inverse = np.unique(wall_us // _HOUR_US, return_inverse=True)
    offsets = np.array([_offset_us(int(hour)) for hour in hours], dtype=np.int64)
    return np.asarray(wall_us - offsets[inverse], dtype=np.int64)


def _offset_us(wall_hour: int) -> int:
    offset = (_EPOCH + timedelta(hours=wall_hour)).replace(tzinfo=NEW_YORK).utcoffset()
    return (offset or timedelta()) // timedelta(microseconds=1)


def wall_text(moment: datetime) -> str:
    """``20210301 040000``, as requests want it; fractions of a second are dropped."""
    return moment.astimezone(NEW_YORK).strftime("%Y%m%d %H%M%S")


def near(clock: time, now: datetime) -> datetime:
    """The moment within half a day of ``now`` at which New York's clocks show ``clock``."""
    wall = datetime.combine(now.astimezone(NEW_YORK).date(), clock)
    moment = to_utc(wall)
    if moment - now > timedelta(hours=12):
        return to_utc(wall - timedelta(days=1))
    if now - moment > timedelta(hours=12):
        return to_utc(wall + timedelta(days=1))
    return moment
