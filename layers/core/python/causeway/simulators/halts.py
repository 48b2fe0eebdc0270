"""Halts that a simulated vendor makes by itself, after somebody began to watch."""

from __future__ import annotations

import re
import threading
from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

_WRITTEN = re.compile(r"(?P<symbol>[^\s@:]+)@(?P<after>\d+(\.\d+)?)(:(?P<lasts>\d+(\.\d+)?))?")
_LOOK_S = 0.1


@dataclass(frozen=True, slots=True)
class PlannedHalt:
    """``symbol`` halts ``after_s`` seconds after it is first watched, for ``lasts_s``; None: until the vendor ends."""

    symbol: str
    after_s: float
    lasts_s: float | None

    @classmethod
    def parse(cls, text: str) -> PlannedHalt:
        """``SYMBOL@AFTER:FOR`` or ``SYMBOL@AFTER``, in seconds.

        Raises:
            ValueError: it is written otherwise.
        """
        found = _WRITTEN.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"expected SYMBOL@AFTER:FOR in seconds, such as AAPL@30:60; found {text!r}")
        lasts = found["lasts"]
        return cls(found["symbol"].upper(), float(found["after"]), None if lasts is None else float(lasts))


class Halts(Protocol):
    """A simulated vendor that can halt a symbol."""

    def subscribed(self) -> Collection[str]:
        """Symbols that somebody watches, halted or not."""
        ...

    def halt(self, symbol: str) -> None: ...

    def resume(self, symbol: str) -> None: ...


def carry_out(plan: PlannedHalt, vendor: Halts, over: threading.Event) -> threading.Thread:
    """Halt and resume in a thread of its own, until ``over``."""

    def run() -> None:
        while plan.symbol not in vendor.subscribed():
            if over.wait(_LOOK_S):
                return
        if over.wait(plan.after_s):
            return
        vendor.halt(plan.symbol)
        if plan.lasts_s is not None and not over.wait(plan.lasts_s):
            vendor.resume(plan.symbol)

    thread = threading.Thread(target=run, name=f"simulator-halt-{plan.symbol}", daemon=True)
    thread.start()
    return thread
