"""Trying again: exponential waits with full jitter, within a budget of time, and never past a caller's cancel.

Source of the waits: Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015), full jitter.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from causeway.errors import TooMany, Unavailable
from causeway.ports.feed import FetchControl

T = TypeVar("T")
_SLICE_S = 0.1


@dataclass(frozen=True, slots=True)
class Retries:
    """``budget_s``: longest time from the first try to the start of the last. ``sleep`` and ``clock`` are for tests."""

    budget_s: float = 60.0
    first_wait_s: float = 0.5
    longest_wait_s: float = 20.0
    attempts: int = 6
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    rng: random.Random = field(default_factory=random.Random)

    def call(self, work: Callable[[], T], control: FetchControl) -> T:
        """What ``work`` returns; TooMany and Unavailable are tried again.

        Raises:
            TooMany, Unavailable: the last one, once attempts or budget are used up.
            FetchCancelled: the caller wants no more, also while waiting.
        """
        began = self.clock()
        for attempt in range(1, self.attempts + 1):
            control.check()
            try:
                return work()
            except (TooMany, Unavailable) as error:
                wait_s = self._wait_s(attempt, error)
                if attempt == self.attempts or self.clock() - began + wait_s > self.budget_s:
                    raise
                control.say(f"{error.message}; trying again in {wait_s:.1f} s")
            self.wait(wait_s, control)
        raise AssertionError("unreachable")

    def wait(self, seconds: float, control: FetchControl) -> None:
        """Sleep, in slices, so that a cancel is heard."""
        until = self.clock() + seconds
        while (left := until - self.clock()) > 0:
            control.check()
            self.sleep(min(left, _SLICE_S))
        control.check()

    def _wait_s(self, attempt: int, error: TooMany | Unavailable) -> float:
        ceiling = min(self.longest_wait_s, self.first_wait_s * 2 ** (attempt - 1))
        jitter = self.rng.uniform(0.0, ceiling)
        return error.retry_after_s + jitter if isinstance(error, TooMany) else jitter
