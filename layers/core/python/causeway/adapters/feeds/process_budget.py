"""A request budget of this process alone, forgotten when it ends: for trials without a database."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable

_MINUTE_S, _DAY_S = 60.0, 86_400.0


class ProcessBudget:
    """See ``RequestBudget``. Safe to share between threads; ``clock`` is for tests."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._taken: dict[str, deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()

    def take(self, provider: str, *, per_minute: int, per_day: int) -> float:
        with self._lock:
            now, taken = self._clock(), self._taken[provider]
            while taken and taken[0] <= now - _DAY_S:
                taken.popleft()
            wait_s = max(_wait_s(taken, per_minute, _MINUTE_S, now), _wait_s(taken, per_day, _DAY_S, now))
            if wait_s == 0.0:
                taken.append(now)
            return wait_s


def _wait_s(taken: deque[float], allowed: int, window_s: float, now: float) -> float:
    """Until the ``allowed``-th latest request is older than the window."""
    if len(taken) < allowed:
        return 0.0
    return max(0.0, taken[-allowed] + window_s - now)
