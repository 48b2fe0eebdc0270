"""Upkeep beside the feed: every step in its turn, and a failure ends nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable

from causeway.errors import Unavailable
from causeway.model.time import BarSize
from containers.stream.upkeep import keep_in_shape


class _Recorded:
    """Ends the loop after ``turns`` refreshes; fails where it is told to."""

    def __init__(self, stop: threading.Event, turns: int, *, failing: bool = False) -> None:
        self.steps: list[str] = []
        self._stop, self._turns, self._failing = stop, turns, failing

    def ensure_ahead(self) -> int:
        self.steps.append("ahead")
        return 1

    def drop_expired(self) -> dict[BarSize, int]:
        self.steps.append("drop")
        return {BarSize.SECOND_1: 3}

    def put_in_order(self, should_stop: Callable[[], bool]) -> None:
        assert not should_stop()
        self.steps.append("order")

    def refresh_rollups(self) -> None:
        self.steps.append("refresh")
        if self.steps.count("refresh") == self._turns:
            self._stop.set()
        if self._failing:
            raise Unavailable("the database did not answer")


def test_rollups_every_turn_and_the_rest_every_sixtieth() -> None:
    stop = threading.Event()
    upkeep = _Recorded(stop, turns=61)
    hourly = ["ahead", "drop", "order"]
    keep_in_shape(upkeep, stop, pause_s=0)
    assert upkeep.steps == [*hourly, *["refresh"] * 60, *hourly, "refresh"]


def test_a_database_that_is_down_is_asked_again() -> None:
    stop = threading.Event()
    upkeep = _Recorded(stop, turns=3, failing=True)
    keep_in_shape(upkeep, stop, pause_s=0)
    assert upkeep.steps.count("refresh") == 3


def test_nothing_is_done_after_the_end() -> None:
    stop = threading.Event()
    stop.set()
    upkeep = _Recorded(stop, turns=1)
    keep_in_shape(upkeep, stop, pause_s=0)
    assert upkeep.steps == []
