"""False-discovery control over all candidate links, or over all targets."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from causeway.analysis.information.settings import NetworkSettings
from causeway.errors import InvalidInput
from causeway.model.inference import Correction, CorrectOver


def harmonic(m: int) -> float:
    """1 + 1/2 + ... + 1/m."""
    return float(np.sum(1.0 / np.arange(1, m + 1)))


def benjamini_yekutieli(p: ArrayLike, n_hypotheses: int) -> NDArray[np.float64]:
    """q of each p, in order, where the remaining ``n_hypotheses - len(p)`` hypotheses have p = 1.

    q_(i) = min over j >= i of p_(j) m H(m) / j, at most 1. Controls the false-discovery rate under any dependence.
    Source: Benjamini & Yekutieli 2001, theorem 1.3.

    Raises:
        InvalidInput: more p than hypotheses, or a p outside [0, 1].
    """
    return _step_up(p, n_hypotheses, harmonic(n_hypotheses))


def benjamini_hochberg(p: ArrayLike, n_hypotheses: int) -> NDArray[np.float64]:
    """The same without H(m), which holds for independent or positively dependent tests.

    Source: Benjamini & Hochberg 1995. Raises as ``benjamini_yekutieli``.
    """
    return _step_up(p, n_hypotheses, 1.0)


def corrected(p: ArrayLike, n_hypotheses: int, correction: Correction) -> NDArray[np.float64]:
    """q by the correction that is asked for; see the functions above."""
    return (benjamini_hochberg if correction is Correction.BH else benjamini_yekutieli)(p, n_hypotheses)


def _step_up(p: ArrayLike, n_hypotheses: int, penalty: float) -> NDArray[np.float64]:
    values = np.asarray(p, dtype=np.float64)
    if values.size > n_hypotheses:
        raise InvalidInput(f"{values.size} p-values for {n_hypotheses} hypotheses.")
    if values.size and not ((values >= 0) & (values <= 1)).all():
        raise InvalidInput("p-values must lie between 0 and 1.")
    order = np.argsort(values, kind="stable")
    ranks = np.arange(1, values.size + 1)
    raw = values[order] * n_hypotheses * penalty / ranks
    q = np.empty_like(values)
    q[order] = np.minimum(np.minimum.accumulate(raw[::-1])[::-1], 1.0)
    return q


def needed_p(n_series: int, settings: NetworkSettings) -> float:
    """The p that a lone link (over targets: a lone target) among ``n_series`` must reach for q = alpha."""
    n = n_series - len(settings.condition_on)
    m = max(1, n if settings.correct_over is CorrectOver.TARGETS else n * (n - 1))
    return settings.alpha / (m * (harmonic(m) if settings.correction is Correction.BY else 1.0))
