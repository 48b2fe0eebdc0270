"""Linear-Gaussian information over IDTxl's chunks, with y and z fixed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.idtxl.chunks import Array
from causeway.analysis.information.estimators.gaussian import covariance_cmi, nats_from_r2

Values = NDArray[np.float64]
_TINY = 1e-10  # of a column's length: what is left of it after projection is rounding


class PreparedGaussian:
    """``each`` projects all chunks at once if x and y have one dimension, else goes by the covariance."""

    def __init__(self, y: Values, z: Values) -> None:
        self._y, self._z = _centred(y), _centred(z)
        self._basis = _basis(self._z)
        self._rest = _residual(self._y, self._basis)

    def each(self, x: Array) -> Values:
        """(n_chunks,) in nats."""
        chunks = np.asarray(x, dtype=np.float64)
        if chunks.shape[2] == 1 and self._y.shape[1] == 1:
            return nats_from_r2(self._squared_correlations(_centred(chunks[:, :, 0].T)))
        return np.array([self._joint(_centred(chunk)) for chunk in chunks])

    def local(self, x: Array) -> Values:
        """(n_rows,): log of the ratio of Gaussian densities with the sample covariance, as JIDT defines it."""
        wide = _centred(np.asarray(x, dtype=np.float64))
        x_rest, y_rest = _unit(_residual(wide, self._basis)), _unit(self._rest)
        pair = np.hstack([x_rest, y_rest])
        return _log_density(pair) - _log_density(x_rest) - _log_density(y_rest)

    def null_freedom(self, x: Array) -> int:
        """Degrees of freedom of the null: dimensions of x (n_rows, n_dimensions) times those of y, both given z."""
        rest = _residual(_centred(np.asarray(x, dtype=np.float64)), self._basis)
        return int(_basis(rest).shape[1] * _basis(self._rest).shape[1])

    def _squared_correlations(self, columns: Values) -> Values:
        rest = _residual(columns, self._basis)
        lengths = np.sum(rest**2, axis=0) * np.sum(self._rest**2)
        usable = lengths > 0
        return np.where(usable, (self._rest[:, 0] @ rest) ** 2 / np.where(usable, lengths, 1.0), 0.0)

    def _joint(self, x: Values) -> float:
        joint = np.hstack([x, self._y, self._z])
        edges = np.cumsum([0, x.shape[1], self._y.shape[1], self._z.shape[1]])
        columns = [range(edges[i], edges[i + 1]) for i in range(3)]
        return covariance_cmi(joint.T @ joint / (joint.shape[0] - 1), *columns)


def _centred(values: Values) -> Values:
    return np.asarray(values - values.mean(axis=0))


def _residual(values: Values, basis: Values) -> Values:
    """What the basis leaves of each column; exactly zero where that is rounding alone."""
    rest = values - basis @ (basis.T @ values)
    rest -= basis @ (basis.T @ rest)
    gone = np.linalg.norm(rest, axis=0) <= _TINY * np.linalg.norm(values, axis=0)
    rest[:, gone] = 0.0
    return rest


def _basis(values: Values) -> Values:
    """Orthonormal columns that span those of ``values``; fewer where they depend on one another."""
    columns = np.empty((values.shape[0], 0))
    for column in values.T[:, :, None]:
        rest = _residual(column, columns)
        length = np.linalg.norm(rest)
        if length > 0:
            columns = np.hstack([columns, rest / length])
    return columns


def _unit(values: Values) -> Values:
    """Each column scaled to length 1, zero columns as they are: scales cancel in a ratio of densities."""
    lengths = np.linalg.norm(values, axis=0)
    return values / np.where(lengths > 0, lengths, 1.0)


def _log_density(values: Values) -> Values:
    """Of each row under the Gaussian with the sample's covariance, up to the constants that cancel."""
    if not values.any():
        return np.zeros(values.shape[0])
    covariance = values.T @ values / (values.shape[0] - 1)
    eigenvalues, vectors = np.linalg.eigh(covariance)
    kept = eigenvalues > _TINY * eigenvalues[-1]
    scores = values @ vectors[:, kept] / np.sqrt(eigenvalues[kept])
    return np.asarray(-0.5 * (np.sum(scores**2, axis=1) + np.sum(np.log(eigenvalues[kept]))))
