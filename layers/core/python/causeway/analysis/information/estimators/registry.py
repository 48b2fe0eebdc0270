"""Which class estimates what the settings ask for. KSG, and with it numba or torch, is imported only when asked for."""

from __future__ import annotations

from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.information.estimators.copula import CopulaCmi, normal_scores
from causeway.analysis.information.estimators.discrete import DiscreteCmi
from causeway.analysis.information.estimators.gaussian_cmi import GaussianCmi
from causeway.analysis.information.estimators.ordinal import OrdinalCmi, order_patterns
from causeway.analysis.information.estimators.protocol import CmiEstimator
from causeway.analysis.information.estimators.scale import in_range
from causeway.analysis.information.estimators.settings import (
    CopulaSettings,
    DiscreteSettings,
    EstimatorSettings,
    GaussianSettings,
    KsgSettings,
    OrdinalSettings,
)
from causeway.analysis.information.estimators.symbols import symbols
from causeway.analysis.information.neighbours.gpu_device import choose_device
from causeway.errors import InvalidInput

KSG_REACH = 1e29  # largest coordinate; searches take 1e30 for one that no row has (``neighbours.layout.FAR``)


def estimator_for(settings: EstimatorSettings, *, device: str = "cpu", n_threads: int = 1) -> CmiEstimator:
    """The estimator of columns as they are: bins, ranks and patterns are taken of each column on its own.

    ``device`` is one that ``neighbours.gpu_device.choose_device`` knows; only KSG uses a GPU, and computes on the CPU
    where there is none. ``n_threads`` concerns KSG on the CPU and changes no bit of a result. KSG does not standardise
    columns; that is ``prepare_series``' part.

    Raises:
        InvalidInput: unknown device, fewer than one thread.
    """
    if n_threads < 1:
        raise InvalidInput(f"n_threads must be at least 1; found {n_threads}.", details={"field": "n_threads"})
    match settings:
        case GaussianSettings():
            return GaussianCmi()
        case CopulaSettings():
            return CopulaCmi(bias_correction=settings.bias_correction)
        case DiscreteSettings():
            return DiscreteCmi(settings)
        case OrdinalSettings():
            return OrdinalCmi(settings)
        case KsgSettings():
            return _ksg(settings, choose_device(device), n_threads)
    assert_never(settings)


def prepare_series(values: NDArray[np.float64], settings: EstimatorSettings) -> NDArray[np.float64]:
    """What an estimator does to a whole series before any lag is taken: (n_samples, n_series), NaN where undefined.

    Gaussian nothing; KSG divides by the standard deviation (ddof 1) if asked; copula normal scores; discrete bins;
    ordinal patterns. Missing samples are NaN and stay so. The lagged columns of the result go to
    ``prepared_estimator_for``.

    Raises:
        InvalidInput: more bins than samples; no bins, and values that are not whole numbers; KSG without
            ``standardise``, and values beyond 1e29.
    """
    match settings:
        case GaussianSettings():
            return values
        case CopulaSettings():
            return normal_scores(values)
        case DiscreteSettings():
            return symbols(values, settings)
        case OrdinalSettings():
            return order_patterns(values, settings)
        case KsgSettings():
            return _standardised(values) if settings.standardise else _within_reach(values)
    assert_never(settings)


def prepared_estimator_for(settings: EstimatorSettings, *, device: str = "cpu", n_threads: int = 1) -> CmiEstimator:
    """The estimator of columns that come from ``prepare_series``. Arguments and errors as in ``estimator_for``."""
    match settings:
        case CopulaSettings():
            return GaussianCmi(bias_correction=settings.bias_correction)
        case DiscreteSettings() | OrdinalSettings():
            return DiscreteCmi(DiscreteSettings(correction=settings.correction))
        case _:
            return estimator_for(settings, device=device, n_threads=n_threads)


def _ksg(settings: KsgSettings, device: str, n_threads: int) -> CmiEstimator:
    if device == "cpu":
        from causeway.analysis.information.estimators.ksg import KsgCmi

        return KsgCmi(settings, n_threads)
    from causeway.analysis.information.estimators.ksg_gpu import KsgGpuCmi

    return KsgGpuCmi(settings, device=device)


def _standardised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    scaled = in_range(values)
    standard: NDArray[np.float64] = (scaled - np.nanmean(scaled, axis=0)) / np.nanstd(scaled, axis=0, ddof=1)
    return standard


def _within_reach(values: NDArray[np.float64]) -> NDArray[np.float64]:
    largest = float(np.nanmax(np.abs(values), initial=0.0))
    if largest > KSG_REACH:
        raise InvalidInput(
            f"KSG without standardise takes values of at most {KSG_REACH:g} in size; found {largest:g}. "
            "Set standardise, or use a larger unit.",
            details={"field": "standardise"},
        )
    return values
