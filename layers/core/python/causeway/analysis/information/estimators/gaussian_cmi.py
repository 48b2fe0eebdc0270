"""The linear-Gaussian estimator on columns of samples: -ln(1 - R²)/2 summed over canonical correlations.

Source: Barnett, Barrett & Seth 2009; canonical correlations as in Kay 1992.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr
from scipy.special import digamma

from causeway.analysis.information.estimators.gaussian import MAX_R2, nats_from_r2
from causeway.analysis.information.estimators.protocol import Columns, Orders, Pulse
from causeway.errors import InvalidInput

_TILE = 64  # columns are multiplied in blocks of one width, so that no value depends on its batch
_CLOSE = 1e-6  # share of a column's variance beyond z below which it is not computed as a difference


class GaussianCmi:
    """``CmiEstimator`` for jointly Gaussian variables.

    ``bias_correction`` subtracts the bias of the Gaussian entropies; then an estimate may be below zero.
    """

    def __init__(self, *, bias_correction: bool = False) -> None:
        self._bias_correction = bias_correction

    def prepare(self, y: Columns, z: Columns, pulse: Pulse | None = None) -> PreparedGaussian:
        """Fix y (n_rows, n_dimensions) and z (n_rows, n_dimensions; no column for none).

        Raises:
            InvalidInput: no degree of freedom is left.
        """
        if y.shape[0] < y.shape[1] + z.shape[1] + 3:
            raise InvalidInput(
                f"The Gaussian estimator needs more than {y.shape[1] + z.shape[1] + 2} rows for "
                f"{y.shape[1]} + {z.shape[1]} dimensions; found {y.shape[0]}. Use shorter histories or more samples."
            )
        return PreparedGaussian(y, z, pulse, bias_correction=self._bias_correction)


class PreparedGaussian:
    """``PreparedCmi``: orthonormal bases of z, and of what z leaves of y."""

    def __init__(self, y: Columns, z: Columns, pulse: Pulse | None, *, bias_correction: bool) -> None:
        self._pulse = pulse or (lambda: None)
        self._given = independent_basis(_centred(z), z[:, :0])
        self._target = independent_basis(_centred(y), self._given)
        self._dimensions = (y.shape[0], y.shape[1], z.shape[1])
        self._bias_correction = bias_correction

    def each(self, x: Columns) -> NDArray[np.float64]:
        """(n_variables,): every column on its own."""
        return self._each(np.ascontiguousarray(x.T))

    def joint(self, x: Columns) -> float:
        """All columns as one variable."""
        cosines = self._canonical(x)[2]
        return float(nats_from_r2(cosines**2).sum()) - self._bias(x.shape[1])

    def each_surrogate(self, x: Columns, orders: Orders) -> NDArray[np.float64]:
        """(n_variables, n_surrogates): every column on its own in every order."""
        return np.array([self._each(column[orders]) for column in x.T]).reshape(x.shape[1], orders.shape[0])

    def joint_surrogates(self, x: Columns, orders: Orders) -> NDArray[np.float64]:
        """(n_surrogates,): all columns as one variable, in every order."""
        values = np.empty(orders.shape[0])
        for s, order in enumerate(orders):
            if s % _TILE == 0:
                self._pulse()
            values[s] = self.joint(x[order])
        return values

    def local(self, x: Columns) -> NDArray[np.float64]:
        """(n_rows,): ln p(x, y | z) / (p(x | z) p(y | z)) with the sample's own moments (ddof 0)."""
        source, target, cosines = self._canonical(x)
        a, b = source * np.sqrt(x.shape[0]), target * np.sqrt(x.shape[0])
        exact = cosines**2 > MAX_R2  # a copy: the same value at every row
        left = np.where(exact, 1.0, 1 - cosines**2)
        spread = np.where(exact, 0.0, a**2 - (a - cosines * b) ** 2 / left) / 2
        return np.asarray((nats_from_r2(cosines**2) + spread).sum(axis=1) - self._bias(x.shape[1]))

    def _canonical(self, x: Columns) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Canonical variates of x and of y given z, of unit length, and their correlations."""
        basis = independent_basis(_centred(x), self._given)
        left, cosines, right = np.linalg.svd(basis.T @ self._target, full_matrices=False)
        return basis @ left, self._target @ right.T, cosines

    def _each(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same for variables that lie in rows, (n_variables, n_rows)."""
        values = np.empty(rows.shape[0])
        for first in range(0, rows.shape[0], _TILE):
            self._pulse()
            tile = np.zeros((_TILE, rows.shape[1]))
            width = min(_TILE, rows.shape[0] - first)
            tile[:width] = rows[first : first + width]
            values[first : first + width] = self._tile(tile)[:width]
        return values - self._bias(1)

    def _tile(self, tile: NDArray[np.float64]) -> NDArray[np.float64]:
        constant = np.ptp(tile, axis=1) == 0
        tile -= tile.mean(axis=1, keepdims=True)
        tile[constant] = 0.0
        whole, shared = _squares(tile), _squares(tile @ self._target)
        left = whole - _squares(tile @ self._given)
        if (close := left < _CLOSE * whole).any():  # the difference is mostly rounding: take the residuals themselves
            for _ in range(2):  # twice is enough (Giraud et al. 2005)
                tile -= (tile @ self._given) @ self._given.T
            left = np.where(close, _squares(tile), left)
            shared = np.where(close, _squares(tile @ self._target), shared)
        usable = left > (1 - MAX_R2) * whole
        return nats_from_r2(np.where(usable, shared / np.where(usable, left, 1.0), 0.0))

    def _bias(self, x_dimensions: int) -> float:
        n_rows, y_dimensions, z_dimensions = self._dimensions
        return gaussian_bias(n_rows, x_dimensions, y_dimensions, z_dimensions) if self._bias_correction else 0.0


def _squares(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.einsum("ij,ij->i", rows, rows))


def gaussian_bias(n_rows: int, x_dimensions: int, y_dimensions: int, z_dimensions: int) -> float:
    """Bias of I(x; y | z) in nats when covariances are estimated; independent of the true covariance.

    Source: Misra, Singh & Demchuk 2005, as used by Ince et al. 2017 (gccmi_ccc).
    """

    def term(dimensions: int) -> float:
        return float(digamma((n_rows - np.arange(1, dimensions + 1)) / 2).sum()) / 2

    xz, yz = x_dimensions + z_dimensions, y_dimensions + z_dimensions
    return term(xz) + term(yz) - term(xz + y_dimensions) - term(z_dimensions)


def independent_basis(values: NDArray[np.float64], given: NDArray[np.float64]) -> NDArray[np.float64]:
    """Orthonormal basis of centred columns, of what they have beyond the orthonormal ``given``.

    A direction with less than 1e-13 of its column's variance left adds nothing.
    """
    scale = np.linalg.norm(values, axis=0)
    left = values[:, scale > 0] / scale[scale > 0]
    for _ in range(2 if given.shape[1] else 0):
        left = left - given @ (given.T @ left)
    if left.shape[1] == 0:
        return np.asarray(left)
    basis, triangle, _ = qr(left, mode="economic", pivoting=True)
    kept = np.abs(np.diag(triangle)) > np.sqrt(1 - MAX_R2)
    independent: NDArray[np.float64] = np.ascontiguousarray(basis[:, kept])
    return independent


def _centred(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Columns less their means; a constant is exactly zero, not what rounding its mean leaves."""
    return np.where(np.ptp(values, axis=0) == 0, 0.0, values - values.mean(axis=0))
