"""Bars whose whole range lies off both neighbours, alone or a few together, and that come back."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

MOST_BARS = 5


def standing_apart(
    high: NDArray[np.float64], low: NDArray[np.float64], close: NDArray[np.float64], *, fewest: int = 1
) -> Iterator[tuple[int, int, float]]:
    """First and last row of every ``fewest`` to 5 bars in a row that stand off, and how far; fewer bars first.

    All in logarithms, shape (n_bars,). They come back: the close moves across them by less than half of the way in.
    """
    returns = np.abs(np.diff(close))
    for count in range(fewest, min(MOST_BARS, len(high) - 2) + 1):
        lowest = sliding_window_view(low, count).min(axis=1)[1:-1]
        highest = sliding_window_view(high, count).max(axis=1)[1:-1]
        before, after = slice(None, -count - 1), slice(count + 1, None)
        above = lowest - np.maximum(high[before], high[after])
        below = np.minimum(low[before], low[after]) - highest
        gap = np.maximum(above, below)
        comes_back = np.abs(close[after] - close[before]) < returns[: len(gap)] / 2
        for at in (np.flatnonzero((gap > 0) & comes_back) + 1).tolist():
            yield at, at + count - 1, float(gap[at - 1])
