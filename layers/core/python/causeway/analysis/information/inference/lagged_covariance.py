"""One covariance of every series at every lag, from which all targets of a network are served."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.information.inference.embedding import LaggedVariable


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

    def samples(self, columns: Sequence[int]) -> NDArray[np.float64]:
        """(n_columns, n_rows): the values behind some columns, each centred."""
        found = np.empty((len(columns), self.n_rows))
        for values, column in zip(found, columns, strict=True):
            lag, series = divmod(column, len(self.series))
            np.subtract(self._sample(series, lag), self.means[column], out=values)
        return found

    def _sample(self, series: int, lag: int) -> NDArray[np.float64]:
        rows = self.rows
        picked = slice(rows.start - lag, rows.stop - lag) if isinstance(rows, slice) else rows - lag
        return np.asarray(self.series[series, picked])


def row_covariance(values: NDArray[np.float64], max_lag: int) -> LaggedCovariance:
    """Of (n_samples, n_series) values without a hole, over every sample from ``max_lag`` on.

    Products of lags l and m differ from those of lags l - 1 and m - 1 by the first and the last row alone, so that one
    product of the present with all lags suffices.
    """
    n_samples, n = values.shape
    n_rows = n_samples - max_lag
    enters, leaves = values[:max_lag][::-1], values[n_rows:][::-1]  # [l - 1] in the products of lag l beyond lag l - 1
    sums = np.empty((max_lag + 1, n, max_lag + 1, n))
    for lag in range(max_lag + 1):
        sums[0, :, lag] = values[max_lag:].T @ values[max_lag - lag : n_samples - lag]
        sums[lag, :, 0] = sums[0, :, lag].T
    for i in range(max_lag):
        change = np.multiply.outer(enters[i], enters[i:]) - np.multiply.outer(leaves[i], leaves[i:])
        sums[i + 1, :, i + 1 :] = sums[i, :, i:-1] + change
        sums[i + 1 :, :, i + 1] = sums[i + 1, :, i + 1 :].transpose(1, 2, 0)
    totals = np.cumsum(np.vstack([values[max_lag:].sum(axis=0), enters - leaves]), axis=0)
    means = (totals / n_rows).ravel()
    matrix = sums.reshape(means.size, means.size)
    matrix /= n_rows
    matrix -= np.outer(means, means)
    return LaggedCovariance(matrix, means, np.ascontiguousarray(values.T), slice(max_lag, n_samples), n_rows)


@dataclass(frozen=True, slots=True, eq=False)
class MaskedProducts:
    """Sums of products over all rows with a complete past, from which a target takes the few where it is missing.

    ``rows`` (n_rows,) are the samples whose past is complete; what is missing at lag 0 counts as zero in ``sums``
    (n_columns, n_columns) and ``totals`` (n_columns,).
    """

    series: NDArray[np.float64]
    rows: NDArray[np.int64]
    max_lag: int
    sums: NDArray[np.float64]
    totals: NDArray[np.float64]
    common: dict[str, LaggedCovariance] = field(default_factory=dict)  # of the targets that are nowhere missing

    @classmethod
    def of(cls, values: NDArray[np.float64], max_lag: int) -> MaskedProducts:
        """Of (n_samples, n_series) values in which NaN is missing."""
        complete: NDArray[np.bool_] = np.asarray(np.isfinite(values).all(axis=1))
        past = np.stack([complete[max_lag - lag : complete.size - lag] for lag in range(1, max_lag + 1)]).all(axis=0)
        series, rows = np.ascontiguousarray(values.T), max_lag + np.flatnonzero(past)
        flat = _columns_at(values, rows, max_lag)
        return cls(series, rows, max_lag, flat.T @ flat, flat.sum(axis=0))

    def rows_of(self, target: int) -> NDArray[np.int64]:
        """The samples at which the target is present and all pasts are complete."""
        return np.asarray(self.rows[np.isfinite(self.series[target, self.rows])])

    def covariance_of(self, target: int) -> LaggedCovariance:
        """Over the rows of one target; targets that miss none of ``rows`` share one."""
        kept = self.rows_of(target)
        if kept.size < self.rows.size:
            return self._without(kept)
        if "all" not in self.common:
            self.common["all"] = self._without(kept)
        return self.common["all"]

    def _without(self, kept: NDArray[np.int64]) -> LaggedCovariance:
        left_out = _columns_at(self.series.T, np.setdiff1d(self.rows, kept, assume_unique=True), self.max_lag)
        means = (self.totals - left_out.sum(axis=0)) / kept.size
        matrix = self.sums - left_out.T @ left_out
        matrix /= kept.size
        matrix -= np.outer(means, means)
        return LaggedCovariance(matrix, means, self.series, kept, int(kept.size))


def _columns_at(values: NDArray[np.float64], rows: NDArray[np.int64], max_lag: int) -> NDArray[np.float64]:
    """(n_rows, n_columns): every lagged variable at some samples, zero where missing."""
    found = values[rows[:, None] - np.arange(max_lag + 1)]
    return np.asarray(np.nan_to_num(found.reshape(rows.size, (max_lag + 1) * values.shape[1]), copy=False, nan=0.0))
