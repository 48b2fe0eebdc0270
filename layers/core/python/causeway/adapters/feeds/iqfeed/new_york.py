"""IQFeed's clock is New York's. An autumn change repeats an hour: where stamps go back in it, the second has begun."""

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


def utc_micros(texts: Sequence[str], *, distinct: bool = False) -> NDArray[np.int64]:
    """Microseconds since 1970 UTC of New York wall times such as ``2021-03-01 04:00:00.028010``, as they happened.

    In an hour that is repeated the first is meant until a stamp is earlier than the one before it (``distinct``: or the
    same, as no two bars are). Where the stamps show no step back the first is taken.

    Raises:
        ValueError: one of them is no time.
    """
    wall_us = micros_of(texts)
    if not len(wall_us):
        return wall_us
    hours, inverse = np.unique(wall_us // _HOUR_US, return_inverse=True)
    offsets = np.array([_offset_us(int(hour)) for hour in hours], dtype=np.int64)
    time_us = np.asarray(wall_us - offsets[inverse], dtype=np.int64)
    for at, hour in enumerate(hours.tolist()):
        repeated_us = int(offsets[at]) - _offset_us(hour, fold=1)
        if repeated_us > 0:
            rows = np.flatnonzero(inverse == at)
            time_us[rows] += repeated_us * _after_step_back(wall_us[rows], distinct=distinct)
    return time_us


def _after_step_back(wall_us: NDArray[np.int64], *, distinct: bool) -> NDArray[np.bool_]:
    steps = np.diff(wall_us, prepend=wall_us[0] - 1)
    return np.asarray(np.cumsum(steps <= 0 if distinct else steps < 0) > 0)


def _offset_us(wall_hour: int, fold: int = 0) -> int:
    offset = (_EPOCH + timedelta(hours=wall_hour)).replace(tzinfo=NEW_YORK, fold=fold).utcoffset()
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
