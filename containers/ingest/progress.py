"""How far a run of a fetch is, what it waits for, and how long it will take."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Beat:
    """What a heartbeat says. ``eta_s`` None: nothing is known yet; it is never less than what is waited for."""

    progress: float
    rows_per_s: float | None
    eta_s: float | None
    message: str


class RunProgress:
    """Heard by the workers of a run, read by its heartbeat. ``began``: share of symbols and rows before this run."""

    def __init__(self, began: tuple[float, int], clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began, self._began_at, self._began_rows = clock(), *began
        self._said = ""
        self._fractions: dict[str, float] = {}
        self._waits: dict[int, tuple[float, str]] = {}

    def say(self, text: str) -> None:
        """Something went otherwise than usual."""
        self._said = text

    def waits(self, seconds: float, why: str) -> None:
        """The calling thread waits; 0: it goes on."""
        if seconds > 0:
            self._waits[threading.get_ident()] = (self._clock() + seconds, why)
        else:
            self._waits.pop(threading.get_ident(), None)

    def tell(self, symbol: str, fraction: float) -> None:
        """So much of a symbol is done."""
        self._fractions[symbol] = fraction
        self._said = ""

    def beat(self, ended: int, total: int, rows: int) -> Beat:
        """Where the run stands, with ``ended`` of ``total`` symbols and ``rows`` read."""
        under_way = sum(fraction for fraction in list(self._fractions.values()) if fraction < 1)
        progress = min(1.0, (ended + under_way) / max(total, 1))
        elapsed, gained = self._clock() - self._began, progress - self._began_at
        rate = (rows - self._began_rows) / elapsed if elapsed > 0 else None
        eta_s = elapsed * (1 - progress) / gained if gained > 0 else None
        wait_s, why = self._shortest_wait()
        if why:
            return Beat(progress, rate, max(eta_s or 0.0, wait_s), f"waiting {math.ceil(wait_s)} s: {why}")
        return Beat(progress, rate, eta_s, self._said or "fetching")

    def _shortest_wait(self) -> tuple[float, str]:
        now = self._clock()
        left = [(until - now, why) for until, why in list(self._waits.values()) if until > now]
        return min(left, default=(0.0, ""))
