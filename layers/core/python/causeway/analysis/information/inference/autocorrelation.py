"""How many independent rows an exact test has where both residuals are autocorrelated.

The F-test counts every row as independent. That holds if either residual is white: transfer entropy whose conditioning
set leaves nothing of the target's memory. Where both keep memory (mutual information, an own past cut off by max_lag),
sample correlations vary more than 1/n and the F-test finds too much.

Source: Bartlett 1946; Cliff, Novelli, Fulcher, Shine & Lizier 2021 (Phys. Rev. Research 3, 013145): var(r) = eta / n,
eta = 1 + 2 sum over k = 1..n-1 of (1 - k / n) rho_x(k) rho_y(k), and n / eta rows count in the exact test.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct, next_fast_len


def effective_rows(residual_x: NDArray[np.float64], residual_y: NDArray[np.float64]) -> float:
    """Rows that count, between 1 and the number of rows; residuals given the conditioning set, in order of time.

    ``residual_x`` (n_rows,) or (n_rows, n_variables): of several variables the mean of eta counts, which is exact
    where their autocorrelations are alike. Never more than the number of rows: anticorrelated residuals are not
    taken as extra evidence. All n - 1 lags enter, without a taper, which kept the level best of what was compared.
    """
    rows = np.vstack([residual_x.reshape(residual_y.size, -1).T, residual_y])
    lags = lags_of(residual_y.size)
    return lags.effective_rows(lags.spectra(rows - rows.mean(axis=1, keepdims=True)))


@lru_cache(maxsize=8)
def lags_of(n_rows: int) -> Lags:
    """The tables for series of this length, shared by the targets of a network."""
    return Lags(n_rows)


class Lags:
    """Autocovariances at all lags from cosine transforms of ``size`` >= n values, not of the 2 n of a padded series.

    At the odd multiples of pi / (2 size) the power of a series is the cosine transform of type 3 of its autocovariances
    at lags 0..size-1, of which none wraps around. The cosine part of its spectrum there is the same transform of the
    series, and the sine part, but for signs, that of the series turned round. Source: Martucci 1994.
    """

    def __init__(self, n_rows: int) -> None:
        self._n = n_rows
        self._size = int(next_fast_len(n_rows, real=True))
        self._weights = 2 * (1 - np.arange(n_rows) / n_rows)
        self._weights[0] = 0.0

    def spectra(self, series: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n_series, 2 size) of centred ``series`` (n_series, n_rows): cosine parts, then sine parts; both linear."""
        parts = np.zeros((len(series), 2, self._size))
        parts[:, 0, : self._n] = series
        parts[:, 0, 0] *= 2
        parts[:, 1, self._size - self._n + 1 :] = series[:, :0:-1]
        return np.asarray(dct(parts, 3, axis=2, overwrite_x=True).reshape(len(series), 2 * self._size))

    def effective_rows(self, spectra: NDArray[np.float64]) -> float:
        """``effective_rows`` of the last residual and all before it, from their spectra (n_variables + 1, 2 size).

        The spectra are overwritten.
        """
        squares = np.square(spectra, out=spectra)
        power = squares[:, : self._size] + squares[:, self._size :]
        covariances = dct(power, 2, axis=1, overwrite_x=True)[:, : self._n]
        *variances, variance_y = covariances[:, 0].tolist()
        if not variance_y > 0:
            return float(self._n)
        shares = [1 / variance if variance > 0 else 0.0 for variance in variances]
        weighted = (shares @ covariances[:-1]) * covariances[-1]
        eta = 1 + float(weighted @ self._weights) / (len(variances) * variance_y)
        return float(self._n / min(max(eta, 1.0), self._n))


def effective_rows_given(x: NDArray[np.float64], y: NDArray[np.float64], z: NDArray[np.float64]) -> float:
    """``effective_rows`` of x (n_rows, n_x) and y (n_rows,) after regression on z (n_rows, n_z); columns centred."""
    basis, _ = np.linalg.qr(z)
    return effective_rows(x - basis @ (basis.T @ x), y - basis @ (basis.T @ y))
