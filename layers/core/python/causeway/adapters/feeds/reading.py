"""Values of a vendor's answer as columns; a value that is missing or no number is an error, never NaN."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def finite_numbers(values: Sequence[object]) -> NDArray[np.float64]:
    """Raises ValueError or TypeError where one is no finite number."""
    numbers = np.array(values, dtype=np.float64)
    if not np.isfinite(numbers).all():
        raise ValueError("expected numbers, found a value that is missing or not finite")
    return numbers


def micros_of(texts: Sequence[str]) -> NDArray[np.int64]:
    """Microseconds since 1970 of ISO times without a zone; of nanoseconds the rest is dropped.

    Raises:
        ValueError: one of them is no time.
    """
    moments = np.array([str(text) for text in texts], dtype="datetime64[ns]")
    if np.isnat(moments).any():
        raise ValueError("expected times, found one that is missing")
    return np.asarray(moments.astype("datetime64[us]").astype(np.int64))
