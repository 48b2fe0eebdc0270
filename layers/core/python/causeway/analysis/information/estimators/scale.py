"""Units that would overflow or vanish when squared."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def in_range(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each column times a power of two that makes its largest value 1/2 to 1: no digit changes, no square overflows.

    ``values`` (n_samples, n_series); NaN and infinity stay, and do not count.
    """
    largest = np.abs(values).max(axis=0, initial=0.0)
    if not np.isfinite(largest).all():
        largest = np.abs(np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)).max(axis=0, initial=0.0)
    exponents = -np.frexp(largest)[1]
    factors = np.ldexp(1.0, exponents)
    return np.asarray(values * factors if np.isfinite(factors).all() else np.ldexp(values, exponents))
