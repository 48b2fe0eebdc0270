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
from scipy.special import betainc, erfc

MAX_R2 = 1 - 1e-13  # a deterministic relation is reported as -ln(1e-13)/2 = 14.97 nats, not as infinity


def nats_from_r2(r2: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """-ln(1 - R²)/2, with R² held in [0, MAX_R2]."""
    return np.asarray(-0.5 * np.log1p(-np.minimum(np.maximum(r2, 0.0), MAX_R2)))


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

    With u and e the residuals of x and y given z, (sum u e)² / sum (u e)² is chi-squared with one degree of freedom
    if e cannot be predicted in mean. Asymptotic in the rows; a self-normalised sum, so that heavy tails make it
    conservative. Source: White 1980, equation 5, with restricted residuals as in Davidson & MacKinnon 1985.
    """
    basis, _ = np.linalg.qr(z)
    return score_of_residuals(x - basis @ (basis.T @ x), y - basis @ (basis.T @ y))


def score_of_residuals(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """``score_probability`` of residuals, x (n_rows, n_columns) and y (n_rows,), after regression on z."""
    products = x * y[:, None]
    squares = np.sum(products**2, axis=0)
    usable = squares > 0
    score = np.where(usable, products.sum(axis=0) ** 2 / np.where(usable, squares, 1.0), 0.0)
    return np.asarray(erfc(np.sqrt(score / 2)))


def score_of_products(products: NDArray[np.float64]) -> float:
    """``score_of_residuals`` of one column, from its residuals times those of y, (n_rows,)."""
    squares = float(np.square(products).sum())
    return float(erfc(math.sqrt(float(products.sum()) ** 2 / squares / 2))) if squares > 0 else 1.0


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
