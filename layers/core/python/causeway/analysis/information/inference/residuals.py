"""Columns and target after regression on a set: over time for the score test, as spectra for the rows that count.

What a target is asked about begins with one set, its base. Columns are regressed on that and transformed once; where
more is given, sums of a few of them follow, as regression and transform are linear.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.blas import dtrsm

from causeway.analysis.information.estimators.gaussian import score_of_residuals
from causeway.analysis.information.inference.autocorrelation import lags_of
from causeway.analysis.information.inference.factors import Columns, Factors
from causeway.analysis.information.inference.lagged_covariance import LaggedCovariance

_ONE_THREAD = 200_000  # products in one call for which OpenBLAS starts no threads; they cost more than they bring


class Residuals:
    """Of the columns of ``covariance`` and of its column ``y``, the target."""

    def __init__(self, covariance: LaggedCovariance, factors: Factors, y: int) -> None:
        self._covariance = covariance
        self._factors = factors
        self._y = y
        self._lags = lags_of(covariance.n_rows)
        self._beyond: _Beyond | None = None
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
            self._latest_left = together, None if factor is None else self._left(together, factor)
        shared = self._latest_left[1]
        if shared is None:
            return self._left(given, self._factors.of(given))
        return np.asarray(shared + np.square(x) * (1 / np.einsum("i,i->", x, x)))

    def _left(self, given: Columns, factor: NDArray[np.float64] | None) -> NDArray[np.float64]:
        samples, n_rows = self._covariance.samples(np.array(given, dtype=np.int64)), self._covariance.n_rows
        if factor is None:
            basis = np.linalg.qr(samples.T)[0].T
        else:
            basis = _mixed(dtrsm(n_rows**-0.5, factor, np.eye(len(given)), lower=1), samples) if given else samples
        return np.asarray(1 - 1 / n_rows - np.einsum("ij,ij->j", basis, basis))

    def effective_rows(self, columns: Columns, given: Columns) -> float:
        """The rows that count for these columns and the target."""
        wanted = (*columns, self._y)
        mixture = self._mixture(wanted, given)
        if mixture is None or self._beyond is None:
            return self._lags.effective_rows(self._lags.spectra(self._over_time(wanted, given)))
        return self._lags.effective_rows(_mixed(mixture, self._beyond.spectra(mixture.shape[1])))

    def _over_time(self, wanted: Columns, given: Columns) -> NDArray[np.float64]:
        """(n_wanted, n_rows)."""
        mixture = self._mixture(wanted, given)
        if mixture is not None and self._beyond is not None:
            return _mixed(mixture, self._beyond.samples[: mixture.shape[1]])
        samples = self._covariance.samples(np.array(wanted))
        basis, _ = np.linalg.qr(self._covariance.samples(np.array(given)).T)
        return np.asarray(samples - (samples @ basis) @ basis.T)

    def _mixture(self, wanted: Columns, given: Columns) -> NDArray[np.float64] | None:
        """(n_wanted, n): as sums of the first n columns beyond the base; None where ``given`` is nearly collinear."""
        if self._latest is not None and self._latest[:2] == (wanted, given):
            return self._latest[2]
        slopes = self._factors.slopes(wanted, given)
        if slopes is None:
            return None
        if self._beyond is None or self._beyond.base != given[: len(self._beyond.base)]:
            self._beyond = _Beyond(self._covariance, self._factors, given)
        mixture = self._beyond.mixture(wanted, given, slopes)
        self._latest = wanted, given, mixture
        return mixture


class _Beyond:
    """What regression on ``base`` leaves of columns, in the order in which they were first asked for."""

    def __init__(self, covariance: LaggedCovariance, factors: Factors, base: Columns) -> None:
        self.base = base
        self.samples: NDArray[np.float64] = np.empty((0, covariance.n_rows))
        self._covariance = covariance
        self._factors = factors
        self._lags = lags_of(covariance.n_rows)
        self._places: dict[int, int] = {}
        self._spectra: NDArray[np.float64] = np.empty((0, 0))

    def mixture(self, wanted: Columns, given: Columns, slopes: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n_wanted, n_loaded): residuals as sums of ``samples``; ``slopes`` (n_given, n_wanted), the base's first."""
        beside = given[len(self.base) :]
        self._load((*wanted, *beside))
        mixture = np.zeros((len(wanted), len(self.samples)))
        mixture[range(len(wanted)), [self._places[column] for column in wanted]] = 1.0
        if beside:
            mixture[:, [self._places[column] for column in beside]] -= slopes[len(self.base) :].T
        return mixture

    def spectra(self, count: int) -> NDArray[np.float64]:
        """Those of the first ``count`` columns."""
        known = len(self._spectra)
        if known < count:
            new = self._lags.spectra(self.samples[known:])
            self._spectra = np.concatenate([self._spectra, new]) if known else new
        return self._spectra[:count]

    def _load(self, columns: Columns) -> None:
        new = tuple([column for column in dict.fromkeys(columns) if column not in self._places])
        if new:
            self._places.update(zip(new, range(len(self._places), len(self._places) + len(new)), strict=True))
            self.samples = np.concatenate([self.samples, self._left_of(new)])

    def _left_of(self, columns: Columns) -> NDArray[np.float64]:
        samples = self._covariance.samples(np.array((*columns, *self.base)))
        slopes = self._factors.slopes(columns, self.base)
        if not self.base or slopes is None:  # the base of a set that is not nearly collinear is not so either
            return samples
        return np.asarray(samples[: len(columns)] - _mixed(slopes.T, samples[len(columns) :]))


def _mixed(mixture: NDArray[np.float64], rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """``mixture @ rows``, in pieces."""
    length = max(1, _ONE_THREAD // mixture.size)
    if length >= rows.shape[1]:
        return np.asarray(mixture @ rows)
    mixed = np.empty((mixture.shape[0], rows.shape[1]))
    for start in range(0, rows.shape[1], length):
        np.matmul(mixture, rows[:, start : start + length], out=mixed[:, start : start + length])
    return mixed
