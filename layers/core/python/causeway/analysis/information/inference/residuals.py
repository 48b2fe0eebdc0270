"""Columns and target after regression on a set: over time for the score test, as spectra for the rows that count.

Both are linear in the columns, so that each is centred and transformed once per target, whatever it is regressed on.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.blas import dtrsm

from causeway.analysis.information.estimators.gaussian import score_of_residuals
from causeway.analysis.information.inference.autocorrelation import twisted_of
from causeway.analysis.information.inference.factors import Columns, Factors
from causeway.analysis.information.inference.lagged_covariance import LaggedCovariance

_ONE_THREAD = 200_000  # products in one call for which OpenBLAS starts no threads; they cost more than they bring


class Residuals:
    """Of the columns of ``covariance`` and of its column ``y``, the target."""

    def __init__(self, covariance: LaggedCovariance, factors: Factors, y: int) -> None:
        self._covariance = covariance
        self._factors = factors
        self._y = y
        self._twisted = twisted_of(covariance.n_rows)
        self._places: dict[int, int] = {}
        self._samples: NDArray[np.float64] = np.empty((0, covariance.n_rows))
        self._spectra: NDArray[np.float64] = np.empty((0, 2 * self._twisted.size))
        self._latest: tuple[Columns, Columns, NDArray[np.float64]] | None = None
        self._latest_left: tuple[Columns, NDArray[np.float64] | None] | None = None

    def score_p(self, column: int, given: Columns) -> float:
        """The score test of one column for the target; see ``score_probability``."""
        x, y = self._over_time((column, self._y), given)
        return score_of_residuals(x, y, self.left_of_rows(column, given, x))

    def left_of_rows(self, column: int, given: Columns, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n_rows,): the share of each row that regression on ``given`` leaves, 1 less its leverage.

        Leverage given the column too, which a target's links share, less what ``x``, what ``given`` leaves of the
        column, adds to it. Where they are nearly collinear nothing is left, and ``given`` is asked itself.
        """
        together = tuple(sorted((*given, column)))
        if self._latest_left is None or self._latest_left[0] != together:
            factor = self._factors.of(together)
            self._latest_left = together, None if factor is None else self._leverage(together, factor)
        spare, shared = 1 - 1 / self._covariance.n_rows, self._latest_left[1]
        if shared is None:
            return spare - self._leverage(given, self._factors.of(given))
        return np.asarray(spare - shared + np.square(x) / np.einsum("i,i->", x, x))

    def _leverage(self, given: Columns, factor: NDArray[np.float64] | None) -> NDArray[np.float64]:
        if not given:
            return np.zeros(self._covariance.n_rows)
        self._load(given)
        samples = self._samples[[self._places[column] for column in given]]
        if factor is None:
            basis, _ = np.linalg.qr(samples.T)
            return np.asarray(np.square(basis).sum(axis=1))
        inverse = np.asarray(dtrsm(1.0, factor, np.eye(len(given)), lower=1))
        rows = _mixed(inverse, samples)
        return np.asarray(np.einsum("ij,ij->j", rows, rows) / self._covariance.n_rows)

    def effective_rows(self, columns: Columns, given: Columns) -> float:
        """The rows that count for these columns and the target."""
        wanted = (*columns, self._y)
        mixture = self._mixture(wanted, given)
        if mixture is None:
            return self._twisted.effective_rows(self._twisted.spectra(self._over_time(wanted, given)))
        known = len(self._spectra)
        if known < len(self._samples):
            self._spectra = np.concatenate([self._spectra, self._twisted.spectra(self._samples[known:])])
        return self._twisted.effective_rows(_mixed(mixture, self._spectra[: mixture.shape[1]]))

    def _over_time(self, wanted: Columns, given: Columns) -> NDArray[np.float64]:
        """(n_wanted, n_rows)."""
        mixture = self._mixture(wanted, given)
        if mixture is not None:
            return _mixed(mixture, self._samples[: mixture.shape[1]])
        samples = self._covariance.samples(np.array(wanted))
        basis, _ = np.linalg.qr(self._covariance.samples(np.array(given)).T)
        return np.asarray(samples - (samples @ basis) @ basis.T)

    def _mixture(self, wanted: Columns, given: Columns) -> NDArray[np.float64] | None:
        """(n_wanted, n): residuals as sums of the first n loaded columns; None where ``given`` is nearly collinear."""
        if self._latest is not None and self._latest[:2] == (wanted, given):
            return self._latest[2]
        slopes = self._factors.slopes(wanted, given)
        if slopes is None:
            return None
        self._load((*wanted, *given))
        mixture = np.zeros((len(wanted), len(self._samples)))
        for row, column in enumerate(wanted):
            mixture[row, self._places[column]] = 1.0
        if given:
            mixture[:, [self._places[column] for column in given]] -= slopes.T
        self._latest = wanted, given, mixture
        return mixture

    def _load(self, columns: Columns) -> None:
        new = [column for column in dict.fromkeys(columns) if column not in self._places]
        if new:
            self._places.update(zip(new, range(len(self._places), len(self._places) + len(new)), strict=True))
            self._samples = np.concatenate([self._samples, self._covariance.samples(np.array(new))])


def _mixed(mixture: NDArray[np.float64], rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """``mixture @ rows``, in pieces."""
    length = max(1, _ONE_THREAD // mixture.size)
    mixed = np.empty((mixture.shape[0], rows.shape[1]))
    for start in range(0, rows.shape[1], length):
        np.matmul(mixture, rows[:, start : start + length], out=mixed[:, start : start + length])
    return mixed
