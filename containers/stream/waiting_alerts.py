"""What the live feed has to tell of, until the database takes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from queue import SimpleQueue

from causeway.model.alert import Alert, Resolved

_MOST = 100  # then the oldest are dropped


class WaitingAlerts:
    """One thread collects and hands on; ``put`` is for any other."""

    def __init__(self, tell: Callable[[Alert], object], resolve: Callable[[Resolved], object]) -> None:
        self._tell, self._resolve = tell, resolve
        self._put: SimpleQueue[Alert] = SimpleQueue()
        self._waiting: list[Alert | Resolved] = []

    def put(self, alert: Alert) -> None:
        self._put.put(alert)

    def collect(self, found: Sequence[Alert], over: Sequence[Resolved] = ()) -> None:
        """``found``, what others put, and then what is ``over``: it comes after what was told of it."""
        others = []
        while not self._put.empty():
            others.append(self._put.get())
        self._waiting = [*self._waiting, *found, *others, *over][-_MOST:]

    def hand_on(self) -> None:
        """In order; what could not be told stays.

        Raises:
            Unavailable: the database does not take them.
        """
        while self._waiting:
            first = self._waiting[0]
            self._resolve(first) if isinstance(first, Resolved) else self._tell(first)
            self._waiting.pop(0)
