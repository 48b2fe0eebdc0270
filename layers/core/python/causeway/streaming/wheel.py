"""One timer for many clients: who is to be looked at next, and when."""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import count
from typing import Generic, TypeVar

T = TypeVar("T")  # hashable


class TimerWheel(Generic[T]):
    """Each item has one time at most, in seconds of any monotonic clock; setting it again replaces it."""

    def __init__(self) -> None:
        self._at: dict[T, float] = {}
        self._heap: list[tuple[float, int, T]] = []
        self._numbers = count()

    def __len__(self) -> int:
        return len(self._at)

    def set(self, item: T, at: float) -> None:
        """``item`` is due at ``at``, and no longer when it was before."""
        if self._at.get(item) != at:
            self._at[item] = at
            heappush(self._heap, (at, next(self._numbers), item))

    def forget(self, item: T) -> None:
        """``item`` is not due at all."""
        self._at.pop(item, None)

    def next_at(self) -> float | None:
        """When the next item is due; None without one."""
        while self._heap and self._at.get(self._heap[0][2]) != self._heap[0][0]:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def due(self, now: float) -> list[T]:
        """Items whose time has come, earliest first; they are forgotten."""
        found = []
        while (at := self.next_at()) is not None and at <= now:
            item = heappop(self._heap)[2]
            del self._at[item]
            found.append(item)
        return found
