"""Robust scales of a series: medians that a wrong bar does not move."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

_TO_SIGMA = 1.4826  # Rousseeuw and Croux (1993): median absolute deviation of a normal to its standard deviation
_AT_ONCE = 8192


def median_around(
    values: NDArray[np.float64], width: int, rows: NDArray[np.int64] | None = None
) -> NDArray[np.float64]:
    """Median of the ``width`` values on each side of every row, or of ``rows``, without the value itself.

    NaN counts for nothing; NaN comes back where there is no other value.
    """
    wanted = np.arange(len(values)) if rows is None else rows
    padded = np.concatenate([np.full(width, np.nan), values, np.full(width, np.nan)])
    found = np.full(len(wanted), np.nan)
    if len(wanted):
        windows = sliding_window_view(padded, 2 * width + 1)
        for start in range(0, len(wanted), _AT_ONCE):
            found[start : start + _AT_ONCE] = _medians(windows[wanted[start : start + _AT_ONCE]], width)
    return found


def _medians(windows: NDArray[np.float64], centre: int) -> NDArray[np.float64]:
    around = np.sort(np.delete(windows, centre, axis=1), axis=1)  # NaN comes last
    known = np.isfinite(around).sum(axis=1)
    row = np.arange(len(around))
    middle = (around[row, np.maximum(known - 1, 0) // 2] + around[row, known // 2]) / 2
    return np.where(known > 0, middle, np.nan)


def usual_moves(
    log_prices: NDArray[np.float64], rows: NDArray[np.int64] | None = None, *, width: int = 30
) -> NDArray[np.float64]:
    """Robust standard deviation of the log returns around every bar, or around ``rows``; NaN if unknown.

    The return into the bar itself is left out. Moves of exactly 0 are left out where more than half are: a market that
    hardly trades moves when it does.
    """
    returns = np.abs(np.diff(log_prices))
    if returns.size and np.mean(returns == 0) > 0.5:
        returns = np.where(returns == 0, np.nan, returns)
    return np.asarray(_TO_SIGMA * median_around(np.r_[np.nan, returns], width, rows))
