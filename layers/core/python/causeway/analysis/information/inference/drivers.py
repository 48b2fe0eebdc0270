"""Common drivers that can be made from the series themselves: conditioned on, never a source or target.

What moves all series at once (a market, its volatility) makes each look informed by whichever shows it first. Where no
series stands for it, the mean or the first principal component of all does. Both contain the target's own past, which
is conditioned on anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from causeway.analysis.information.estimators.scale import in_range
from causeway.errors import InvalidInput
from causeway.model.inference import MADE_DRIVERS

Floats = NDArray[np.float64]


def _mean(standard: Floats) -> Floats:
    """Equal weights of all series that have a value."""
    present = np.isfinite(standard)
    total = np.where(present, standard, 0.0).sum(axis=1)
    return np.where(present.any(axis=1), total / np.maximum(present.sum(axis=1), 1), np.nan)


def _first_component(standard: Floats) -> Floats:
    """The direction of most common variance; a missing value counts as its series' mean."""
    filled = np.nan_to_num(standard, nan=0.0)
    _, vectors = np.linalg.eigh(filled.T @ filled)
    direction = vectors[:, -1]
    component: Floats = filled @ (direction * np.sign(direction.sum() or 1.0))
    return np.where(np.isfinite(standard).any(axis=1), component, np.nan)


_MAKERS: dict[str, Callable[[Floats], Floats]] = dict(zip(MADE_DRIVERS, (_mean, _first_component), strict=True))


def _standardised(matrix: Floats) -> Floats:
    """NaN for what has no value or does not vary; ``make_panel`` names such a series."""
    present = np.isfinite(matrix)
    values = in_range(np.where(present, matrix, 0.0))
    count = np.maximum(present.sum(axis=0), 1)
    centred = np.where(present, values - values.sum(axis=0) / count, 0.0)
    spread = np.sqrt((centred**2).sum(axis=0) / count)
    return np.where(present & (spread > 0), centred / np.where(spread > 0, spread, 1.0), np.nan)


def with_made_drivers(
    values: ArrayLike, names: Sequence[str], condition_on: Sequence[str]
) -> tuple[Floats, tuple[str, ...]]:
    """Values (n_samples, n_series) and names, with a column for each driver in ``condition_on`` that has to be made.

    Raises:
        InvalidInput: an unknown driver, or a series that has the name of one.
    """
    matrix = np.asarray(values, dtype=np.float64)
    asked = [name for name in dict.fromkeys(condition_on) if name.startswith("@") and name not in names]
    if not asked:
        return matrix, tuple(names)
    unknown = sorted(set(asked) - _MAKERS.keys())
    if unknown:
        raise InvalidInput(
            f"condition_on names {', '.join(unknown)}; what can be made from the series is {', '.join(_MAKERS)}.",
            details={"field": "condition_on"},
        )
    standard = _standardised(matrix)
    made = [_MAKERS[name](standard) for name in asked]
    return np.column_stack([matrix, *made]), (*names, *asked)
