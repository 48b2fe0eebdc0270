"""How long a piece of work takes: medians of repeated runs, ours and the peer's turn by turn.

On a machine that does other things as well, CPU seconds of the same work vary by a factor of two. Turns that alternate
meet the same conditions, so their ratio varies much less than either of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from statistics import median
from typing import Any

from bench.clock import Clock, SystemClock

LONG_CPU_S = 2.0  # a warm-up that lasted this long needs no second run to tell how many calls fit a turn

Work = Callable[[], Any]
Turn = Callable[[], "Timing"]


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of one run of the work, and what it returned."""

    wall_s: float
    cpu_s: float
    value: Any = None

    def scaled(self, factor: float) -> Timing:
        """As many times the work."""
        return Timing(self.wall_s * factor, self.cpu_s * factor, self.value)


def once(work: Work, clock: Clock | None = None, calls: int = 1) -> Timing:
    """One run; where it is short, the mean of ``calls`` runs in a row."""
    clock = clock or SystemClock()
    wall, cpu = clock.wall(), clock.cpu()
    for _ in range(calls):
        value = work()
    return Timing((clock.wall() - wall) / calls, (clock.cpu() - cpu) / calls, value)


def turn(
    work: Work, clock: Clock | None = None, *, warm: bool = True, shortest_s: float = 0.1, warm_up_cpu_s: float = 0.0
) -> Turn:
    """``once``, after warm-up runs of ``warm_up_cpu_s``, with so many calls that a turn takes ``shortest_s`` of CPU.

    Without ``warm`` nothing runs beforehand, and a turn is one call: for work of minutes.
    """
    clock = clock or SystemClock()
    if not warm:
        return lambda: once(work, clock)
    begin = clock.cpu()
    once(work, clock)
    probe = once(work, clock) if clock.cpu() - begin < LONG_CPU_S else Timing(LONG_CPU_S, LONG_CPU_S)
    while clock.cpu() - begin < warm_up_cpu_s:
        probe = once(work, clock)
    calls = max(1, min(1000, ceil(shortest_s / max(probe.cpu_s, 1e-9))))
    return lambda: once(work, clock, calls)


def middle(timings: list[Timing]) -> Timing:
    """Medians of wall and of CPU seconds, with the last value."""
    return Timing(median(t.wall_s for t in timings), median(t.cpu_s for t in timings), timings[-1].value)


def side_by_side(turns: list[Turn], rounds: list[int]) -> list[Timing]:
    """Turns alternate until each was taken as often as ``rounds`` says; the medians of each."""
    taken: list[list[Timing]] = [[] for _ in turns]
    for number in range(max(rounds)):
        for take, limit, timings in zip(turns, rounds, taken, strict=True):
            if number < limit:
                timings.append(take())
    return [middle(timings) for timings in taken]
