"""p of a statistic from surrogates whose values are kept, so that a tail can be fitted to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.information.estimators.protocol import Orders
from causeway.analysis.information.inference.checkpoints import Journal
from causeway.analysis.information.inference.exceedances import Rule
from causeway.analysis.information.inference.stages import Stages
from causeway.analysis.information.inference.tail import tail_probability_of

_ROUNDING = 1e-12  # values this much below the statistic count as equal to it


def fitted_p(
    blocks: Iterable[Orders],
    null_of: Callable[[Orders], NDArray[np.float64]],
    observed: float,
    rule: Rule,
    step: str,
    journal: Journal,
    stages: Stages,
) -> float:
    """As ``count_exceedances``, stopped counts included; where few surrogates exceed, a tail fitted to all of them.

    ``null_of`` gives the statistic of each surrogate. Independent of how draws are cut to blocks.
    """
    null = np.array((journal.partial(step) or {"null": []})["null"], dtype=np.float64)
    for orders in blocks:
        null = np.concatenate([null, null_of(orders)])
        hits = np.flatnonzero(null >= observed - _ROUNDING)
        if hits.size >= rule.stop:
            return (rule.stop + rule.extra) / (int(hits[rule.stop - 1]) + 1 + rule.extra)
        journal.note(step, {"null": null.tolist(), "drawn": null.size})
        stages.within(null.size / rule.count)
    return tail_probability_of(null, observed - _ROUNDING)
