"""How many independent rows an exact test has where both residuals are autocorrelated.

The F-test counts every row as independent. That holds if either residual is white: transfer entropy whose conditioning
set leaves nothing of the target's memory. Where both keep memory (mutual information, an own past cut off by max_lag),
sample correlations vary more than 1/n and the F-test finds too much.

Source: Bartlett 1946; Cliff, Novelli, Fulcher, Shine & Lizier 2021 (Phys. Rev. Research 3, 013145): var(r) = eta / n,
eta = 1 + 2 sum over k = 1..n-1 of (1 - k / n) rho_x(k) rho_y(k), and n / eta rows count in the exact test.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.information.inference.block_length import autocovariance


def effective_rows(residual_x: NDArray[np.float64], residual_y: NDArray[np.float64]) -> float:
    """Rows that count, between 1 and the number of rows; residuals given the conditioning set, in order of time.

    ``residual_x`` (n_rows,) or (n_rows, n_variables): of several variables the mean of eta counts, which is exact
    where their autocorrelations are alike. Never more than the number of rows: anticorrelated residuals are not
    taken as extra evidence. All n - 1 lags enter, without a taper, which kept the level best of what was compared.
    """
    xs = residual_x.reshape(residual_x.shape[0], -1)
    n = xs.shape[0]
    weights = 2 * (1 - np.arange(1, n) / n) * _autocorrelation(residual_y)
    eta = [1 + float(weights @ _autocorrelation(x)) for x in xs.T]
    return float(n / np.clip(np.mean(eta), 1.0, n))


def effective_rows_given(x: NDArray[np.float64], y: NDArray[np.float64], z: NDArray[np.float64]) -> float:
    """``effective_rows`` of x (n_rows, n_x) and y (n_rows,) after regression on z (n_rows, n_z); columns centred."""
    basis, _ = np.linalg.qr(z)
    return effective_rows(x - basis @ (basis.T @ x), y - basis @ (basis.T @ y))


def _autocorrelation(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n - 1,): lags 1 to n - 1; zeros for a constant."""
    covariance = autocovariance(values, values.size - 1)
    return np.asarray(covariance[1:] / covariance[0] if covariance[0] > 0 else np.zeros(values.size - 1))
