"""Mutual information, conditional mutual information and transfer entropy of given series, in nats."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from causeway.analysis.information.estimators.gaussian import covariance_cmi
from causeway.analysis.information.settings import EstimatorSettings, GaussianSettings, KsgSettings
from causeway.errors import InvalidInput

_GAUSSIAN = GaussianSettings()


def mutual_information(x: ArrayLike, y: ArrayLike, estimator: EstimatorSettings = _GAUSSIAN) -> float:
    """I(x; y) in nats; a one-dimensional argument is one variable, a matrix (n_samples, n_dimensions) a joint one.

    Gaussian estimates are never negative and biased upwards by dim(x) dim(y) / (2 n_samples); KSG estimates may be
    below zero. Raises InvalidInput for NaN, infinity, a constant column, unequal or too few rows.
    """
    return conditional_mutual_information(x, y, None, estimator)


def conditional_mutual_information(
    x: ArrayLike, y: ArrayLike, z: ArrayLike | None, estimator: EstimatorSettings = _GAUSSIAN
) -> float:
    """I(x; y | z) in nats; without ``z`` the mutual information. Shapes and errors as in ``mutual_information``."""
    xs, ys = _columns(x, "x"), _columns(y, "y")
    zs = np.empty((xs.shape[0], 0)) if z is None else _columns(z, "z")
    if not xs.shape[0] == ys.shape[0] == zs.shape[0]:
        found = (xs.shape[0], ys.shape[0], zs.shape[0])
        raise InvalidInput(f"x, y and z must have the same number of rows; found {found}.")
    if isinstance(estimator, KsgSettings):
        return _ksg(xs, ys, zs, estimator)
    return _gaussian(xs, ys, zs)


def transfer_entropy(
    source: ArrayLike,
    target: ArrayLike,
    *,
    source_history: int = 1,
    target_history: int = 1,
    delay: int = 1,
    estimator: EstimatorSettings = _GAUSSIAN,
) -> float:
    """I(source_{t-delay .. t-delay-l+1}; target_t | target_{t-1 .. t-k}) in nats, l and k the two histories.

    ``target_history`` 0 gives the lagged mutual information. Source: Schreiber 2000; delay by Wibral et al. 2013.

    Raises:
        InvalidInput: as in ``mutual_information``, or a history or delay out of range.
    """
    for name, value, least in (
        ("source_history", source_history, 1),
        ("target_history", target_history, 0),
        ("delay", delay, 1),
    ):
        if value < least:
            raise InvalidInput(f"{name} must be at least {least}; found {value}.", details={"field": name})
    x, y = _columns(source, "source"), _columns(target, "target")
    if x.shape[0] != y.shape[0]:
        raise InvalidInput(f"source and target must be equally long; found {x.shape[0]} and {y.shape[0]}.")
    start = max(target_history, delay + source_history - 1)
    if x.shape[0] - start < 4:
        raise InvalidInput(f"Histories that reach {start} bars back need more than {x.shape[0]} samples.")
    if isinstance(estimator, KsgSettings) and estimator.standardise:  # the series, not their embedded columns
        x, y, estimator = _standardise(x), _standardise(y), replace(estimator, standardise=False)
    past_x = _histories(x, start, delay, source_history)
    past_y = _histories(y, start, 1, target_history) if target_history else None
    return conditional_mutual_information(past_x, y[start:], past_y, estimator)


def _histories(values: NDArray[np.float64], start: int, first: int, count: int) -> NDArray[np.float64]:
    n = values.shape[0]
    return np.hstack([values[start - lag : n - lag] for lag in range(first, first + count)])


def _columns(values: ArrayLike, name: str) -> NDArray[np.float64]:
    array = np.asarray(values, dtype=np.float64)
    array = array[:, None] if array.ndim == 1 else array
    if array.ndim != 2 or array.shape[1] == 0:
        raise InvalidInput(f"{name} must be a vector or a matrix with columns; found shape {array.shape}.")
    if array.shape[0] < 4:
        raise InvalidInput(f"{name} has {array.shape[0]} rows; at least 4 are needed.")
    if not np.isfinite(array).all():
        raise InvalidInput(f"{name} holds NaN or infinity; drop those rows first.")
    if (np.ptp(array, axis=0) == 0).any():
        raise InvalidInput(f"{name} is constant and carries no information.")
    return array


def _gaussian(x: NDArray[np.float64], y: NDArray[np.float64], z: NDArray[np.float64]) -> float:
    joint = _standardise(np.hstack([x, y, z]))
    covariance = joint.T @ joint / (joint.shape[0] - 1)
    edges = np.cumsum([0, x.shape[1], y.shape[1], z.shape[1]])
    xs, ys, zs = (list(range(a, b)) for a, b in pairwise(edges))
    return covariance_cmi(covariance, xs, ys, zs)


def _ksg(x: NDArray[np.float64], y: NDArray[np.float64], z: NDArray[np.float64], settings: KsgSettings) -> float:
    from causeway.analysis.information.estimators.ksg import local_cmi  # numba is loaded only for KSG

    if settings.standardise:
        x, y = _standardise(x), _standardise(y)
        z = _standardise(z) if z.shape[1] else z
    return float(local_cmi(x, y, z, settings.k).mean())


def _standardise(values: NDArray[np.float64]) -> NDArray[np.float64]:
    standard: NDArray[np.float64] = (values - values.mean(axis=0)) / values.std(axis=0, ddof=1)
    return standard
