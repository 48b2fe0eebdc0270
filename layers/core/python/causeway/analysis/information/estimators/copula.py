"""Gaussian copula: each variable's ranks become normal scores, then the Gaussian estimator.

Source: Ince, Giordano, Kayser, Rousselet, Gross & Schyns 2017 (GCMI). Ties get their average rank; there, the order of
the samples breaks them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from causeway.analysis.information.estimators.gaussian_cmi import GaussianCmi, PreparedGaussian
from causeway.analysis.information.estimators.protocol import Columns, Orders, Pulse


def normal_scores(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each column's quantiles under the standard normal, ndtri(rank/(n + 1)); NaN stays NaN and has no rank."""
    scores = np.full(values.shape, np.nan)
    for v in range(values.shape[1]):
        present = ~np.isnan(values[:, v])
        scores[present, v] = ndtri(average_ranks(values[present, v]) / (present.sum() + 1))
    return scores


def average_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """1..n, equal values with the average of their ranks."""
    ordered = np.sort(values)
    return np.asarray((np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right") + 1) / 2)


class CopulaCmi:
    """``CmiEstimator`` by normal scores of every column."""

    def __init__(self, *, bias_correction: bool = False) -> None:
        self._gaussian = GaussianCmi(bias_correction=bias_correction)

    def prepare(self, y: Columns, z: Columns, pulse: Pulse | None = None) -> PreparedCopula:
        """Fix y (n_rows, n_dimensions) and z (n_rows, n_dimensions; no column for none).

        Raises:
            InvalidInput: no degree of freedom is left.
        """
        return PreparedCopula(self._gaussian.prepare(normal_scores(y), normal_scores(z), pulse))


class PreparedCopula:
    """``PreparedCmi``; a surrogate's ranks are the ranks of the variable, in its order."""

    def __init__(self, gaussian: PreparedGaussian) -> None:
        self._gaussian = gaussian

    def each(self, x: Columns) -> NDArray[np.float64]:
        """(n_variables,): every column on its own."""
        return self._gaussian.each(normal_scores(x))

    def joint(self, x: Columns) -> float:
        """All columns as one variable."""
        return self._gaussian.joint(normal_scores(x))

    def each_surrogate(self, x: Columns, orders: Orders) -> NDArray[np.float64]:
        """(n_variables, n_surrogates): every column on its own in every order."""
        return self._gaussian.each_surrogate(normal_scores(x), orders)

    def joint_surrogates(self, x: Columns, orders: Orders) -> NDArray[np.float64]:
        """(n_surrogates,): all columns as one variable, in every order."""
        return self._gaussian.joint_surrogates(normal_scores(x), orders)

    def local(self, x: Columns) -> NDArray[np.float64]:
        """(n_rows,): local values whose mean is ``joint(x)``."""
        return self._gaussian.local(normal_scores(x))
