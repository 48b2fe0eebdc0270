"""KSG estimates of mutual and conditional mutual information, in nats.

Source: Kraskov, Stoegbauer & Grassberger 2004, algorithm 1 (equation 8); conditional form by Frenzel & Pompe 2007.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

from causeway.analysis.information.estimators.protocol import Columns, Orders, Pulse
from causeway.analysis.information.neighbours import kernels as ksg_kernels
from causeway.analysis.information.neighbours.kernels import TILE
from causeway.analysis.information.settings import KsgSettings
from causeway.errors import InvalidInput


@lru_cache(maxsize=8)
def digamma_table(n: int) -> NDArray[np.float64]:
    """psi(0..n), where entry 0 is unused and zero."""
    table = np.zeros(n + 1)
    table[1:] = digamma(np.arange(1, n + 1))
    table.setflags(write=False)
    return table


def local_cmi(x: NDArray[np.float64], y: NDArray[np.float64], z: NDArray[np.float64], k: int) -> NDArray[np.float64]:
    """Local values in the order of the rows; their mean is I(x; y | z). Arrays have shape (n_rows, n_dimensions).

    Raises:
        InvalidInput: not more than k rows.
    """
    _check_rows(x.shape[0], k)
    key = z[:, 0] if z.shape[1] else y[:, 0]
    order = np.argsort(key, kind="stable")
    x, y, z = (np.ascontiguousarray(a[order]) for a in (x, y, z))
    sorted_terms = ksg_kernels.local_terms(x, y, z, np.ascontiguousarray(key[order]), k, digamma_table(x.shape[0]))
    terms = np.empty_like(sorted_terms)
    terms[order] = sorted_terms
    return terms


def batch_cmi(x: NDArray[np.float64], y: NDArray[np.float64], z: NDArray[np.float64], k: int) -> NDArray[np.float64]:
    """I(x_m; y | z) for each x_m of shape (n_rows, n_dimensions) in ``x`` (n_rows, n_dimensions, n_batch)."""
    n_rows, n_dimensions, n_batch = x.shape
    _check_rows(n_rows, k)
    width = min(TILE, n_batch)
    n_tiles = -(-n_batch // width)
    tiles = np.zeros((n_tiles, n_rows, n_dimensions, width))
    for tile in range(n_tiles):
        part = x[:, :, tile * width : (tile + 1) * width]
        tiles[tile, :, :, : part.shape[2]] = part
    values: NDArray[np.float64] = ksg_kernels.batch_cmi(
        tiles, np.ascontiguousarray(y), np.ascontiguousarray(z), k, digamma_table(n_rows)
    )
    return values.ravel()[:n_batch]


def _check_rows(n_rows: int, k: int) -> None:
    if n_rows <= k:
        raise InvalidInput(f"KSG with k = {k} needs more than {k} rows; found {n_rows}.")


class KsgCmi:
    """KSG behind the estimators' protocol. Columns are taken as they come: ``standardise`` is the caller's affair."""

    def __init__(self, settings: KsgSettings) -> None:
        self._settings = settings

    def prepare(self, y: Columns, z: Columns, pulse: Pulse | None = None) -> PreparedKsg:
        """Fix y (n_rows, n_dimensions) and z (n_rows, n_dimensions; no column for none).

        Raises:
            InvalidInput: not more than k rows.
        """
        _check_rows(y.shape[0], self._settings.k)
        return PreparedKsg(y, z, self._settings, pulse)


class PreparedKsg:
    """``PreparedCmi`` of KSG."""

    def __init__(self, y: Columns, z: Columns, settings: KsgSettings, pulse: Pulse | None) -> None:
        self._y, self._z, self._k = y, z, settings.k
        self._pulse = pulse or (lambda: None)

    def each(self, x: Columns) -> NDArray[np.float64]:
        """(n_variables,): every column on its own."""
        return self._batch(x[:, None, :])

    def joint(self, x: Columns) -> float:
        """All columns as one variable."""
        return float(self._batch(x[:, :, None])[0])

    def each_surrogate(self, x: Columns, orders: Orders) -> NDArray[np.float64]:
        """(n_variables, n_surrogates): every column on its own in every order."""
        return np.stack([self._batch(x[:, v][orders].T[:, None, :]) for v in range(x.shape[1])])

    def joint_surrogates(self, x: Columns, orders: Orders) -> NDArray[np.float64]:
        """(n_surrogates,): all columns as one variable, in every order."""
        return self._batch(x[orders].transpose(1, 2, 0))

    def local(self, x: Columns) -> NDArray[np.float64]:
        """(n_rows,): local values whose mean is ``joint(x)``."""
        return local_cmi(x, self._y, self._z, self._k)

    def _batch(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        self._pulse()
        return batch_cmi(x, self._y, self._z, self._k)
