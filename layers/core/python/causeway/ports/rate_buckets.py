"""Token buckets by key. Implementations: this process, Redis."""

from __future__ import annotations

from typing import Protocol


class RateBuckets(Protocol):
    def take(self, key: str, *, rate_per_s: float, burst: int) -> float:
        """Take one token of ``key``. Zero when there was one, else the seconds until there is."""
        ...
