"""Symbols from values: whole numbers as they are, bins, and compact codes of joint states."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.information.estimators.settings import DiscreteSettings
from causeway.errors import InvalidInput

Codes = NDArray[np.int64]
_LARGEST_WHOLE = 2.0**53  # beyond it, neighbouring whole numbers are one and the same float


def symbols(values: NDArray[np.float64], settings: DiscreteSettings) -> NDArray[np.float64]:
    """Each column cut into bins 0..n_bins - 1, or the values themselves; NaN stays NaN.

    Equal values always share a bin. Bins of equal counts depend on ranks alone.

    Raises:
        InvalidInput: more bins than values, or no bins and values that are not whole numbers.
    """
    if settings.n_bins is None:
        _check_whole(values)
        return values
    cut = _equal_counts if settings.binning == "quantile" else _equal_width
    binned = np.full(values.shape, np.nan)
    for v in range(values.shape[1]):
        present = ~np.isnan(values[:, v])
        if present.sum() < settings.n_bins:
            raise InvalidInput(
                f"{settings.n_bins} bins need at least as many values; found {present.sum()}. Use fewer bins.",
                details={"field": "n_bins"},
            )
        binned[present, v] = cut(values[present, v], settings.n_bins)
    return binned


def codes(columns: NDArray[np.float64]) -> tuple[Codes, int]:
    """(n_rows,) codes 0..n_states - 1 of the joint states of whole numbers, and n_states; one if there is no column."""
    joint, n_states = np.zeros(columns.shape[0], dtype=np.int64), 1
    for column in columns.T:
        own, own_states = compact((column - column.min()).astype(np.int64))
        joint, n_states = compact(joint * own_states + own)
    return joint, n_states


def compact(raw: Codes) -> tuple[Codes, int]:
    """The same states, whole numbers from 0 up, numbered without gaps in their order."""
    if raw.max(initial=0) > 4 * raw.size:
        found, index = np.unique(raw, return_inverse=True)
        return index.astype(np.int64), int(found.size)
    occurs = np.bincount(raw) > 0
    return (np.cumsum(occurs) - 1)[raw], int(occurs.sum())


def _equal_counts(values: NDArray[np.float64], n_bins: int) -> NDArray[np.int64]:
    ordered = np.sort(values)
    twice_middle = np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")
    return np.asarray(np.minimum(twice_middle * n_bins // (2 * values.size), n_bins - 1))


def _equal_width(values: NDArray[np.float64], n_bins: int) -> NDArray[np.int64]:
    width = np.ptp(values)
    if width == 0:
        return np.zeros(values.size, dtype=np.int64)
    scaled = (values - values.min()) / width * n_bins
    return np.asarray(np.minimum(scaled.astype(np.int64), n_bins - 1))


def _check_whole(values: NDArray[np.float64]) -> None:
    present = values[~np.isnan(values)]
    odd = present[(present != np.round(present)) | (np.abs(present) > _LARGEST_WHOLE)]
    if odd.size:
        raise InvalidInput(
            f"Without n_bins the values are symbols and must be whole numbers; found {odd[0]!r}. "
            "Set n_bins to cut values into bins.",
            details={"field": "n_bins"},
        )
