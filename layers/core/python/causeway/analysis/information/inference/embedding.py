"""Lagged variables: series at 0..max_lag bars before the predicted bar, over one common set of rows."""

from __future__ import annotations

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


def past_of(series: int, max_lag: int) -> tuple[LaggedVariable, ...]:
    """Lags 1..max_lag of one series."""
    return tuple(LaggedVariable(series, lag) for lag in range(1, max_lag + 1))
