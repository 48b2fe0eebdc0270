"""The gateway's process loop, without a database."""

from __future__ import annotations

import threading
from typing import cast

import pytest

from causeway.errors import Unavailable
from containers.broker_gateway import main
from containers.broker_gateway.gateway import Gateway


class Turning:
    """A gateway whose database is down for its first turn; it asks to stop in the third."""

    def __init__(self, stop: threading.Event) -> None:
        self.turns = 0
        self.stopped = False
        self._stop = stop

    def turn(self) -> int:
        self.turns += 1
        if self.turns == 1:
            raise Unavailable("the database did not answer")
        if self.turns == 3:
            self._stop.set()
        return 0

    def stop(self) -> None:
        self.stopped = True


def test_a_database_that_is_down_is_waited_for_and_leases_are_released(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "_PAUSE_AFTER_FAILURE_S", 0.0)
    stop = threading.Event()
    turning = Turning(stop)
    main.run(cast(Gateway, turning), threading.Event(), stop, poll_s=0.0)
    assert turning.turns == 3
    assert turning.stopped
