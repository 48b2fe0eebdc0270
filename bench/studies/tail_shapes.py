"""Fits to tails that are known in closed form, far beyond what surrogates can count."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from scipy.stats import chi2, norm, t

from bench.studies.study import Row, Study
from bench.studies.systems import Array
from bench.studies.tails import fitted_critical, pareto_critical
from causeway.analysis.information.inference.tail import FITTED_DRAWS

_LAGS = 5
_LEVELS = (1e-3, 1e-4, 1e-6)
_METHODS = {"fitted": fitted_critical, "generalised Pareto": pareto_critical}

Draw = Callable[[np.random.Generator, int], Array]
Survival = Callable[[float], float]

# Name, draws of one lag, and P(one lag > value); the statistic is the maximum of five.
_SHAPES: tuple[tuple[str, Draw, Survival], ...] = (
    ("normal", lambda rng, n: rng.standard_normal((n, _LAGS)), lambda v: float(norm.sf(v))),
    ("chi-squared(1)", lambda rng, n: rng.chisquare(1, (n, _LAGS)), lambda v: float(chi2.sf(v, 1))),
    ("Student-t(10)", lambda rng, n: rng.standard_t(10, (n, _LAGS)), lambda v: float(t.sf(v, 10))),
)


def rows(runs: int) -> Iterator[Row]:
    """A row per shape and method: P(p <= u) / u, with p fitted to 2,000 surrogates."""
    for name, draw, survival in _SHAPES:
        for method, critical in _METHODS.items():
            rng = np.random.default_rng(1)
            beyond = []
            for _ in range(runs):
                null = draw(rng, FITTED_DRAWS).max(axis=1)
                values = [critical(null, level) for level in _LEVELS]
                beyond.append([-np.expm1(_LAGS * np.log1p(-survival(value))) for value in values])
            means = np.mean(beyond, axis=0) / _LEVELS
            ratios = {f"P(p<={u:g}) / {u:g}": round(float(m), 3) for u, m in zip(_LEVELS, means, strict=True)}
            yield {"tail": f"maximum of five {name}", "method": method, "fits": runs, **ratios}


STUDY = Study("te-tail-shapes", "Does a fitted p hold far beyond what surrogates can count?", rows, 200)
