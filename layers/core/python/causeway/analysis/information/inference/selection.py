"""The algorithm of multivariate transfer entropy for one target, as in IDTxl (Wollstadt et al. 2019).

Greedy selection over the target's past, then over every source's past, by the maximum statistic; pruning by the
minimum statistic; an omnibus test; a sequential maximum test. Which estimator decides is hidden in ``StepTests``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from causeway.analysis.information.inference.embedding import LaggedVariable, past_of
from causeway.analysis.information.inference.steps import StepTests, Variables, others


@dataclass(frozen=True, slots=True)
class Selection:
    """What informs a target: its own past, the sources' pasts, and p of all sources together (1 if none)."""

    own_past: tuple[LaggedVariable, ...]
    sources: tuple[LaggedVariable, ...]
    omnibus_p: float


def select(
    tests: StepTests, target: int, n_series: int, max_lag: int, alpha: float, report: Callable[[float], None]
) -> Selection:
    """The lagged variables that inform ``target``; ``report`` hears the fraction done after each step."""
    own = greedy(tests, past_of(target, max_lag), (), "past") or (LaggedVariable(target, 1),)
    report(0.2)
    elsewhere = [v for series in range(n_series) if series != target for v in past_of(series, max_lag)]
    chosen = greedy(tests, elsewhere, own, "sources")
    report(0.5)
    chosen = prune(tests, chosen, own)
    report(0.6)
    omnibus_p = tests.joint(chosen, own, "omnibus") if chosen else 1.0
    kept = sequential_maximum(tests, chosen, own) if omnibus_p <= alpha else ()
    report(0.7)
    return Selection(own, kept, omnibus_p)


def greedy(tests: StepTests, candidates: Variables, given: Variables, name: str) -> tuple[LaggedVariable, ...]:
    """Add the strongest candidate, given ``given`` and those added before, as long as it passes."""
    remaining = list(candidates)
    chosen: list[LaggedVariable] = []
    while remaining:
        decision = tests.strongest(remaining, [*given, *chosen], f"{name}:{len(chosen)}")
        if not decision.passed:
            break
        chosen.append(decision.variable)
        remaining.remove(decision.variable)
    return tuple(chosen)


def prune(tests: StepTests, chosen: Sequence[LaggedVariable], own: Variables) -> tuple[LaggedVariable, ...]:
    """Remove the weakest variable as long as it is not significant given all others; a single one stays."""
    kept = list(chosen)
    while len(kept) > 1:
        decision = tests.weakest(kept, own, f"prune:{len(kept)}")
        if decision.passed:
            break
        kept = others(kept, decision.variable)
    return tuple(kept)


def sequential_maximum(
    tests: StepTests, chosen: Sequence[LaggedVariable], own: Variables
) -> tuple[LaggedVariable, ...]:
    """The strongest variables down to the first that does not pass, in the order in which they were chosen."""
    ranked = tests.ranked(chosen, own, "sequential")
    passed = {decision.variable for decision in takewhile(lambda decision: decision.passed, ranked)}
    return tuple(variable for variable in chosen if variable in passed)
