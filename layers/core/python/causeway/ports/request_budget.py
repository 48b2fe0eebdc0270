"""How many requests a provider's plan still allows. Implementations: this process, PostgreSQL (all processes)."""

from __future__ import annotations

from typing import Protocol


class RequestBudget(Protocol):
    def take(self, provider: str, *, per_minute: int, per_day: int) -> float:
        """Count one request to ``provider`` and return zero, or the seconds until the next is allowed, uncounted.

        The day is the last 24 hours, so no calendar day of any zone sees more than ``per_day``.
        """
        ...
