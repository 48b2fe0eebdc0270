"""Trying again: exponential waits with full jitter, within a budget of time, and never past a caller's cancel.

Source of the waits: Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015), full jitter.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from causeway.adapters.feeds.prompt_cancel import promptly
from causeway.errors import TooMany, Unavailable
from causeway.ports.feed import FetchControl

T = TypeVar("T")
_SLICE_S = 0.1


def _no_turn() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Retries:
    """``budget_s``: longest time from the first try to the start of the last. ``sleep`` and ``clock`` are for tests.

    A failure that names a wait (Retry-After) is waited for as long, at most ``longest_named_wait_s``; a throttle in
    full. ``longest_answer_s`` bounds one answer as a whole.
    """

    budget_s: float = 60.0
    first_wait_s: float = 0.5
    longest_wait_s: float = 20.0
    longest_named_wait_s: float = 30.0
    longest_answer_s: float = 600.0
    attempts: int = 6
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    rng: random.Random = field(default_factory=random.Random)

    def call(self, work: Callable[[], T], control: FetchControl, turn: Callable[[], None] = _no_turn) -> T:
        """What ``work`` returns; TooMany and Unavailable are tried again.

        ``turn`` runs before each try and may wait until a plan allows it; that time is not part of the budget, and
        what it raises is not tried again.

        Raises:
            TooMany, Unavailable: the last one, once attempts or budget are used up.
            FetchCancelled: the caller wants no more, also while waiting or in the middle of an answer.
        """
        spent_s = 0.0
        for attempt in range(1, self.attempts + 1):
            turn()
            control.check()
            began = self.clock()
            try:
                return promptly(work, control, self.longest_answer_s)
            except (TooMany, Unavailable) as error:
                wait_s = self._wait_s(attempt, error)
                spent_s += self.clock() - began + wait_s
                if attempt == self.attempts or spent_s > self.budget_s:
                    raise
                why = error.message
            self.wait(wait_s, control, why)
        raise AssertionError("unreachable")

    def wait(self, seconds: float, control: FetchControl, why: str) -> None:
        """Sleep, in slices, so that a cancel is heard; the caller is told how long and why."""
        until = self.clock() + seconds
        control.waits(seconds, why)
        try:
            while (left := until - self.clock()) > 0:
                control.check()
                self.sleep(min(left, _SLICE_S))
            control.check()
        finally:
            control.waits(0.0, "")

    def _wait_s(self, attempt: int, error: TooMany | Unavailable) -> float:
        ceiling = min(self.longest_wait_s, self.first_wait_s * 2 ** (attempt - 1))
        jitter = self.rng.uniform(0.0, ceiling)
        if isinstance(error, TooMany):
            return error.retry_after_s + jitter
        named_s = min(error.retry_after_s, self.longest_named_wait_s) if error.says_when else 0.0
        return max(named_s, jitter)
