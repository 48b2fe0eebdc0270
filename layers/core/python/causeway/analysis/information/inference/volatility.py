"""How volatile the market is around each row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DECAY = 0.94  # weight per bar; RiskMetrics 1996 for daily returns, a mean age of 16 bars


def volatility_state(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n_rows,): logarithm of the root mean square of ``values`` (n_rows,) or (n_rows, n_series) around each row.

    Weights fall by ``DECAY`` per row to both sides; the row itself counts once. Series are weighted by their variance.
    """
    columns = values.reshape(values.shape[0], -1)
    centred = columns - columns.mean(axis=0)
    squares = (centred**2 / np.maximum(centred.var(axis=0), np.finfo(np.float64).tiny)).mean(axis=1)
    ones = np.ones_like(squares)
    smooth = (_both_sides(squares) - squares) / (_both_sides(ones) - ones)
    return np.asarray(0.5 * np.log(np.maximum(smooth, np.finfo(np.float64).tiny)))


def _both_sides(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return _past(values) + _past(values[::-1])[::-1]


def _past(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of DECAY^k values[t - k]."""
    from scipy.signal import lfilter

    return np.asarray(lfilter([1.0], [1.0, -DECAY], values))
