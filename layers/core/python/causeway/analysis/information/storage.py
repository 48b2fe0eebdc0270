"""Active information storage: what a series' own past says about its next value, in nats."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from causeway.analysis.information.estimators.settings import EstimatorSettings, GaussianSettings
from causeway.analysis.information.samples import Past, Samples, check_at_least, embedded, series_of

_GAUSSIAN = GaussianSettings()


def active_information_storage(series: ArrayLike, history: int = 1, estimator: EstimatorSettings = _GAUSSIAN) -> float:
    """I(series_{t-1 .. t-k}; series_t) in nats, k = ``history``; a matrix (n_samples, n_dimensions) is one process.

    Source: Lizier, Prokopenko & Zomaya 2012.

    Raises:
        InvalidInput: as in ``mutual_information``, or a history below 1.
    """
    return _samples(series, history, estimator).nats()


def local_active_information_storage(
    series: ArrayLike, history: int = 1, estimator: EstimatorSettings = _GAUSSIAN
) -> NDArray[np.float64]:
    """(n_samples,): local values, NaN for samples without the history; the mean of the others is the storage."""
    return _samples(series, history, estimator).local_nats()


def _samples(series: ArrayLike, history: int, estimator: EstimatorSettings) -> Samples:
    check_at_least("history", history, 1)
    values = series_of(series, "series")
    return embedded([Past(values, 1, history)], values, [], estimator)
