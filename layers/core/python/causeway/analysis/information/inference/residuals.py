"""What columns and the target are after regression on a set: their score test, and the rows that count for them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.information.estimators.gaussian import score_of_residuals
from causeway.analysis.information.inference.autocorrelation import lags_of
from causeway.analysis.information.inference.factors import Columns, Factors
from causeway.analysis.information.inference.lagged_covariance import LaggedCovariance
from causeway.analysis.information.inference.regressed import Regressed


class Residuals:
    """Of the columns of ``covariance`` and of its column ``y``, the target.

    What a target is asked about begins with one set, the first ``given``; while that holds, regression goes on from it.
    """

    def __init__(self, covariance: LaggedCovariance, factors: Factors, y: int) -> None:
        self._covariance = covariance
        self._factors = factors
        self._y = y
        self._lags = lags_of(covariance.n_rows)
        self._regressed: Regressed | None = None

    def score_p(self, column: int, given: Columns) -> float:
        """The score test of one column for the target; see ``score_probability``."""
        x, y = self._over_time((column, self._y), given)
        return score_of_residuals(x, y, self.left_of_rows(column, given, x))

    def left_of_rows(self, column: int, given: Columns, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n_rows,): the share of each row that regression on ``given`` leaves, 1 less its leverage.

        What the column leaves too, which a target's links share, and what ``x``, what ``given`` leaves of the column,
        takes of that. Where they are nearly collinear nothing is left, and ``given`` is asked itself.
        """
        regressed = self._on(given)
        if regressed is None:
            return np.asarray(1 - 1 / self._covariance.n_rows - np.square(self._basis(given)).sum(axis=1))
        base = regressed.base
        together = (*base, *sorted((*given[len(base) :], column)))
        if self._factors.of(together) is None:
            return regressed.left_of_rows(given)
        squares = np.square(x)
        return np.asarray(regressed.left_of_rows(together) + squares * (1 / squares.sum()))

    def effective_rows(self, columns: Columns, given: Columns) -> float:
        """The rows that count for these columns and the target."""
        wanted, regressed = (*columns, self._y), self._on(given)
        if regressed is None:
            return self._lags.effective_rows(self._lags.spectra(self._over_time(wanted, given)))
        return self._lags.effective_rows(regressed.spectra(wanted, given))

    def _over_time(self, wanted: Columns, given: Columns) -> NDArray[np.float64]:
        """(n_wanted, n_rows)."""
        regressed = self._on(given)
        if regressed is not None:
            return regressed.over_time(wanted, given)
        samples, basis = self._covariance.samples(wanted), self._basis(given)
        return np.asarray(samples - (samples @ basis) @ basis.T)

    def _on(self, given: Columns) -> Regressed | None:
        """None where ``given`` is nearly collinear."""
        if self._factors.of(given) is None:
            return None
        if self._regressed is None or self._regressed.base != given[: len(self._regressed.base)]:
            self._regressed = Regressed(self._covariance, self._factors, given, self._lags)
        return self._regressed

    def _basis(self, given: Columns) -> NDArray[np.float64]:
        """(n_rows, n_given): orthonormal columns that explain what ``given`` explains, nearly collinear or not."""
        return np.linalg.qr(self._covariance.samples(given).T)[0]
