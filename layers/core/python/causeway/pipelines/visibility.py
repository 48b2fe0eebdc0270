"""What a question can show, before it runs: how many tests, the p that a lone link needs, the weakest visible link.

Closed forms on counts, with nothing but the standard library; the details of an answer have the exact numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from causeway.model.inference import Correction, CorrectOver, Tail
from causeway.model.job import AnalysisSpec
from causeway.pipelines.cost_model import EXACT, Work

POWER = 0.8
ALPHA_STEP = 0.05  # of each step of the selection
MOST_SURROGATES = 20_000  # that the p of a link draws
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Visibility:
    """``n_tests`` were corrected for; ``needed_p`` is what a lone link needs, ``reachable_p`` the least that surrogates
    can give, None where nulls are exact. A linear link of ``detectable_r2`` (partial R² of one lag), or of
    ``detectable_te_nats``, is found with probability 0.8; it bounds what other estimators can see.
    """

    n_tests: int
    needed_p: float
    reachable_p: float | None
    detectable_r2: float
    detectable_te_nats: float

    @property
    def can_be_significant(self) -> bool:
        """Whether a lone link can pass the correction at all."""
        return self.reachable_p is None or self.reachable_p <= self.needed_p


def visibility(spec: AnalysisSpec, work: Work) -> Visibility:
    """What the samples of a question can show; ``work`` must have at least two series and one sample."""
    n_tests, needed = needed_p(spec, work.n_targets)
    r2 = _detectable_r2(work, spec.max_lag, min(needed, _selection_p(work.n_series, spec.max_lag)))
    sampled = spec.estimator not in EXACT and spec.inference.tail is Tail.COUNTED
    reachable = 1 / (max(spec.n_permutations, MOST_SURROGATES) + 1) if sampled else None
    return Visibility(n_tests, needed, reachable, r2, -0.5 * math.log1p(-r2))


def needed_p(spec: AnalysisSpec, n_targets: int) -> tuple[int, float]:
    """(number of tests, p that a single one must reach for q = alpha) of ``n_targets`` series that may be sources too.

    Source: Benjamini & Hochberg 1995; Benjamini & Yekutieli 2001, theorem 1.3, for a single rejection.
    """
    over_links = spec.inference.correct_over is CorrectOver.LINKS
    tests = n_targets * (n_targets - 1) if over_links else n_targets
    harmonic = sum(1 / i for i in range(1, tests + 1)) if spec.inference.correction is Correction.BY else 1.0
    return tests, spec.alpha / (tests * harmonic)


def _selection_p(n_series: int, max_lag: int) -> float:
    """The p of the best of ``max_lag`` lags that passes the selection among all candidates (Sidak 1967)."""
    step = -math.expm1(math.log1p(-ALPHA_STEP) / ((n_series - 1) * max_lag))
    return -math.expm1(max_lag * math.log1p(-step))


def _detectable_r2(work: Work, max_lag: int, p: float) -> float:
    """Partial R² whose test of one lag has power 0.8, by the noncentral chi-square with n R²/(1 - R²), one tail of it.

    Source: Cohen 1988, chapter 9, in the limit of many samples.
    """
    level = -math.expm1(math.log1p(-p) / max_lag)
    noncentrality = (_NORMAL.inv_cdf(1 - level / 2) + _NORMAL.inv_cdf(POWER)) ** 2
    return noncentrality / (work.n_samples + noncentrality)
