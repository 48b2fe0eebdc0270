"""Is a p fitted to the tail of 2,000 surrogates as rare as it says? KSG, the maximum over five lags."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.stats import genpareto

from bench.studies.study import Row, Study, share_below
from bench.studies.systems import Array, NullSystem, autoregression, garch, lagged_rows
from causeway.analysis.information.estimators.ksg import KsgCmi
from causeway.analysis.information.inference.checkpoints import Journal
from causeway.analysis.information.inference.exceedances import Rule
from causeway.analysis.information.inference.fitted_counts import fitted_p
from causeway.analysis.information.inference.stages import Stages
from causeway.analysis.information.inference.surrogates import stream, surrogate_orders
from causeway.analysis.information.inference.tail import FITTED_DRAWS, tail_probability_of
from causeway.analysis.information.settings import KsgSettings, NetworkSettings
from causeway.model.inference import Estimator

MAX_LAG = 5
_ROWS = 200
_REFERENCE = 20_000  # surrogates of a data set: ten fits, each held against the 18,000 others
_LEVELS = (1e-2, 1e-3, 1e-4)
_EXCEEDANCES = 250  # that Knijnenburg et al. 2009 begin with
_BLOCK = 100  # surrogates at a time
_SYSTEMS = (
    NullSystem("AR .5", lambda rng, n: autoregression(rng, n, 2, 0.5)),
    NullSystem("GARCH, Student-t(4)", lambda rng, n: garch(rng, n, 2)),
)


class _Link:
    """The maximum over five lags of one null link, observed and in surrogates."""

    def __init__(self, system: NullSystem, seed: int) -> None:
        values = system.draw(np.random.default_rng([seed, _ROWS]), _ROWS)
        self._x, y, z = lagged_rows(values, system.given, MAX_LAG)
        self._prepared = KsgCmi(KsgSettings(standardise=False)).prepare(y, z)
        self._key = (seed, system.name)
        self.observed = float(self._prepared.each(self._x).max())

    def null_of(self, orders: NDArray[np.int64]) -> Array:
        """(n_surrogates,)."""
        return np.asarray(self._prepared.each_surrogate(self._x, orders).max(axis=0))

    def blocks(self, count: int) -> Iterator[NDArray[np.int64]]:
        """``count`` orders, a hundred at a time."""
        settings = NetworkSettings(estimator=Estimator.KSG, max_lag=MAX_LAG)
        orders = surrogate_orders(stream(*self._key), len(self._x), count, settings)
        for _ in range(0, count, _BLOCK):
            yield np.stack([next(orders) for _ in range(_BLOCK)])


def rows(runs: int) -> Iterator[Row]:
    """p of ``runs`` null links as the engine computes it; then fits held against many surrogates of a few links."""
    for system in _SYSTEMS:
        yield _null_links(system, runs)
        nulls = [_many_surrogates(_Link(system, seed)) for seed in range(max(2, runs // 250))]
        for name, critical in {"fitted": fitted_critical, "generalised Pareto": pareto_critical}.items():
            yield {"system": system.name, "method": name, "fits": 10 * len(nulls), **_beyond(nulls, critical)}


def _null_links(system: NullSystem, runs: int) -> Row:
    p = []
    for seed in range(runs):
        link = _Link(system, seed)
        stages = Stages(lambda _: None, lambda: None)
        rule = Rule.estimate(FITTED_DRAWS)
        p.append(fitted_p(link.blocks(FITTED_DRAWS), link.null_of, link.observed, rule, "link", Journal(), stages))
    shares = {f"P(p<={level:g})": share_below(p, level) for level in (0.05, *_LEVELS)}
    return {"system": system.name, "method": "fitted, as in a network", "links": runs, **shares, "smallest": min(p)}


def _many_surrogates(link: _Link) -> Array:
    return np.concatenate([link.null_of(orders) for orders in link.blocks(_REFERENCE)])


def _beyond(nulls: list[Array], critical: Callable[[Array, float], float]) -> Row:
    """Share of the other surrogates that lie beyond the critical value of a fit, in units of the level."""
    shares: dict[float, list[float]] = {level: [] for level in _LEVELS}
    for null in nulls:
        for start in range(0, _REFERENCE, FITTED_DRAWS):
            rest = np.delete(null, np.s_[start : start + FITTED_DRAWS])
            for level in _LEVELS:
                shares[level].append(float(np.mean(rest >= critical(null[start : start + FITTED_DRAWS], level))))
    return {f"P(p<={level:g}) / {level:g}": round(float(np.mean(share)) / level, 2) for level, share in shares.items()}


def fitted_critical(null: Array, level: float) -> float:
    """The smallest statistic whose fitted p is at most ``level``, by bisection."""
    low, high = float(np.median(null)), float(null.max() + 10 * null.std())
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if tail_probability_of(null, middle) > level else (low, middle)
    return high


def pareto_critical(null: Array, level: float) -> float:
    """The same by a generalised Pareto distribution with estimated shape, as in Knijnenburg et al. 2009."""
    threshold = float(np.sort(null)[-_EXCEEDANCES - 1])
    excess = null[null > threshold] - threshold
    shape, _, scale = genpareto.fit(excess, floc=0)
    return threshold + float(genpareto.isf(level * null.size / excess.size, shape, scale=scale))


STUDY = Study("te-tail", "Is a p fitted to the tail of the surrogates as rare as it says?", rows, 2000)
