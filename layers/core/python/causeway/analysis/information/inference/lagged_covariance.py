"""One covariance of every series at every lag, from which all targets of a network are served."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.information.inference.embedding import Embedded, LaggedVariable

_SINGULAR = 1e-10  # share of a variance that others must leave for triangular factors to be trusted


@dataclass(frozen=True, slots=True, eq=False)
class LaggedCovariance:
    """``matrix`` has one row and column per series and lag 0..max_lag, all over the same ``rows``; ``means`` alike.

    ``series`` (n_series, n_samples) are the values; ``rows`` (n_rows,) is the sample that each row predicts.
    Column ``lag * n_series + s`` is series s, ``lag`` bars earlier.
    """

    matrix: NDArray[np.float64]
    means: NDArray[np.float64]
    series: NDArray[np.float64]
    rows: NDArray[np.int64] | slice
    n_rows: int

    def column(self, variable: LaggedVariable) -> int:
        """The place of a variable."""
        return variable.lag * int(self.series.shape[0]) + variable.series

    def samples(self, columns: NDArray[np.int64]) -> NDArray[np.float64]:
        """(n_columns, n_rows): the values behind some columns, each centred."""
        lags, series = np.divmod(columns, self.series.shape[0])
        found = np.empty((columns.size, self.n_rows))
        for i, (s, lag) in enumerate(zip(series.tolist(), lags.tolist(), strict=True)):
            np.subtract(self._sample(s, lag), self.means[columns[i]], out=found[i])
        return found

    def _sample(self, series: int, lag: int) -> NDArray[np.float64]:
        rows = self.rows
        picked = slice(rows.start - lag, rows.stop - lag) if isinstance(rows, slice) else rows - lag
        return np.asarray(self.series[series, picked])

    def given(self, columns: NDArray[np.int64], given: NDArray[np.int64]) -> NDArray[np.float64] | None:
        """Covariance of ``columns`` given others; None where the others nearly determine one another."""
        if not given.size:
            return self.matrix[np.ix_(columns, columns)]
        factor = triangular(self.matrix[np.ix_(given, given)])
        if factor is None:
            return None
        explained = np.linalg.solve(factor, self.matrix[np.ix_(given, columns)])
        return np.asarray(self.matrix[np.ix_(columns, columns)] - explained.T @ explained)

    def slopes(self, columns: NDArray[np.int64], given: NDArray[np.int64]) -> NDArray[np.float64] | None:
        """(n_given, n_columns): coefficients of ``columns`` regressed on ``given``; None as in ``given``."""
        inner = self.matrix[np.ix_(given, given)]
        if triangular(inner) is None:
            return None
        return np.asarray(np.linalg.solve(inner, self.matrix[np.ix_(given, columns)]))


def triangular(covariance: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Its lower triangular factor; None where a variable has almost nothing left beside those before it."""
    try:
        factor: NDArray[np.float64] = np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)
    except np.linalg.LinAlgError:
        return None
    left = np.diagonal(factor) ** 2
    return factor if (left > _SINGULAR * np.diagonal(covariance)).all() else None


def row_covariance(values: NDArray[np.float64], max_lag: int) -> LaggedCovariance:
    """Of (n_samples, n_series) values without a hole, over every sample from ``max_lag`` on.

    Products of lags l and m differ from those of lags l - 1 and m - 1 by the first and the last row alone, so that one
    product of the present with all lags suffices.
    """
    n_samples, n = values.shape
    n_rows = n_samples - max_lag
    sums = np.empty((max_lag + 1, n, max_lag + 1, n))
    for lag in range(max_lag + 1):
        sums[0, :, lag] = values[max_lag:].T @ values[max_lag - lag : n_samples - lag]
        sums[lag, :, 0] = sums[0, :, lag].T
    for first in range(1, max_lag + 1):
        for second in range(first, max_lag + 1):
            enters = np.outer(values[max_lag - first], values[max_lag - second])
            leaves = np.outer(values[n_samples - first], values[n_samples - second])
            sums[first, :, second] = sums[first - 1, :, second - 1] + enters - leaves
            sums[second, :, first] = sums[first, :, second].T
    means = np.stack([values[max_lag - lag : n_samples - lag].mean(axis=0) for lag in range(max_lag + 1)]).ravel()
    matrix = sums.reshape(means.size, means.size)
    matrix /= n_rows
    matrix -= np.outer(means, means)
    return LaggedCovariance(matrix, means, np.ascontiguousarray(values.T), slice(max_lag, n_samples), n_rows)


def embedded_covariance(values: NDArray[np.float64], embedded: Embedded) -> LaggedCovariance:
    """Over one target's rows; what is missing at lag 0 of other series is never read, and zero."""
    columns = np.nan_to_num(embedded.columns.transpose(0, 2, 1), nan=0.0)
    flat = columns.reshape(columns.shape[0], -1)
    means = flat.mean(axis=0)
    flat -= means
    return LaggedCovariance(
        flat.T @ flat / flat.shape[0], means, np.ascontiguousarray(values.T), embedded.rows, int(embedded.rows.size)
    )
