"""How far the target moved at each row: what the volatility scheme keeps aligned."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def size_of_moves(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n_rows,): distance from the mean; of (n_rows, n_series) the root mean square in standard deviations.

    Rows that exchange places only with rows of like size keep whatever a source says about the size of the target's
    moves. What is tested is what it says about their direction: where volatility, shared or handed on, is all that
    joins two series, the direction is a fair coin. As in the wild bootstrap of Liu 1988, a shift of the mean is seen
    as well as by other schemes: given the size, the sign carries all of it to first order.
    """
    columns = values.reshape(values.shape[0], -1)
    deviations = columns - columns.mean(axis=0)
    scale = deviations.std(axis=0)
    return np.asarray(np.sqrt(np.mean((deviations / np.where(scale > 0, scale, 1.0)) ** 2, axis=1)))
