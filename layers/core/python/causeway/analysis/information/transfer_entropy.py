"""Transfer entropy of given series, in nats."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from causeway.analysis.information.estimators.settings import EstimatorSettings, GaussianSettings
from causeway.analysis.information.samples import Past, Samples, check_at_least, embedded, series_of
from causeway.errors import InvalidInput

_GAUSSIAN = GaussianSettings()


def transfer_entropy(
    source: ArrayLike,
    target: ArrayLike,
    *,
    source_history: int = 1,
    target_history: int = 1,
    delay: int = 1,
    conditional: ArrayLike | None = None,
    conditional_history: int = 1,
    conditional_delay: int = 1,
    estimator: EstimatorSettings = _GAUSSIAN,
) -> float:
    """I(source_{t-delay .. t-delay-l+1}; target_t | target_{t-1 .. t-k}) in nats, l and k the two histories.

    ``target_history`` 0 gives the lagged mutual information. ``conditional`` holds further series, (n_samples,) or
    (n_samples, n_series), whose ``conditional_history`` bars from ``conditional_delay`` back are given as well:
    conditional transfer entropy; complete, if they are all others. Source: Schreiber 2000; delay by Wibral et al.
    2013; conditional by Lizier, Prokopenko & Zomaya 2008.

    Raises:
        InvalidInput: as in ``mutual_information``, or a history or delay out of range.
    """
    given = _given(conditional, conditional_delay, conditional_history)
    return _samples(source, target, (source_history, target_history, delay), given, estimator).nats()


def local_transfer_entropy(
    source: ArrayLike,
    target: ArrayLike,
    *,
    source_history: int = 1,
    target_history: int = 1,
    delay: int = 1,
    conditional: ArrayLike | None = None,
    conditional_history: int = 1,
    conditional_delay: int = 1,
    estimator: EstimatorSettings = _GAUSSIAN,
) -> NDArray[np.float64]:
    """(n_samples,): local values at each predicted sample, NaN where history is missing; the mean is the value.

    Negative where the source misleads. Arguments and errors as in ``transfer_entropy``. Source: Lizier, Prokopenko
    & Zomaya 2008.
    """
    given = _given(conditional, conditional_delay, conditional_history)
    return _samples(source, target, (source_history, target_history, delay), given, estimator).local_nats()


def _given(conditional: ArrayLike | None, delay: int, history: int) -> list[Past]:
    check_at_least("conditional_delay", delay, 1)
    check_at_least("conditional_history", history, 1)
    return [] if conditional is None else [Past(series_of(conditional, "conditional"), delay, history)]


def _samples(
    source: ArrayLike,
    target: ArrayLike,
    histories: tuple[int, int, int],
    given: list[Past],
    estimator: EstimatorSettings,
) -> Samples:
    source_history, target_history, delay = histories
    check_at_least("source_history", source_history, 1)
    check_at_least("target_history", target_history, 0)
    check_at_least("delay", delay, 1)
    x, y = series_of(source, "source"), series_of(target, "target")
    if x.shape[0] != y.shape[0]:
        raise InvalidInput(f"source and target must be equally long; found {x.shape[0]} and {y.shape[0]}.")
    for past in given:
        if past.series.shape[0] != y.shape[0]:
            raise InvalidInput(f"conditional must be as long as target; found {past.series.shape[0]} and {y.shape[0]}.")
    return embedded([Past(x, delay, source_history)], y, [Past(y, 1, target_history), *given], estimator)
