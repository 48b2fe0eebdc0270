"""Columns after regression on a base and on what else is given, over time and as spectra.

Regression and transform are linear: each column is regressed on the base and transformed once, and what more is given
takes sums of a few of them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.blas import dtrsm

from causeway.analysis.information.inference.autocorrelation import Lags
from causeway.analysis.information.inference.factors import Columns, Factors
from causeway.analysis.information.inference.lagged_covariance import LaggedCovariance

_ONE_THREAD = 200_000  # products in one call for which OpenBLAS starts no threads; they cost more than they bring


class Regressed:
    """Columns of ``covariance`` on ``base`` or sets that begin with it; none of them may be nearly collinear."""

    def __init__(self, covariance: LaggedCovariance, factors: Factors, base: Columns, lags: Lags) -> None:
        self.base = base
        self._covariance = covariance
        self._factors = factors
        self._lags = lags
        self._unit = covariance.n_rows**-0.5
        samples = covariance.samples(base)
        self._basis = _product(_inverse(factors, base, 0) * self._unit, samples) if base else samples
        self._places: dict[int, int] = {}
        self._samples: NDArray[np.float64] = np.empty((0, covariance.n_rows))
        self._spectra: NDArray[np.float64] = np.empty((0, 0))
        self._latest: tuple[tuple[Columns, Columns], NDArray[np.float64]] | None = None
        self._latest_left = base, 1 - 1 / covariance.n_rows - _squares(self._basis)
        self._left = self._latest_left[1]

    def over_time(self, wanted: Columns, given: Columns) -> NDArray[np.float64]:
        """(n_wanted, n_rows)."""
        return self._sums(wanted, given, self._loaded((*wanted, *given[len(self.base) :])))

    def spectra(self, wanted: Columns, given: Columns) -> NDArray[np.float64]:
        """(n_wanted, 2 size) as in ``Lags``."""
        samples, known = self._loaded((*wanted, *given[len(self.base) :])), len(self._spectra)
        if known < len(samples):
            new = self._lags.spectra(samples[known:])
            self._spectra = np.concatenate([self._spectra, new]) if known else new
        return self._sums(wanted, given, self._spectra)

    def left_of_rows(self, given: Columns) -> NDArray[np.float64]:
        """(n_rows,): the share of each row that regression on ``given`` leaves, 1 less its leverage."""
        if self._latest_left[0] != given:
            beside = given[len(self.base) :]
            rows = self._loaded(beside)[[self._places[column] for column in beside]]
            inverse = _inverse(self._factors, given, len(self.base))
            self._latest_left = given, self._left - _squares(_product(inverse * self._unit, rows))
        return self._latest_left[1]

    def _sums(self, wanted: Columns, given: Columns, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        if len(given) == len(self.base):
            return rows[[self._places[column] for column in wanted]]
        if self._latest is None or self._latest[0] != (wanted, given):
            self._latest = (wanted, given), self._mixture(wanted, given)
        mixture = self._latest[1]
        return _product(mixture, rows[: mixture.shape[1]])

    def _mixture(self, wanted: Columns, given: Columns) -> NDArray[np.float64]:
        """(n_wanted, n_loaded): residuals as sums of those on the base. Slopes beside it are the same as without it."""
        beside, places, mixture = given[len(self.base) :], self._places, []
        slopes = self._factors.slopes(wanted, given)
        for column, explained in zip(wanted, slopes.T.tolist(), strict=True):
            shares = [0.0] * len(places)
            shares[places[column]] = 1.0
            for other, slope in zip(beside, explained[len(self.base) :], strict=True):
                shares[places[other]] -= slope
            mixture.append(shares)
        return np.array(mixture)

    def _loaded(self, columns: Columns) -> NDArray[np.float64]:
        """The residuals on the base of all columns so far, these included."""
        new = [column for column in dict.fromkeys(columns) if column not in self._places]
        if new:
            self._places.update(zip(new, range(len(self._places), len(self._places) + len(new)), strict=True))
            self._samples = np.concatenate([self._samples, self._on_base(tuple(new))])
        return self._samples

    def _on_base(self, columns: Columns) -> NDArray[np.float64]:
        samples = self._covariance.samples(columns)
        if not self.base:
            return samples
        explained = self._factors.explained(columns, self.base)
        return np.asarray(samples - _product(explained.T / self._unit, self._basis))


def _inverse(factors: Factors, columns: Columns, first: int) -> NDArray[np.float64]:
    """Of the lower triangular factor from row and column ``first`` on."""
    factor = factors.sure(columns)[first:, first:]
    return np.asarray(dtrsm(1.0, factor, np.eye(len(factor)), lower=1))


def _squares(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.einsum("ij,ij->j", rows, rows))


def _product(mixture: NDArray[np.float64], rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """``mixture @ rows``, in pieces."""
    length = max(1, _ONE_THREAD // mixture.size)
    if length >= rows.shape[1]:
        return np.asarray(mixture @ rows)
    mixed = np.empty((mixture.shape[0], rows.shape[1]))
    for start in range(0, rows.shape[1], length):
        np.matmul(mixture, rows[:, start : start + length], out=mixed[:, start : start + length])
    return mixed
