"""How often each rung answered, and how long it took."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class RungCounts:
    """Answers of one rung. ``mean_us`` is the mean time of a question; None for the first rung, which is not timed."""

    hits: int
    misses: int
    mean_us: float | None = None

    @property
    def hit_rate(self) -> float | None:
        """None before the first question."""
        asked = self.hits + self.misses
        return self.hits / asked if asked else None

    def as_json(self) -> dict[str, float | None]:
        return {**asdict(self), "hit_rate": self.hit_rate}


@dataclass
class Meter:
    """Counts the questions of one rung. Thread-safe."""

    hits: int = 0
    misses: int = 0
    seconds: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def question(self) -> Iterator[list[bool]]:
        """Timed; append whether it was answered. One that raises is a miss."""
        began, answered = time.perf_counter(), list[bool]()
        try:
            yield answered
        finally:
            took, hit = time.perf_counter() - began, any(answered)
            with self._lock:
                self.seconds += took
                self.hits += hit
                self.misses += not hit

    def counts(self) -> RungCounts:
        with self._lock:
            asked = self.hits + self.misses
            return RungCounts(self.hits, self.misses, self.seconds / asked * 1e6 if asked else None)
