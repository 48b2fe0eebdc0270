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
from scipy.fft import irfft, next_fast_len, rfft


def effective_rows(residual_x: NDArray[np.float64], residual_y: NDArray[np.float64]) -> float:
    """Rows that count, between 1 and the number of rows; residuals given the conditioning set, in order of time.

    ``residual_x`` (n_rows,) or (n_rows, n_variables): of several variables the mean of eta counts, which is exact
    where their autocorrelations are alike. Never more than the number of rows: anticorrelated residuals are not
    taken as extra evidence. All n - 1 lags enter, without a taper, which kept the level best of what was compared.
    """
    return RowsBeside(residual_y).count(residual_x)


class RowsBeside:
    """``effective_rows`` of many variables beside one residual of the target: one transform for each of them."""

    def __init__(self, residual_y: NDArray[np.float64]) -> None:
        n = residual_y.size
        self._n = n
        self._size = next_fast_len(2 * n - 1, real=True)
        weights = np.zeros(self._size)
        power = self._power((residual_y - residual_y.mean())[None])[0]
        covariance = irfft(power, self._size)[:n]
        if covariance[0] > 0:
            weights[1:n] = 2 * (1 - np.arange(1, n) / n) * covariance[1:] / covariance[0]
        self._weights = rfft(weights).real * self._multiplicity() / self._size

    def count(self, residual_x: NDArray[np.float64]) -> float:
        """Of (n_rows,) or (n_rows, n_variables)."""
        xs = residual_x.reshape(self._n, -1).T
        deviations = xs - xs.mean(axis=1, keepdims=True)
        variance = np.sum(deviations**2, axis=1)
        excess = np.sum(self._power(deviations) * self._weights, axis=1)
        eta = 1 + np.where(variance > 0, excess / np.where(variance > 0, variance, 1.0), 0.0)
        return float(self._n / np.clip(np.mean(eta), 1.0, self._n))

    def _power(self, deviations: NDArray[np.float64]) -> NDArray[np.float64]:
        """Spectrum of the circular autocovariances, times the number of values; rows apart."""
        spectrum = rfft(deviations, self._size, axis=1)
        return np.asarray(spectrum.real**2 + spectrum.imag**2)

    def _multiplicity(self) -> NDArray[np.float64]:
        """How often each frequency of a real transform stands in the full one."""
        twice = np.full(self._size // 2 + 1, 2.0)
        twice[0] = 1.0
        if self._size % 2 == 0:
            twice[-1] = 1.0
        return twice


def effective_rows_given(x: NDArray[np.float64], y: NDArray[np.float64], z: NDArray[np.float64]) -> float:
    """``effective_rows`` of x (n_rows, n_x) and y (n_rows,) after regression on z (n_rows, n_z); columns centred."""
    basis, _ = np.linalg.qr(z)
    return effective_rows(x - basis @ (basis.T @ x), y - basis @ (basis.T @ y))
