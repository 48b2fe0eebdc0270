"""Information between jointly Gaussian variables, and its exact null distribution.

Source: Barnett, Barrett & Seth 2009 (transfer entropy is half the log ratio of residual variances);
the squared multiple partial correlation of q independent variables given k others, over N rows, follows
Beta(q/2, (N - k - q - 1)/2) (Muirhead 1982, theorem 5.1.3): the F-test, exact at every N.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from causeway.analysis.information.estimators.sign_flips import sign_flip_probability

_LEAST_LEFT = 1e-6  # of a row; such a row is in effect dropped by the conditioning set
MAX_R2 = 1 - 1e-13  # a deterministic relation is reported as -ln(1e-13)/2 = 14.97 nats, not as infinity


def nats_from_r2(r2: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """-ln(1 - R²)/2, with R² held in [0, MAX_R2]."""
    return np.asarray(-0.5 * np.log1p(-np.minimum(np.maximum(r2, 0.0), MAX_R2)))


def nats(r2: float) -> float:
    """``nats_from_r2`` of one value, without what arrays cost."""
    return -0.5 * math.log1p(-min(max(r2, 0.0), MAX_R2))


def covariance_cmi(covariance: NDArray[np.float64], x: Sequence[int], y: Sequence[int], z: Sequence[int] = ()) -> float:
    """I(x; y | z) in nats of Gaussian variables with this covariance; x, y and z are lists of its columns.

    Columns that are linear combinations of earlier ones add nothing. Never negative.
    """

    def log_det(columns: Sequence[int]) -> float:
        return _log_determinant(covariance[np.ix_(columns, columns)])

    xs, ys, zs = list(x), list(y), list(z)
    value = 0.5 * (log_det(xs + zs) + log_det(ys + zs) - log_det(xs + ys + zs) - log_det(zs))
    return max(0.0, value)


def tail_probability(
    cmi_nats: NDArray[np.float64] | float, n_rows: float, n_given: int, n_joint: int = 1
) -> NDArray[np.float64]:
    """P(estimate >= cmi) if there is no dependence: ``n_joint`` variables given ``n_given``, over ``n_rows`` rows.

    Exact for Gaussian residuals. 1 where no degree of freedom is left.
    """
    freedom = n_rows - n_given - n_joint - 1
    if freedom < 1:
        return np.ones_like(np.asarray(cmi_nats, dtype=np.float64))
    return np.asarray(betainc(freedom / 2, n_joint / 2, np.exp(-2 * np.asarray(cmi_nats))))


def f_test(cmi_nats: float, n_rows: float, n_given: int, n_joint: int = 1) -> float:
    """``tail_probability`` of one estimate, without what arrays cost."""
    freedom = n_rows - n_given - n_joint - 1
    return float(betainc(freedom / 2, n_joint / 2, math.exp(-2 * cmi_nats))) if freedom >= 1 else 1.0


def score_probability(x: NDArray[np.float64], y: NDArray[np.float64], z: NDArray[np.float64]) -> NDArray[np.float64]:
    """p of each column of ``x`` for ``y`` given ``z`` under heteroskedasticity of any form; all columns centred.

    With u and e the residuals of x and y given z, the sum of u e against its distribution over the signs of its terms,
    each divided by what regression leaves of a row on average (HC3): a row on which z is extreme has too small an e.
    """
    basis, _ = np.linalg.qr(z)
    left = 1 - 1 / y.size - np.sum(basis**2, axis=1)
    residual = y - basis @ (basis.T @ y)
    return np.array([score_of_residuals(u, residual, left) for u in (x - basis @ (basis.T @ x)).T])


def score_of_residuals(x: NDArray[np.float64], y: NDArray[np.float64], left: NDArray[np.float64]) -> float:
    """``score_probability`` of residuals (n_rows,); ``left`` is the share of each row that regression leaves, 1 - h."""
    products = x * y
    return sign_flip_probability(products / np.maximum(left, _LEAST_LEFT), float(products.sum()))


def _log_determinant(matrix: NDArray[np.float64]) -> float:
    """Log-determinant by elimination; a pivot below 1e-13 of its variance counts as that fraction."""
    work = matrix.copy()
    total = 0.0
    for i in range(work.shape[0]):
        pivot = max(work[i, i], (1 - MAX_R2) * matrix[i, i])
        total += float(np.log(pivot))
        if work[i, i] > (1 - MAX_R2) * matrix[i, i]:
            work[i + 1 :, i + 1 :] -= np.outer(work[i + 1 :, i], work[i, i + 1 :]) / pivot
    return total
