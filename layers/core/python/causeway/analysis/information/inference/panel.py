"""The input of network inference: series side by side, equally spaced, complete or with their holes marked as NaN."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from causeway.analysis.information.estimators.scale import in_range
from causeway.errors import InvalidInput
from causeway.model.inference import Missing

MIN_SAMPLES = 30  # below this neither nulls nor neighbour distances mean anything
_SAME = 1 - 1e-12  # correlation beyond which two series are the same up to scale


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """``values`` has shape (n_samples, n_series); rows are consecutive bars, oldest first; a missing sample is NaN."""

    values: NDArray[np.float64]
    names: tuple[str, ...]

    @property
    def n_samples(self) -> int:
        return int(self.values.shape[0])

    @property
    def n_series(self) -> int:
        return int(self.values.shape[1])

    def standardised(self) -> NDArray[np.float64]:
        """Each series with mean 0 and standard deviation 1 (ddof 1) over its samples, C-contiguous."""
        values = in_range(self.values)
        if np.isnan(values).any():
            masked = values - np.nanmean(values, axis=0)
            return np.ascontiguousarray(masked / np.nanstd(masked, axis=0, ddof=1))
        values -= values.mean(axis=0)
        values /= np.sqrt(_squares(values) / (self.n_samples - 1))
        return np.ascontiguousarray(values)


def make_panel(values: ArrayLike, names: Sequence[str], max_lag: int, missing: Missing = Missing.DROP) -> Panel:
    """A checked panel. NaN marks a missing sample where ``missing`` is MASK, and is refused where it is DROP.

    Raises:
        InvalidInput: not a matrix, fewer than two series, repeated names, NaN or infinity, a constant series,
            two series that are equal up to scale and shift, or too few rows for ``max_lag``.
    """
    matrix = np.array(values, dtype=np.float64, order="C")
    labels = tuple(str(name) for name in names)
    _check_shape(matrix, labels, max_lag)
    complete = bool(np.isfinite(matrix).all())
    if not complete:
        _check_finite(matrix, labels, missing)
        _check_usable(matrix, labels, max_lag)
    scaled = in_range(matrix)
    _check_varies(scaled, labels)
    _check_distinct(scaled if complete else scaled[~np.isnan(matrix).any(axis=1)], labels)
    matrix.setflags(write=False)
    return Panel(matrix, labels)


def too_few_rows(values: NDArray[np.float64], names: Sequence[str], target: int, n_usable: int) -> InvalidInput:
    """The error of a target with not enough rows without a hole; names the three series with most holes."""
    holes = np.count_nonzero(np.isnan(values), axis=0)
    worst = [i for i in np.argsort(-holes, kind="stable")[:3] if holes[i]]
    found = ", ".join(f"{names[i]} ({holes[i]} of {values.shape[0]})" for i in worst)
    return InvalidInput(
        f"{names[target]} has {n_usable} bars at which it and all lags of all series are present; at least "
        f"{MIN_SAMPLES} are needed. "
        + (f"Most samples are missing in {found}. Leave those series out, or use a smaller max_lag." if found else ""),
        details={"series": [names[i] for i in worst]},
    )


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


def _check_finite(matrix: NDArray[np.float64], names: tuple[str, ...], missing: Missing) -> None:
    masked = missing == Missing.MASK  # a plain "mask" counts too
    bad = np.count_nonzero(np.isinf(matrix) if masked else ~np.isfinite(matrix), axis=0)
    if bad.any():
        found = ", ".join(f"{names[i]} ({bad[i]})" for i in np.flatnonzero(bad))
        kinds, cure = (
            ("infinite", "Replace them.")
            if masked
            else ("NaN or infinite", 'Drop or fill those rows before inference, or use missing="mask".')
        )
        raise InvalidInput(
            f"Values must be finite; {kinds} rows in {found}. {cure}",
            details={"series": [names[i] for i in np.flatnonzero(bad)]},
        )


def _check_usable(matrix: NDArray[np.float64], names: tuple[str, ...], max_lag: int) -> None:
    """Every target has enough rows; see ``embed``."""
    present = ~np.isnan(matrix)
    rows: NDArray[np.bool_] = np.asarray(present.all(axis=1))
    past = np.stack([rows[max_lag - lag : rows.size - lag] for lag in range(1, max_lag + 1)]).all(axis=0)
    usable = past @ present[max_lag:].astype(np.int64)
    if usable.min() < MIN_SAMPLES:
        raise too_few_rows(matrix, names, int(usable.argmin()), int(usable.min()))


def _check_varies(matrix: NDArray[np.float64], names: tuple[str, ...]) -> None:
    mean = matrix.mean(axis=0)
    complete = np.isfinite(mean).all()
    spread = np.sqrt(_squares(matrix - mean) / len(matrix)) if complete else np.nanstd(matrix, axis=0)
    highest, lowest = np.nanmax(matrix, axis=0), np.nanmin(matrix, axis=0)
    scale = np.maximum(highest, -lowest)
    # The mean of many equal values is rounded, and all of them then seem to lie off it.
    still = np.flatnonzero((spread <= 1e-14 * scale) | (highest == lowest))
    if still.size:
        listed = [names[i] for i in still]
        raise InvalidInput(
            f"A constant series carries no information: {', '.join(listed)}. Leave it out.",
            details={"series": listed},
        )


def _check_distinct(complete: NDArray[np.float64], names: tuple[str, ...]) -> None:
    """Over the rows in which nothing is missing; ``_check_usable`` saw that there are some."""
    with np.errstate(invalid="ignore", divide="ignore"):  # a series that stands still there is like no other
        correlation = np.abs(np.corrcoef(complete, rowvar=False))
    pairs = np.argwhere(np.triu(correlation > _SAME, k=1))
    if len(pairs):
        i, j = pairs[0]
        raise InvalidInput(
            f"{names[i]} and {names[j]} are the same series up to scale, so neither can be told from the other "
            "as a driver. Leave one out.",
            details={"series": [names[i], names[j]]},
        )


def _squares(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n_columns,): sums of squares, in a third of the time that a standard deviation of numpy's takes."""
    return np.asarray(np.einsum("ij,ij->j", values, values))
