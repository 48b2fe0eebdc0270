"""Does a file quote a symbol on the price basis that is stored?

Split-adjusted and raw prices of one symbol differ by one factor, the same in all four prices of bar after bar. Where
that is found, no bar of the file continues the stored series: taken in, it would show a move that never happened.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BARS_FOR_A_FACTOR = 3
_MOST_DECIMALS = 8


def common_factor(stored: NDArray[np.float64], found: NDArray[np.float64], overlapping: int) -> float | None:
    """Stored over found prices where they differ by one factor; None where they do not.

    ``stored`` and ``found`` (n_bars, 4) hold open, high, low, close of those overlapping bars that differ;
    ``overlapping`` counts all of them, equal ones included. A factor needs 3 bars, and at least half of the
    overlapping bars must be scaled as a whole: a few such bars among many equal ones are flaws of their own.
    Ratios are compared within what the decimals of either side leave open.
    """
    if len(stored) < BARS_FOR_A_FACTOR:
        return None
    ratio = stored / found
    rounding = 2 * (half_step(stored) / stored + half_step(found) / found)
    of_bar = np.median(ratio, axis=1)
    open_by = rounding.max(axis=1)
    same_in_bar = (np.abs(ratio / of_bar[:, None] - 1) <= rounding).all(axis=1)
    scaled = same_in_bar & (np.abs(of_bar - 1) > open_by)
    if scaled.sum() < max(BARS_FOR_A_FACTOR, overlapping / 2):
        return None
    factor = float(np.median(of_bar[scaled]))
    alike = scaled & (np.abs(of_bar / factor - 1) <= open_by)
    return factor if alike.sum() >= BARS_FOR_A_FACTOR else None


def half_step(prices: NDArray[np.float64]) -> float:
    """Half of the last decimal place that the prices use; of the eighth, where they use more."""
    for decimals in range(_MOST_DECIMALS):
        if np.allclose(prices, np.round(prices, decimals), rtol=1e-12, atol=0):
            return 0.5 * 10.0**-decimals
    return float(0.5 * 10.0**-_MOST_DECIMALS)
