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
from scipy.fft import next_fast_len


def effective_rows(residual_x: NDArray[np.float64], residual_y: NDArray[np.float64]) -> float:
    """Rows that count, between 1 and the number of rows; residuals given the conditioning set, in order of time.

    ``residual_x`` (n_rows,) or (n_rows, n_variables): of several variables the mean of eta counts, which is exact
    where their autocorrelations are alike. Never more than the number of rows: anticorrelated residuals are not
    taken as extra evidence. All n - 1 lags enter, without a taper, which kept the level best of what was compared.
    """
    rows = np.vstack([residual_x.reshape(residual_y.size, -1).T, residual_y])
    twisted = twisted_of(residual_y.size)
    return twisted.effective_rows(twisted.spectra(rows - rows.mean(axis=1, keepdims=True)))


@lru_cache(maxsize=8)
def twisted_of(n_rows: int) -> Twisted:
    """The tables for series of this length, shared by the targets of a network."""
    return Twisted(n_rows)


class Twisted:
    """Autocovariances at all lags from transforms of ``size`` >= n values, not of the 2 n of a padded series.

    The series is turned by a right angle over ``size`` samples. Its circular autocovariance, turned back, is then
    c(k) + i c(size - k): the lags that wrap around do not mix with the others but stand beside them. Spectra are linear
    in the series, so that those of residuals follow from those of the columns.
    Source: right-angle circular convolution, Crandall & Fagin 1994.
    """

    def __init__(self, n_rows: int) -> None:
        self._n = n_rows
        self.size = size = int(next_fast_len(n_rows))
        self._twist = np.exp(-0.5j * np.pi / size * np.arange(n_rows))
        lags = np.arange(size // 2 + 1)
        self._untwist = np.exp(-0.5j * np.pi / size * lags)
        pairs = np.stack([lags, size - lags], axis=1)
        weights = np.where((pairs > 0) & (pairs < n_rows), 1 - pairs / n_rows, 0.0)
        weights[pairs[:, 0] == pairs[:, 1], 1] = 0.0  # the middle lag of an even size stands there twice
        self._weights = 2 * weights.ravel()

    def spectra(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n_series, 2 size) of centred series (n_series, n_rows): real parts, then imaginary ones."""
        spectra = np.fft.fft(samples * self._twist, self.size, axis=1)
        return np.concatenate([spectra.real, spectra.imag], axis=1)

    def effective_rows(self, spectra: NDArray[np.float64]) -> float:
        """``effective_rows`` of the last residual and all before it, from their spectra (n_variables + 1, 2 size)."""
        squares = np.square(spectra)
        power = squares[:, : self.size] + squares[:, self.size :]
        variance = power.sum(axis=1)
        if not variance[-1] > 0:
            return float(self._n)
        varies = variance[:-1] > 0
        pair = np.empty((2, self.size))
        shares = varies / np.where(varies, variance[:-1], 1.0)
        np.sum(power[:-1] * shares[:, None], axis=0, out=pair[0])
        np.divide(power[-1], variance[-1] * varies.size, out=pair[1])
        x, y = (np.fft.rfft(pair, axis=1) * self._untwist).view(np.float64)
        eta = 1 + float((x * y * self._weights).sum())
        return self._n / min(max(eta, 1.0), float(self._n))


def effective_rows_given(x: NDArray[np.float64], y: NDArray[np.float64], z: NDArray[np.float64]) -> float:
    """``effective_rows`` of x (n_rows, n_x) and y (n_rows,) after regression on z (n_rows, n_z); columns centred."""
    basis, _ = np.linalg.qr(z)
    return effective_rows(x - basis @ (basis.T @ x), y - basis @ (basis.T @ y))
