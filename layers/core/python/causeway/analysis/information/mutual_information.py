"""Mutual information and conditional mutual information of given series, in nats."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from causeway.analysis.information.estimators.settings import EstimatorSettings, GaussianSettings
from causeway.analysis.information.samples import Samples, aligned, series_of
from causeway.errors import InvalidInput

_GAUSSIAN = GaussianSettings()


def mutual_information(x: ArrayLike, y: ArrayLike, estimator: EstimatorSettings = _GAUSSIAN) -> float:
    """I(x; y) in nats; a one-dimensional argument is one variable, a matrix (n_samples, n_dimensions) a joint one.

    Gaussian estimates are never negative and biased upwards by dim(x) dim(y) / (2 n_samples); KSG and bias-corrected
    estimates may be below zero.

    Raises:
        InvalidInput: NaN, infinity, a constant column, unequal or too few rows; with symbols or bins also values that
            are not whole numbers, more bins than samples, or too many joint states for the samples.
    """
    return _samples(x, y, None, estimator).nats()


def conditional_mutual_information(
    x: ArrayLike, y: ArrayLike, z: ArrayLike | None, estimator: EstimatorSettings = _GAUSSIAN
) -> float:
    """I(x; y | z) in nats; without ``z`` the mutual information. Shapes and errors as in ``mutual_information``."""
    return _samples(x, y, z, estimator).nats()


def local_mutual_information(
    x: ArrayLike, y: ArrayLike, estimator: EstimatorSettings = _GAUSSIAN
) -> NDArray[np.float64]:
    """(n_samples,): how much each sample of x says about that of y; the mean is the mutual information.

    Negative where x misleads. NaN where an order pattern lacks history; the mean is that of the others.
    Source: Lizier 2014. Shapes and errors as in ``mutual_information``.
    """
    return _samples(x, y, None, estimator).local_nats()


def local_conditional_mutual_information(
    x: ArrayLike, y: ArrayLike, z: ArrayLike | None, estimator: EstimatorSettings = _GAUSSIAN
) -> NDArray[np.float64]:
    """(n_samples,): local values of I(x; y | z), as in ``local_mutual_information``."""
    return _samples(x, y, z, estimator).local_nats()


def _samples(x: ArrayLike, y: ArrayLike, z: ArrayLike | None, estimator: EstimatorSettings) -> Samples:
    xs, ys = series_of(x, "x"), series_of(y, "y")
    zs = np.empty((xs.shape[0], 0)) if z is None else series_of(z, "z")
    if not xs.shape[0] == ys.shape[0] == zs.shape[0]:
        found = (xs.shape[0], ys.shape[0], zs.shape[0])
        raise InvalidInput(f"x, y and z must have the same number of rows; found {found}.")
    return aligned({"x": xs, "y": ys, "z": zs}, estimator)
