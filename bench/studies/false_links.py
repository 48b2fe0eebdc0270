"""How often a link that is not there gets a small p, per surrogate scheme and estimator."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.stats import chi2

from bench.studies.study import Row, Study, share_below
from bench.studies.systems import NULL_SYSTEMS, Array, NullSystem, lagged_rows
from causeway.analysis.information.estimators.gaussian import score_probability, tail_probability
from causeway.analysis.information.estimators.ksg import KsgCmi
from causeway.analysis.information.inference.autocorrelation import effective_rows_given
from causeway.analysis.information.inference.surrogates import stream, surrogate_orders
from causeway.analysis.information.settings import KsgSettings, NetworkSettings
from causeway.model.inference import Estimator, SurrogateScheme

N_SURROGATES = 199
MAX_LAG = 3
_ROWS = 300
_SCHEMES = (  # name, scheme, block_bars
    ("block", SurrogateScheme.BLOCK, None),
    ("block, length from data", SurrogateScheme.BLOCK, 0),
    ("permutation", SurrogateScheme.PERMUTATION, None),
    ("circular", SurrogateScheme.CIRCULAR, None),
    ("local", SurrogateScheme.LOCAL, None),
    ("volatility", SurrogateScheme.VOLATILITY, None),
    ("volatility, blocks of 10", SurrogateScheme.VOLATILITY, 10),
)


def ksg_link_p(values: Array, system: NullSystem, scheme: SurrogateScheme, seed: int, block_bars: int | None) -> float:
    """(b + 1) / (n + 1): the largest information of three lags against that of each surrogate."""
    x, y, z = lagged_rows(values, system.given, MAX_LAG)
    settings = NetworkSettings(estimator=Estimator.KSG, max_lag=MAX_LAG, surrogates=scheme, block_bars=block_bars)
    rng = stream(seed, system.name, scheme)
    orders = np.stack(list(surrogate_orders(rng, len(y), N_SURROGATES, settings, given=z, target=y[:, 0])))
    prepared = KsgCmi(KsgSettings(standardise=False)).prepare(y, z)
    null = prepared.each_surrogate(x, orders).max(axis=0)
    return float(np.count_nonzero(null >= prepared.each(x).max() - 1e-12) + 1) / (N_SURROGATES + 1)


def gaussian_link_p(values: Array, system: NullSystem) -> dict[str, float]:
    """p of the best of three lags by the F-test, with the rows that count, and together with the score test."""
    x, y, z = (part - part.mean(axis=0) for part in lagged_rows(values, system.given, MAX_LAG))
    basis, _ = np.linalg.qr(z)
    ys, xs = y[:, 0] - basis @ (basis.T @ y[:, 0]), x - basis @ (basis.T @ x)
    cmi = -0.5 * np.log1p(-((xs.T @ ys) ** 2) / (xs**2).sum(axis=0) / (ys @ ys))
    plain = tail_probability(cmi, len(y), z.shape[1])
    rows = [effective_rows_given(x[:, i], y[:, 0], z) for i in range(MAX_LAG)]
    counted = np.array([float(tail_probability(c, n, z.shape[1])) for c, n in zip(cmi, rows, strict=True)])
    robust = score_probability(x, y[:, 0], z)
    products = xs * ys[:, None]
    limit = chi2.sf(products.sum(axis=0) ** 2 / (products**2).sum(axis=0), 1)
    return {
        "F": _best_of(plain),
        "F, rows that count": _best_of(counted),
        "link test": _best_of(np.maximum(counted, robust)),
        "link test, chi-squared": _best_of(np.maximum(counted, limit)),
    }


def _best_of(p: Array) -> float:
    return float(-np.expm1(p.size * np.log1p(-p.min())))


def rows(runs: int) -> Iterator[Row]:
    """A row per system and method."""
    for system in NULL_SYSTEMS:
        yield from _gaussian_rows(system, runs * 5, 300)
        yield from _gaussian_rows(system, runs * 5, 2000)
        for name, scheme, block_bars in _SCHEMES:
            p = [ksg_link_p(_values(system, _ROWS, seed), system, scheme, seed, block_bars) for seed in range(runs)]
            yield _row(system, f"KSG, {name}", _ROWS, p)


def _gaussian_rows(system: NullSystem, runs: int, n: int) -> Iterator[Row]:
    found = [gaussian_link_p(_values(system, n, seed), system) for seed in range(runs)]
    for method in found[0]:
        yield _row(system, f"Gaussian, {method}", n, [p[method] for p in found])


def _values(system: NullSystem, n: int, seed: int) -> Array:
    return system.draw(np.random.default_rng([seed, n]), n)


def _row(system: NullSystem, method: str, n: int, p: list[float]) -> Row:
    return {
        "system": system.name,
        "method": method,
        "rows": n,
        "runs": len(p),
        "P(p<=.05)": share_below(p, 0.05),
        "P(p<=.01)": share_below(p, 0.01),
    }


STUDY = Study("te-false-links", "How often has a link that is not there a small p?", rows, 200)
