"""Is a p fitted to the tail of 2,000 surrogates as rare as it says? KSG, the maximum over five lags."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from scipy.stats import genpareto

from bench.studies.study import Row, Study
from bench.studies.systems import Array, NullSystem, autoregression, garch, lagged_rows
from causeway.analysis.information.estimators.ksg import KsgCmi
from causeway.analysis.information.inference.surrogates import stream, surrogate_orders
from causeway.analysis.information.inference.tail import FITTED_DRAWS, tail_probability_of
from causeway.analysis.information.settings import KsgSettings, NetworkSettings
from causeway.model.inference import Estimator

MAX_LAG = 5
_REFERENCE = 20_000  # surrogates of a data set: ten fits, each held against the 18,000 others
_LEVELS = (1e-2, 1e-3, 1e-4)
_EXCEEDANCES = 250  # that Knijnenburg et al. 2009 begin with
_SYSTEMS = (
    NullSystem("AR .5", lambda rng, n: autoregression(rng, n, 2, 0.5)),
    NullSystem("GARCH, Student-t(4)", lambda rng, n: garch(rng, n, 2)),
)


def surrogate_maxima(values: Array, system: NullSystem, count: int, seed: int) -> Array:
    """(count,): the largest information of five lags in every surrogate."""
    x, y, z = lagged_rows(values, system.given, MAX_LAG)
    settings = NetworkSettings(estimator=Estimator.KSG, max_lag=MAX_LAG)
    prepared = KsgCmi(KsgSettings(standardise=False)).prepare(y, z)
    orders = surrogate_orders(stream(seed, system.name), len(y), count, settings)
    parts = []
    for _ in range(0, count, 1000):
        block = np.stack([next(orders) for _ in range(1000)])
        parts.append(prepared.each_surrogate(x, block).max(axis=0))
    return np.concatenate(parts)


def pareto_probability(null: Array, observed: float) -> float:
    """As in Knijnenburg et al. 2009: a generalised Pareto distribution with estimated shape, by maximum likelihood."""
    threshold = np.sort(null)[-_EXCEEDANCES - 1]
    excess = null[null > threshold] - threshold
    shape, _, scale = genpareto.fit(excess, floc=0)
    return float(excess.size / null.size * genpareto.sf(observed - threshold, shape, scale=scale))


def rows(runs: int) -> Iterator[Row]:
    """A row per system, length and method: how often a null statistic has a p below each level."""
    methods = {"fitted": tail_probability_of, "generalised Pareto": pareto_probability}
    for system in _SYSTEMS:
        for n in (200, 500):
            nulls = [_null(system, n, seed) for seed in range(runs)]
            for name, method in methods.items():
                yield {
                    "system": system.name,
                    "rows": n,
                    "method": name,
                    "data sets": runs,
                    **_beyond(nulls, method),
                }


def _null(system: NullSystem, n: int, seed: int) -> Array:
    return surrogate_maxima(system.draw(np.random.default_rng([seed, n]), n), system, _REFERENCE, seed)


def _beyond(nulls: list[Array], method: Callable[[Array, float], float]) -> Row:
    """Share of the reference surrogates that lie beyond the critical value of fits to the other ones."""
    shares: dict[float, list[float]] = {level: [] for level in _LEVELS}
    for null in nulls:
        for start in range(0, _REFERENCE, FITTED_DRAWS):
            fitted = null[start : start + FITTED_DRAWS]
            rest = np.delete(null, np.s_[start : start + FITTED_DRAWS])
            for level in _LEVELS:
                shares[level].append(float(np.mean(rest >= critical_value(fitted, level, method))))
    return {f"P(p<={level:g}) / {level:g}": round(float(np.mean(share)) / level, 3) for level, share in shares.items()}


def critical_value(null: Array, level: float, method: Callable[[Array, float], float]) -> float:
    """The smallest statistic whose p is at most ``level``, by bisection."""
    low, high = float(np.median(null)), float(null.max() + 10 * null.std())
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if method(null, middle) > level else (low, middle)
    return high


STUDY = Study("te-tail", "Is a p fitted to the tail of the surrogates as rare as it says?", rows, 10)
