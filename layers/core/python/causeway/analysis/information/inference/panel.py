"""The input of network inference: series side by side, complete and equally spaced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from causeway.errors import InvalidInput

MIN_SAMPLES = 30  # below this neither nulls nor neighbour distances mean anything
_SAME = 1 - 1e-12  # correlation beyond which two series are the same up to scale


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """``values`` has shape (n_samples, n_series); rows are consecutive bars without gaps, oldest first."""

    values: NDArray[np.float64]
    names: tuple[str, ...]

    @property
    def n_samples(self) -> int:
        return int(self.values.shape[0])

    @property
    def n_series(self) -> int:
        return int(self.values.shape[1])

    def standardised(self) -> NDArray[np.float64]:
        """Each series with mean 0 and standard deviation 1 (ddof 1), C-contiguous."""
        centred = self.values - self.values.mean(axis=0)
        return np.ascontiguousarray(centred / centred.std(axis=0, ddof=1))


def make_panel(values: ArrayLike, names: Sequence[str], max_lag: int) -> Panel:
    """A checked panel.

    Raises:
        InvalidInput: not a matrix, fewer than two series, repeated names, NaN or infinity, a constant series,
            two series that are equal up to scale and shift, or too few rows for ``max_lag``.
    """
    matrix = np.array(values, dtype=np.float64, order="C")
    _check_shape(matrix, tuple(names), max_lag)
    for check in (_check_finite, _check_varies, _check_distinct):
        check(matrix, tuple(names))
    matrix.setflags(write=False)
    return Panel(matrix, tuple(str(name) for name in names))


def _check_shape(matrix: NDArray[np.float64], names: tuple[str, ...], max_lag: int) -> None:
    if matrix.ndim != 2:
        raise InvalidInput(f"Expected a matrix of (n_samples, n_series); found {matrix.ndim} dimension(s).")
    if matrix.shape[1] != len(names):
        raise InvalidInput(f"Expected one name per series; found {len(names)} for {matrix.shape[1]} series.")
    if len(names) < 2:
        raise InvalidInput(f"A network needs at least two series; found {len(names)}.")
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise InvalidInput(f"Series names must differ; {', '.join(map(str, repeated))} is repeated.")
    needed = max_lag + MIN_SAMPLES
    if matrix.shape[0] < needed:
        raise InvalidInput(
            f"With max_lag {max_lag} at least {needed} rows are needed; found {matrix.shape[0]}. "
            "Use more bars or a smaller max_lag."
        )


def _check_finite(matrix: NDArray[np.float64], names: tuple[str, ...]) -> None:
    bad = np.count_nonzero(~np.isfinite(matrix), axis=0)
    if bad.any():
        found = ", ".join(f"{names[i]} ({bad[i]})" for i in np.flatnonzero(bad))
        raise InvalidInput(
            f"Values must be finite; NaN or infinite rows in {found}. Drop or fill those rows before inference.",
            details={"series": [names[i] for i in np.flatnonzero(bad)]},
        )


def _check_varies(matrix: NDArray[np.float64], names: tuple[str, ...]) -> None:
    spread = matrix.std(axis=0)
    scale = np.abs(matrix).max(axis=0)
    still = np.flatnonzero(spread <= 1e-14 * scale)
    if still.size:
        listed = [names[i] for i in still]
        raise InvalidInput(
            f"A constant series carries no information: {', '.join(listed)}. Leave it out.",
            details={"series": listed},
        )


def _check_distinct(matrix: NDArray[np.float64], names: tuple[str, ...]) -> None:
    correlation = np.abs(np.corrcoef(matrix, rowvar=False))
    pairs = np.argwhere(np.triu(correlation > _SAME, k=1))
    if len(pairs):
        i, j = pairs[0]
        raise InvalidInput(
            f"{names[i]} and {names[j]} are the same series up to scale, so neither can be told from the other "
            "as a driver. Leave one out.",
            details={"series": [names[i], names[j]]},
        )
