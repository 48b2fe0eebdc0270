"""Upkeep of the stored series beside the feed: rollups every minute; partitions, retention and order every hour.

It also looks whether anybody runs the schedules, as whoever should run them cannot say that he does not.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from causeway.errors import CausewayError
from causeway.model.time import BarSize

_log = logging.getLogger(__name__)
_MINUTE_S = 60.0
_MINUTES_OF_AN_HOUR = 60


class Upkeep(Protocol):
    """What is needed of ``SeriesUpkeep``."""

    def ensure_ahead(self) -> int: ...
    def drop_expired(self) -> dict[BarSize, int]: ...
    def refresh_rollups(self) -> None: ...
    def put_in_order(self, should_stop: Callable[[], bool]) -> None: ...


def keep_in_shape(
    upkeep: Upkeep,
    stop: threading.Event,
    *,
    pause_s: float = _MINUTE_S,
    look: Callable[[], object] = lambda: None,
) -> None:
    """Until ``stop``. A step that fails is logged and tried again at its next turn; the feed goes on.

    ``look`` is called every minute.
    """
    minute = 0
    while not stop.is_set():
        if minute % _MINUTES_OF_AN_HOUR == 0:
            _tried(lambda: _hourly(upkeep, stop.is_set))
        _tried(upkeep.refresh_rollups)
        _tried(look)
        minute += 1
        stop.wait(pause_s)


def _tried(step: Callable[[], object]) -> None:
    try:
        step()
    except CausewayError as error:
        _log.warning("upkeep failed and is tried again: %s", error)


def _hourly(upkeep: Upkeep, should_stop: Callable[[], bool]) -> None:
    made = upkeep.ensure_ahead()
    removed = {size.value: bars for size, bars in upkeep.drop_expired().items() if bars}
    if made or removed:
        _log.info("partitions made: %d; bars past their retention: %s", made, removed or "none")
    upkeep.put_in_order(should_stop)
