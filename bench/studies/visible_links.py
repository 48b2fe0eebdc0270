"""The weakest link that the Gaussian link test finds, against what is said before a run."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bench.studies.study import Row, Study
from bench.studies.systems import Array
from causeway.analysis.information.inference.embedding import past_of
from causeway.analysis.information.inference.gaussian_steps import GaussianSteps
from causeway.analysis.information.inference.lagged_covariance import row_covariance
from causeway.analysis.information.settings import NetworkSettings
from causeway.pipelines.visibility import POWER, detectable_r2

_MAX_LAG = 5
_HALVINGS = 9
_TRUE_LAG = 2


def link_p(shocks: Array, r2: float, settings: NetworkSettings) -> float:
    """p of a link of partial R² ``r2`` that is put into ``shocks`` (n, 2), series 1 to 0, given one own lag of 0.3."""
    values = shocks.copy()
    size = np.sqrt(r2 / (1 - r2))
    for t in range(_TRUE_LAG, len(values)):
        values[t, 0] += 0.3 * values[t - 1, 0] + size * values[t - _TRUE_LAG, 1]
    steps = GaussianSteps(row_covariance(values, _MAX_LAG), 0, settings)
    return steps.link(past_of(1, _MAX_LAG), past_of(0, _MAX_LAG)[:1], "")


def visible_r2(n: int, needed_p: float, correlation: float, runs: int, settings: NetworkSettings) -> float:
    """The partial R² at which the share of data sets with p below ``needed_p`` passes ``POWER``."""
    mixing = np.linalg.cholesky(np.array([[1, correlation], [correlation, 1]]))
    data = [np.random.default_rng([seed, n]).standard_normal((n, 2)) @ mixing.T for seed in range(runs)]
    low, high = 0.0, 0.9
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        found = np.mean([link_p(shocks, middle, settings) <= needed_p for shocks in data])
        low, high = (low, middle) if found >= POWER else (middle, high)
    return (low + high) / 2


def rows(runs: int) -> Iterator[Row]:
    """A row per length, p and correlation of the shocks."""
    for n in (100, 250, 500, 1000, 2500):
        for needed in (1e-3, 1e-4, 1e-6):
            said = detectable_r2(n, _MAX_LAG, needed, by_link_test=True)
            limit = detectable_r2(n, _MAX_LAG, needed, by_link_test=False)
            for correlation in (0.0, 0.6):
                found = visible_r2(n, needed, correlation, runs, NetworkSettings(max_lag=_MAX_LAG))
                yield {
                    "rows": n,
                    "needed p": needed,
                    "correlation": correlation,
                    "runs": runs,
                    "said R2": round(said, 4),
                    "F-test alone R2": round(limit, 4),
                    "measured R2": round(found, 4),
                    "said / measured": round(said / found, 3),
                    "F-test alone / measured": round(limit / found, 3),
                }


STUDY = Study("te-visible", "How weak a link does the link test find, and how weak was said before?", rows, 300)
