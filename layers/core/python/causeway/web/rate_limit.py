"""Token buckets per user and per address.

A bucket holds up to ``burst`` tokens and gains ``rate_per_s`` each second; a request takes one. Processes share
their buckets through Redis where wiring gives one; without it, or while it is down, each process counts alone.

Source: A. S. Tanenbaum, Computer Networks, section "token bucket".
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from causeway.errors import TooMany
from causeway.ports.rate_buckets import RateBuckets

_MOST_BUCKETS = 10_000


class ProcessBuckets:
    """Buckets of this process; the least recently used go first when there are too many."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str, *, rate_per_s: float, burst: int) -> float:
        now = self._clock()
        with self._lock:
            tokens, at = self._held.pop(key, (float(burst), now))
            tokens = min(float(burst), tokens + (now - at) * rate_per_s)
            wait = 0.0 if tokens >= 1 else (1 - tokens) / rate_per_s
            self._held[key] = (tokens - 1 if wait == 0 else tokens, now)
            if len(self._held) > _MOST_BUCKETS:
                self._held.popitem(last=False)
            return wait


class RateLimiter:
    """One rate for every user and address of a function."""

    def __init__(self, buckets: RateBuckets | None = None, *, rate_per_s: float = 50.0, burst: int = 200) -> None:
        self._buckets = buckets or ProcessBuckets()
        self._rate_per_s = rate_per_s
        self._burst = burst

    def check(self, key: str) -> None:
        """Count one request of ``key``.

        Raises:
            TooMany: the bucket is empty; ``retry_after_s`` says for how long.
        """
        wait = self._buckets.take(key, rate_per_s=self._rate_per_s, burst=self._burst)
        if wait > 0:
            raise TooMany(
                f"more than {self._rate_per_s:g} requests per second on average; wait {wait:.1f} s", retry_after_s=wait
            )
