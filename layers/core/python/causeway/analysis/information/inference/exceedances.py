"""How many surrogates reach a statistic, counted no further than needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.information.estimators.protocol import Orders
from causeway.analysis.information.inference.checkpoints import Journal
from causeway.analysis.information.inference.stages import Stages

_ENOUGH = 20  # exceedances after which a p is known well enough


@dataclass(frozen=True, slots=True)
class Rule:
    """Draw ``count`` surrogates, but stop at exceedance number ``stop``.

    A stopped count has p = (stop + ``extra``) / (draws + ``extra``). With ``extra`` 0 that is the estimate of Besag &
    Clifford 1991, which is valid; with 1 it is never below what all draws would have allowed.
    """

    count: int
    stop: int
    extra: int

    @classmethod
    def decision(cls, count: int, alpha: float) -> Rule:
        """Stops where p <= alpha is out of reach; p is exact if it is at most alpha."""
        allowed = int(np.floor(alpha * (count + 1) + 1e-9)) - 1  # largest b with (b + 1) / (count + 1) <= alpha
        return cls(count, allowed + 1, 1)

    @classmethod
    def estimate(cls, count: int) -> Rule:
        """Stops where p is known to about a fifth of itself."""
        return cls(count, _ENOUGH, 0)


def count_exceedances(
    blocks: Iterable[Orders],
    exceeding: Callable[[Orders], NDArray[np.bool_]],
    rule: Rule,
    step: str,
    journal: Journal,
    stages: Stages,
) -> float:
    """p after the blocks, which go on where ``journal`` left the step; it does not depend on how draws are cut."""
    noted = journal.partial(step) or {"exceeding": 0, "drawn": 0}
    found, drawn = int(noted["exceeding"]), int(noted["drawn"])
    for orders in blocks:
        hits = np.flatnonzero(exceeding(orders))
        if found + hits.size >= rule.stop:
            last = drawn + int(hits[rule.stop - found - 1]) + 1
            return (rule.stop + rule.extra) / (last + rule.extra)
        found += hits.size
        drawn += len(orders)
        journal.note(step, {"exceeding": found, "drawn": drawn})
        stages.within(drawn / rule.count)
    return (found + 1) / (drawn + 1)
