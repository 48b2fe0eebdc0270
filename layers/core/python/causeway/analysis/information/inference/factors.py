"""Triangular factors of the covariance of a few columns: what one target's tests, links and coefficients are read from.

LAPACK is called directly: for matrices of five columns numpy's own checks take several times as long as the work.
Only routines that start no threads for so little: OpenBLAS's dtrtrs and dpotri do, at a thousand times the work.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.blas import dtrsm
from scipy.linalg.lapack import dpotrf, dpotrs

Columns = tuple[int, ...]
_SINGULAR = 1e-10  # share of a variance that others must leave for triangular factors to be trusted


class Factors:
    """Of subsets of one covariance ``matrix``; every factor is kept, as steps ask for the same ones again."""

    def __init__(self, matrix: NDArray[np.float64]) -> None:
        self._matrix = matrix
        self._known: dict[Columns, NDArray[np.float64] | None] = {}

    def of(self, columns: Columns) -> NDArray[np.float64] | None:
        """The lower triangular factor; None where a column has almost nothing left beside those before it."""
        try:
            return self._known[columns]
        except KeyError:
            self._known[columns] = found = self._factor(columns)
            return found

    def keep(self, columns: Columns, longer: NDArray[np.float64]) -> None:
        """That of ``columns`` begins ``longer``, the factor of them and others behind them."""
        self._known.setdefault(columns, longer[: len(columns), : len(columns)])

    def _factor(self, columns: Columns) -> NDArray[np.float64] | None:
        if not columns:
            return np.empty((0, 0))
        index = np.array(columns)
        inner = self._matrix[index[:, None], index]
        variances = inner.diagonal().tolist()
        factor, failed = dpotrf(inner.T, lower=1, clean=1, overwrite_a=1)
        lefts = factor.diagonal().tolist()
        if failed or any(left**2 <= _SINGULAR * whole for left, whole in zip(lefts, variances, strict=True)):
            return None
        return np.asarray(factor)

    def sure(self, columns: Columns) -> NDArray[np.float64]:
        """The same of columns that are known to have one.

        Raises:
            ValueError: they have none.
        """
        factor = self.of(columns)
        if factor is None:
            raise ValueError(f"Expected columns that are not nearly collinear; found {columns}. Ask ``of`` first.")
        return factor

    def explained(self, columns: Columns, given: Columns) -> NDArray[np.float64]:
        """(n_given, n_columns): products of its columns are the covariance due to ``given``. Raises as ``sure``."""
        factor = self.sure(given)
        if not given:
            return np.empty((0, len(columns)))
        return np.asarray(dtrsm(1.0, factor, self._among(given, columns), lower=1))

    def slopes(self, columns: Columns, given: Columns) -> NDArray[np.float64]:
        """(n_given, n_columns): coefficients of ``columns`` regressed on ``given``, not empty. Raises as ``sure``."""
        return np.asarray(dpotrs(self.sure(given), self._among(given, columns), lower=1)[0])

    def _among(self, rows: Columns, columns: Columns) -> NDArray[np.float64]:
        return np.asarray(self._matrix[np.array(rows)[:, None], np.array(columns)])


def r2_given_others(factor: NDArray[np.float64], first: int) -> NDArray[np.float64]:
    """Squared partial correlation of the last column and each from ``first`` on, given those before and each other.

    It stands in the inverse of the covariance, which is the product of the factor's inverse with itself.
    """
    n_left = len(factor) - first
    inverse = dtrsm(1.0, factor[first:, first:], np.eye(n_left), lower=1)
    squares = np.square(inverse[:, :-1])
    return np.asarray(squares[-1] / squares.sum(axis=0))
