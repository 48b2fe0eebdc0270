"""Data for the benchmarks: systems with known drivers, and the correlated triple of the estimator comparisons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_TRANSIENT = 100  # bars that are thrown away


@dataclass(frozen=True, slots=True)
class Triple:
    """x and y, each (n, 1), and z (n, dim_z)."""

    x: Array
    y: Array
    z: Array

    def orders(self, count: int, seed: int) -> NDArray[np.int64]:
        """``count`` random orders of the rows, (count, n)."""
        rng = np.random.default_rng(seed)
        return np.stack([rng.permutation(len(self.x)) for _ in range(count)])


def correlated_triple(n: int, dim_z: int, seed: int = 1) -> Triple:
    """Standard normal x and y with correlation 0.5 given z, both correlated with every column of z."""
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((n, dim_z))
    x = rng.standard_normal((n, 1))
    y = 0.5 * x + np.sqrt(0.75) * rng.standard_normal((n, 1))
    shared = 0.5 * z.sum(axis=1, keepdims=True) / np.sqrt(dim_z)
    return Triple(x + shared, y + shared, z)


def mute_system(n: int, seed: int = 1) -> Array:
    """Five series, non-linear: 0->1 lag 2, 0->2 lag 3, 0->3 lag 2, 4->3 lag 1, 3->4 lag 1. (n, 5).

    Source: Montalto, Faes & Marinazzo 2014 (MuTE), equation 14; ``generate_mute_data`` of IDTxl.
    """
    w = np.random.default_rng(seed).standard_normal((n + _TRANSIENT, 5))
    x, r = np.zeros_like(w), 0.25 * np.sqrt(2)
    for t in range(3, len(w)):
        x[t, 0] = 0.95 * np.sqrt(2) * x[t - 1, 0] - 0.9025 * x[t - 2, 0] + w[t, 0]
        x[t, 1] = 0.5 * x[t - 2, 0] ** 2 + w[t, 1]
        x[t, 2] = -0.4 * x[t - 3, 0] + w[t, 2]
        x[t, 3] = -0.5 * x[t - 2, 0] ** 2 + r * x[t - 1, 3] + r * x[t - 1, 4] + w[t, 3]
        x[t, 4] = -r * x[t - 1, 3] + r * x[t - 1, 4] + w[t, 4]
    return x[_TRANSIENT:]


def sparse_linear(n: int, n_series: int, seed: int = 1, drivers: int = 2, max_lag: int = 5) -> Array:
    """Every series is 0.3 of its own last value and 0.3 of ``drivers`` others at random lags, plus noise. (n, series).

    Source: the kind of system in Novelli et al. 2019, section 3.1.
    """
    rng = np.random.default_rng(seed)
    sources = np.stack([rng.choice([s for s in range(n_series) if s != t], drivers, False) for t in range(n_series)])
    lags = rng.integers(1, max_lag + 1, sources.shape)
    x = rng.standard_normal((n + _TRANSIENT, n_series))
    for t in range(max_lag, len(x)):
        x[t] += 0.3 * x[t - 1] + 0.3 * x[t - lags, sources].sum(axis=1)
    return x[_TRANSIENT:]
