"""A block length that follows from the memory of a series."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def automatic_block_bars(values: NDArray[np.float64]) -> int:
    """Block length that is best for the variance of a mean, rounded up; of several columns the largest.

    ``values`` (n_rows,) or (n_rows, n_series). At least 1 and at most min(3 sqrt(n), n/3), rounded up.

    Source: Politis & White 2004 with the correction of Patton, Politis & White 2009, circular block bootstrap:
    b = (2 G² / D)^(1/3) n^(1/3), D = 4/3 g(0)², over a flat-top lag window.
    """
    columns = values.reshape(values.shape[0], -1)
    return max(_one_series(columns[:, i]) for i in range(columns.shape[1]))


def _one_series(values: NDArray[np.float64]) -> int:
    n = values.size
    cap = int(np.ceil(min(3 * np.sqrt(n), n / 3)))
    run = max(5, int(np.ceil(np.sqrt(np.log10(n)))))
    most = min(n - 1, int(np.ceil(np.sqrt(n))) + run)
    covariance = autocovariance(values, most)
    if covariance[0] <= 0:
        return 1
    bandwidth = min(2 * _memory(covariance / covariance[0], n, run), most)
    lags = np.arange(1, bandwidth + 1)
    weights = np.clip(2 * (1 - lags / max(bandwidth, 1)), 0.0, 1.0)
    long_run = covariance[0] + 2 * np.sum(weights * covariance[1 : bandwidth + 1])
    slope = 2 * np.sum(weights * lags * covariance[1 : bandwidth + 1])
    if long_run <= 0:
        return cap
    best = (1.5 * (slope / long_run) ** 2 * n) ** (1 / 3)
    return int(np.clip(np.ceil(best), 1, cap))


def _memory(correlation: NDArray[np.float64], n: int, run: int) -> int:
    """The lag after which ``run`` autocorrelations in a row are small: Politis & White 2004, section 3.2."""
    large = np.abs(correlation[1:]) >= 2 * np.sqrt(np.log10(n) / n)
    for lag in range(large.size - run + 1):
        if not large[lag : lag + run].any():
            return lag
    return int(np.flatnonzero(large)[-1]) + 1 if large.any() else 0


def autocovariance(values: NDArray[np.float64], max_lag: int) -> NDArray[np.float64]:
    """(max_lag + 1,): sum over t of the products of deviations ``lag`` apart, divided by the number of values."""
    deviations = values - values.mean()
    size = 1 << int(2 * values.size - 1).bit_length()
    spectrum = np.fft.rfft(deviations, size)
    return np.asarray(np.fft.irfft(spectrum * np.conj(spectrum), size)[: max_lag + 1] / values.size)
