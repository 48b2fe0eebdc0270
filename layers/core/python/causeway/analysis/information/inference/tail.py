"""p beyond what surrogates can count: an exponential tail fitted to the largest of them, from the cautious side.

Knijnenburg, Wessels, Reinders & Shmulevich 2009 fit a generalised Pareto distribution to the largest surrogates. Its
shape, estimated from a few hundred values, decides everything at p = 1e-6: there a null statistic has a fitted p below
the level up to 58 times as often as it may (docs/nulls.md). Therefore the shape is not estimated but fixed at 0, the
exponential tail, which is the heaviest that a maximum of estimates with a light tail can have; the scale is the upper
end of its confidence interval; and where the exceedances vary more than exponential ones, nothing is extrapolated.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri

from causeway.analysis.information.settings import NetworkSettings
from causeway.model.inference import Tail

FITTED_DRAWS = 2000  # surrogates of a link whose p is fitted
_LEAST_DRAWS = 1000  # below this the threshold lies too far inside the distribution
_EXCEEDANCES = 100  # largest surrogates that the tail is fitted to
_COUNTABLE = 10  # with as many surrogates above, counting is as good as any fit
_LEVEL = 0.05  # of the confidence bound and of the test that refuses a fit


def is_fitted(settings: NetworkSettings, count: int) -> bool:
    """Whether a test that draws up to ``count`` surrogates fits a tail to them."""
    return settings.tail is Tail.FITTED and count >= FITTED_DRAWS


def tail_probability_of(null: NDArray[np.float64], observed: float) -> float:
    """P(null >= observed) from surrogate statistics ``null`` (n_surrogates,), in no order.

    (b + 1) / (n + 1), with b of n surrogates at or above, where b is at least 10, n below 1000, or the largest
    surrogates have a tail heavier than exponential. Otherwise the upper 95 % confidence bound of an exponential tail
    above the 100 largest. Falls strictly as ``observed`` rises and is never zero above the smallest float.

    Source: Knijnenburg et al. 2009 with the shape at 0; del Castillo, Daoudi & Lockhart 2014 for the test of the tail
    by the coefficient of variation.
    """
    n = null.size
    exceeding = int(np.count_nonzero(null >= observed))
    if exceeding >= _COUNTABLE or n < _LEAST_DRAWS:
        return (exceeding + 1) / (n + 1)
    largest = np.partition(null, n - _EXCEEDANCES - 1)[n - _EXCEEDANCES - 1 :]
    threshold = float(largest.min())
    excess = np.sort(largest)[1:] - threshold
    if not _is_light(excess):
        return (exceeding + 1) / (n + 1)
    scale = float(excess.sum()) * 2 / float(chdtri(2 * _EXCEEDANCES, 1 - _LEVEL))
    share = (_EXCEEDANCES + 1) / (n + 1)
    return max(share * float(np.exp(-(observed - threshold) / scale)), float(np.finfo(np.float64).tiny))


def _is_light(excess: NDArray[np.float64]) -> bool:
    """Whether exceedances vary no more than those of an exponential tail do in 95 of 100 samples."""
    mean = float(excess.mean())
    return mean > 0 and float(excess.var(ddof=1)) / mean**2 <= _largest_variation(excess.size)


@lru_cache(maxsize=8)
def _largest_variation(n: int) -> float:
    """The 95 % quantile of the squared coefficient of variation of ``n`` exponential values, from fixed draws."""
    draws = np.random.default_rng(0).exponential(size=(20_000, n))
    return float(np.quantile(draws.var(axis=1, ddof=1) / draws.mean(axis=1) ** 2, 1 - _LEVEL))
