"""Null systems that look like markets: no series drives another, and yet naive tests say so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

Array = NDArray[np.float64]
_TRANSIENT = 300
_DEGREES = 4  # of freedom of Student's t: finite variance, infinite kurtosis


@dataclass(frozen=True, slots=True)
class NullSystem:
    """``draw(rng, n)`` gives (n, n_series). Series 1 does not inform series 0 given the ``given`` (series, lag)."""

    name: str
    draw: Callable[[np.random.Generator, int], Array]
    given: tuple[tuple[int, int], ...] = ((0, 1),)


def lagged_rows(values: Array, given: tuple[tuple[int, int], ...], max_lag: int) -> tuple[Array, Array, Array]:
    """Past of series 1 (n, max_lag), present of series 0 (n, 1) and the conditioning set (n, n_given), standardised."""
    standard = (values - values.mean(axis=0)) / values.std(axis=0, ddof=1)
    start = max(max_lag, *(lag for _, lag in given))
    n = len(standard) - start

    def column(series: int, lag: int) -> Array:
        return np.asarray(standard[start - lag : start - lag + n, series])

    x = np.column_stack([column(1, lag) for lag in range(1, max_lag + 1)])
    z = np.column_stack([column(series, lag) for series, lag in given]) if given else np.empty((n, 0))
    return x, column(0, 0)[:, None].copy(), z


def autoregression(rng: np.random.Generator, n: int, n_series: int, phi: float, correlation: float = 0.0) -> Array:
    """AR(1) series whose innovations have one common factor."""
    factor = rng.standard_normal((n + _TRANSIENT, 1))
    own = rng.standard_normal((n + _TRANSIENT, n_series))
    shocks = np.sqrt(correlation) * factor + np.sqrt(1 - correlation) * own
    return np.asarray(lfilter([1.0], [1.0, -phi], shocks, axis=0)[_TRANSIENT:])


def garch(rng: np.random.Generator, n: int, n_series: int) -> Array:
    """GARCH(1,1), 0.10 and 0.85, Student-t(4) shocks, each series on its own."""
    shocks = rng.standard_t(_DEGREES, (n + _TRANSIENT, n_series)) / np.sqrt(_DEGREES / (_DEGREES - 2))
    values, variance = np.empty_like(shocks), np.ones(n_series)
    for t, shock in enumerate(shocks):
        values[t] = np.sqrt(variance) * shock
        variance = 0.05 + 0.10 * values[t] ** 2 + 0.85 * variance
    return np.asarray(values[_TRANSIENT:])


def common_volatility(rng: np.random.Generator, n: int, n_series: int, persistence: float, size: float) -> Array:
    """Normal shocks times one stochastic volatility, whose logarithm is an AR(1) with innovations of ``size``."""
    log_volatility = lfilter([1.0], [1.0, -persistence], size * rng.standard_normal(n + _TRANSIENT))[_TRANSIENT:]
    return np.asarray(np.exp(log_volatility)[:, None] * rng.standard_normal((n, n_series)))


def common_driver(rng: np.random.Generator, n: int) -> Array:
    """Series 2 drives series 1 at lag 1 and series 0 at lag 2, strongly: what 1 says about 0 is all in 2."""
    driver = rng.standard_normal(n + 2)
    own = rng.standard_normal((n, 2))
    return np.column_stack([0.8 * driver[:-2] + 0.6 * own[:, 0], 0.95 * driver[1:-1] + 0.31 * own[:, 1], driver[2:]])


NULL_SYSTEMS = (
    NullSystem("independent", lambda rng, n: autoregression(rng, n, 2, 0.0)),
    NullSystem("Student-t(4)", lambda rng, n: rng.standard_t(_DEGREES, (n, 2))),
    NullSystem("GARCH, Student-t(4)", lambda rng, n: garch(rng, n, 2)),
    NullSystem("common factor, correlation .6", lambda rng, n: autoregression(rng, n, 2, 0.0, 0.6)),
    NullSystem("AR .9", lambda rng, n: autoregression(rng, n, 2, 0.9)),
    NullSystem("AR .9, common factor .6", lambda rng, n: autoregression(rng, n, 2, 0.9, 0.6)),
    NullSystem("common volatility .9, .3", lambda rng, n: common_volatility(rng, n, 2, 0.9, 0.3)),
    NullSystem("common volatility .98, .2", lambda rng, n: common_volatility(rng, n, 2, 0.98, 0.2)),
    NullSystem("common driver", common_driver, ((0, 1), (2, 2))),
)
