"""What a question can show, before it runs: how many tests, the p that a lone link needs, the weakest visible link.

Closed forms on counts, with nothing but the standard library; the details of an answer have the exact numbers. The
p of a Gaussian link is more than the F-test's: a score test and Bartlett's count of rows have their say, and what both
cost was measured (``python -m bench.studies te-visible``).
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
LINK_TEST_COST = (
    2.1  # the R² that a link test sees is that of the limit, times 1 + 2.1 R² (measured, 100 to 2,500 rows)
)
_NORMAL = NormalDist()
_MOST_R2 = 0.999


@dataclass(frozen=True, slots=True)
class Visibility:
    """``n_tests`` were corrected for; ``needed_p`` is what a lone link needs, ``reachable_p`` the least that surrogates
    can give, None where nulls are exact. A linear link of ``detectable_r2`` (partial R² of one lag), or of
    ``detectable_te_nats``, is found with probability 0.8, between series that do not move together: at a correlation
    of 0.6 within the bar it takes up to 1.2 times that R². It bounds what other estimators can see.
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
    p = min(needed, _selection_p(work.n_series, spec.max_lag))
    as_idtxl = bool(spec.inference.compat) or spec.inference.engine.is_idtxl  # which knows no score test
    by_link_test = spec.estimator in EXACT and spec.inference.correct_over is CorrectOver.LINKS and not as_idtxl
    r2 = detectable_r2(work.n_samples, spec.max_lag, p, by_link_test=by_link_test)
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


def detectable_r2(n_samples: int, max_lag: int, p: float, *, by_link_test: bool) -> float:
    """Partial R² whose test of one lag has power 0.8: of the link test, or of the F-test alone.

    The noncentral chi-square with n R²/(1 - R²), one tail of it, which is the F-test's limit of many samples (Cohen
    1988, chapter 9); for the link test times its measured cost. At most 0.999.
    """
    level = -math.expm1(math.log1p(-p) / max_lag)
    noncentrality = (_NORMAL.inv_cdf(1 - level / 2) + _NORMAL.inv_cdf(POWER)) ** 2
    r2 = noncentrality / (n_samples + noncentrality)
    return min(r2 * (1 + LINK_TEST_COST * r2), _MOST_R2) if by_link_test else r2
