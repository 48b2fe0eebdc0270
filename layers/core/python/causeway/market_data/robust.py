"""Robust scales of a series: medians that a wrong bar does not move."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

_TO_SIGMA = 1.4826  # Rousseeuw and Croux (1993): median absolute deviation of a normal to its standard deviation


def median_around(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Median of the ``width`` values on each side, without the value itself; NaN counts for nothing.

    Shape as ``values``; NaN where there is no other value.
    """
    if len(values) == 0:
        return values
    padded = np.concatenate([np.full(width, np.nan), values, np.full(width, np.nan)])
    windows = sliding_window_view(padded, 2 * width + 1)
    around = np.delete(windows, width, axis=1)
    found = np.full(len(values), np.nan)
    known = ~np.isnan(around).all(axis=1)
    found[known] = np.nanmedian(around[known], axis=1)
    return found


def usual_moves(log_prices: NDArray[np.float64], width: int = 30) -> NDArray[np.float64]:
    """Robust standard deviation of the log returns around each bar, those into and out of it left out; NaN if unknown.

    Moves of exactly 0 are left out where more than half are: a market that hardly trades moves when it does.
    """
    returns = np.abs(np.diff(log_prices))
    if np.mean(returns == 0) > 0.5:
        returns = np.where(returns == 0, np.nan, returns)
    into = median_around(np.r_[np.nan, returns], width)
    return np.asarray(_TO_SIGMA * into)
