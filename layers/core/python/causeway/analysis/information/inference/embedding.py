"""Lagged variables: series at 0..max_lag bars before the predicted bar, over one common set of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class LaggedVariable(NamedTuple):
    """Series ``series`` (an index) observed ``lag`` bars before the predicted bar."""

    series: int
    lag: int


def lagged(values: NDArray[np.float64], max_lag: int) -> NDArray[np.float64]:
    """Shape (n_samples - max_lag, n_series, max_lag + 1); ``[:, s, l]`` is series s, l bars earlier.

    Every lag uses the same predicted bars (from ``max_lag`` on), so that estimates can be compared.
    """
    n_rows = values.shape[0] - max_lag
    columns = [values[max_lag - lag : max_lag - lag + n_rows] for lag in range(max_lag + 1)]
    return np.ascontiguousarray(np.stack(columns, axis=2))


@dataclass(frozen=True, slots=True, eq=False)
class Embedded:
    """The lagged variables of one target's inference.

    ``columns`` (n_rows, n_series, max_lag + 1) as in ``lagged``; ``rows`` (n_rows,) is the sample that each row
    predicts. A row is used if the target at lags 0..max_lag and every other series at lags 1..max_lag are present,
    so that no lag reaches across a hole. Entries at lag 0 of the other series may be NaN and are never read.
    """

    columns: NDArray[np.float64]
    rows: NDArray[np.int64]


def embed(values: NDArray[np.float64], target: int, max_lag: int) -> Embedded:
    """Every usable row for ``target``; all of them where nothing is missing. Missing samples are NaN."""
    columns = lagged(values, max_lag)
    past = np.isfinite(columns[:, :, 1:]).all(axis=(1, 2))
    usable = np.flatnonzero(past & np.isfinite(columns[:, target, 0]))
    rows = usable + max_lag
    return Embedded(columns if usable.size == columns.shape[0] else columns[usable], rows)


def past_of(series: int, max_lag: int) -> tuple[LaggedVariable, ...]:
    """Lags 1..max_lag of one series."""
    return tuple(LaggedVariable(series, lag) for lag in range(1, max_lag + 1))
