"""Given series as rows of (x, y, z) that an estimator takes, and what it says about them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike, NDArray

from causeway.analysis.information.estimators.discrete import PreparedDiscrete
from causeway.analysis.information.estimators.protocol import Columns, PreparedCmi
from causeway.analysis.information.estimators.registry import prepare_series, prepared_estimator_for
from causeway.analysis.information.estimators.scale import in_range
from causeway.analysis.information.estimators.settings import CopulaSettings, EstimatorSettings, GaussianSettings
from causeway.errors import InvalidInput

FEWEST_ROWS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Rows of x, y and z, each (n_rows, n_dimensions); ``rows`` (n_rows,) says which of ``n_samples`` each one is."""

    x: Columns
    y: Columns
    z: Columns
    rows: NDArray[np.int64]
    n_samples: int
    estimator: EstimatorSettings

    def nats(self) -> float:
        """I(x; y | z).

        Raises:
            InvalidInput: too few rows for the estimator and these dimensions or states.
        """
        return self._prepared().joint(self.x)

    def local_nats(self) -> NDArray[np.float64]:
        """(n_samples,): local values, NaN for samples without a row; the mean of the others is ``nats``."""
        values = np.full(self.n_samples, np.nan)
        values[self.rows] = self._prepared().local(self.x)
        return values

    def _prepared(self) -> PreparedCmi:
        dimensions = self.x.shape[1] + self.y.shape[1] + self.z.shape[1]
        linear = isinstance(self.estimator, GaussianSettings | CopulaSettings)
        least = max(FEWEST_ROWS, dimensions + 2 if linear else 0)
        if self.rows.size < least:
            raise InvalidInput(
                f"{self.rows.size} complete rows are left of {self.n_samples} samples; at least {least} are needed. "
                "Use shorter histories or more samples."
            )
        prepared = prepared_estimator_for(self.estimator).prepare(self.y, self.z)
        if isinstance(prepared, PreparedDiscrete):
            _check_states(prepared, self.x)
        return prepared


def aligned(parts: dict[str, Columns], estimator: EstimatorSettings) -> Samples:
    """Samples of x, y and z (of any number of columns) that stand side by side already."""
    prepared = {name: _seen(part, estimator) for name, part in parts.items()}
    return _complete(prepared, estimator, start=0, n_samples=parts["y"].shape[0])


@dataclass(frozen=True, slots=True)
class Past:
    """Which bars of a series count: ``count`` of them, the latest ``first`` bars before the predicted one."""

    series: NDArray[np.float64]
    first: int
    count: int

    @property
    def reach(self) -> int:
        """Bars back to the earliest one."""
        return self.first + self.count - 1 if self.count else 0


def embedded(
    x: Iterable[Past], present: NDArray[np.float64], z: Iterable[Past], estimator: EstimatorSettings
) -> Samples:
    """Samples of the pasts ``x`` about the ``present`` series, given the pasts ``z``.

    Raises:
        InvalidInput: fewer than four samples have a complete history.
    """
    xs, zs = list(x), list(z)
    start, n = max(past.reach for past in [*xs, *zs]), present.shape[0]
    if n - start < FEWEST_ROWS:
        raise InvalidInput(f"Histories that reach {start} bars back need more than {n} samples.")

    def columns(pasts: list[Past]) -> Columns:
        lagged = [np.empty((n - start, 0))]
        for past in pasts:
            series = _seen(past.series, estimator)
            lagged += [series[start - lag : n - lag] for lag in range(past.first, past.first + past.count)]
        return np.hstack(lagged)

    parts = {"x": columns(xs), "y": _seen(present, estimator)[start:], "z": columns(zs)}
    return _complete(parts, estimator, start=start, n_samples=n)


def _seen(series: NDArray[np.float64], estimator: EstimatorSettings) -> Columns:
    """What the estimator sees of a series; information does not depend on its unit, squares of it do."""
    return prepare_series(in_range(series) if isinstance(estimator, GaussianSettings) else series, estimator)


def _complete(parts: dict[str, Columns], estimator: EstimatorSettings, *, start: int, n_samples: int) -> Samples:
    """Rows in which nothing is NaN (order patterns have none in the first bars)."""
    usable, columns = np.arange(parts["y"].shape[0]), (parts[name] for name in ("x", "y", "z"))
    if not all(np.isfinite(part).all() for part in parts.values()):
        usable = np.flatnonzero(np.isfinite(np.hstack(list(parts.values()))).all(axis=1))
        columns = (part[usable] for part in columns)
    x, y, z = (np.ascontiguousarray(part) for part in columns)
    return Samples(x, y, z, usable + start, n_samples, estimator)


def series_of(values: ArrayLike, name: str) -> NDArray[np.float64]:
    """(n_samples, n_dimensions) from a vector or a matrix.

    Raises:
        InvalidInput: no numbers, NaN, infinity, a constant column, fewer than four rows, or another shape.
    """
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"{name} must hold numbers and be rectangular; {error}.") from error
    array = array[:, None] if array.ndim == 1 else array
    if array.ndim != 2 or array.shape[1] == 0:
        raise InvalidInput(f"{name} must be a vector or a matrix with columns; found shape {array.shape}.")
    if array.shape[0] < FEWEST_ROWS:
        raise InvalidInput(f"{name} has {array.shape[0]} rows; at least {FEWEST_ROWS} are needed.")
    if not np.isfinite(array).all():
        raise InvalidInput(f"{name} holds NaN or infinity; drop those rows first.")
    if (np.ptp(array, axis=0) == 0).any():
        raise InvalidInput(f"{name} is constant and carries no information.")
    return array


def check_at_least(name: str, value: int, least: int) -> None:
    """Raises InvalidInput if ``value`` is below ``least``, or not a whole number."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise InvalidInput(f"{name} must be a whole number; found {value!r}.", details={"field": name})
    if value < least:
        raise InvalidInput(f"{name} must be at least {least}; found {value}.", details={"field": name})


def _check_states(prepared: PreparedDiscrete, x: Columns) -> None:
    """Refuses what no bias correction mends: less than two rows per marginal state, or a bias above half a nat."""
    n_rows = x.shape[0]
    states, freedom = prepared.largest_marginal(x), prepared.degrees_of_freedom(x)
    if n_rows < 2 * states or n_rows < freedom:
        raise InvalidInput(
            f"{n_rows} rows are too few for {states} states and {freedom} degrees of freedom: at least "
            f"{max(2 * states, freedom)} are needed. Use fewer bins, a lower order, shorter histories or more samples.",
            details={"needed_rows": max(2 * states, freedom)},
        )
