"""Faults that a simulated vendor can be told to have, each a given number of times."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum

SKEW_AHEAD = timedelta(minutes=1)


class Fault(StrEnum):
    THROTTLE = "throttle"  # as this vendor throttles: 429, or 200 with a note
    SERVER_ERROR = "server-error"
    REFUSE = "refuse"  # the connection is closed before an answer
    CUT = "cut"  # the connection ends in the middle of a message
    SPLIT = "split"  # a message arrives in many small pieces
    GARBAGE = "garbage"  # bytes that are no message
    NULLS = "nulls"  # values are missing where the vendor may leave them out
    SILENCE = "silence"  # no answer at all
    UNAUTHORISED = "unauthorised"
    PREMIUM = "premium"  # the plan does not cover this
    SKEW = "skew"  # the vendor's clock is SKEW_AHEAD fast


class Flaw(StrEnum):
    """A flaw of a daily series that a vendor holds; made in ``flaws``."""

    UNIT = "unit"  # prices from 8 to 21 March of every year are 100 times too large
    SPLIT = "split"  # of the 30 days before a split, prices and volume lack its adjustment
    MISSING = "missing"  # the close is missing from 15 to 17 May of every year


class Faults:
    """What is to go wrong next; ``flaws`` are in the vendor's data all the time. Safe to share between threads."""

    def __init__(self, flaws: Iterable[Flaw] = ()) -> None:
        self.flaws = frozenset(flaws)
        self._left: Counter[Fault] = Counter()
        self._lock = threading.Lock()

    def add(self, fault: Fault, times: int = 1) -> None:
        """Let the next ``times`` messages to which it applies have this fault."""
        with self._lock:
            self._left[fault] += times

    def take(self, *candidates: Fault) -> Fault | None:
        """The first of ``candidates`` that is to happen, used up once; None where all is well."""
        with self._lock:
            for fault in candidates:
                if self._left[fault] > 0:
                    self._left[fault] -= 1
                    return fault
        return None

    def skew(self) -> timedelta:
        """How much the vendor's clock is fast for the next message."""
        return SKEW_AHEAD if self.take(Fault.SKEW) else timedelta(0)

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._left.clear()
