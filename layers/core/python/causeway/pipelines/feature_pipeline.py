"""Lagged features and a linear forecast, fitted on training bars only.

Row t stands at the end of bar t: it sees bars up to t and forecasts the mean of bars t + 1 to t + horizon. Sums run
row by row, so that no bit of an early row depends on how many rows follow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Feature:
    """Series ``series`` (a column of the panel) ``lag`` bars before the first bar that is forecast; lag 1 is now."""

    series: int
    lag: int


@dataclass(frozen=True, slots=True)
class LinearForecast:
    """Ordinary least squares: ``intercept`` + sum of ``coefficients`` times (x - ``mean``) / ``scale``.

    ``training_mean`` and ``fitted_deviation`` are the mean of what was forecast and the standard deviation of the
    fitted forecasts, both over the training rows.
    """

    target: int
    features: tuple[Feature, ...]
    mean: Floats
    scale: Floats
    coefficients: Floats
    intercept: float
    fitted_deviation: float

    @property
    def training_mean(self) -> float:
        """Mean of the target over the training rows; standardised features make it the intercept."""
        return self.intercept

    def forecast(self, values: Floats) -> Floats:
        """Forecasts made at the end of each bar, shape (n_bars,); NaN where a lag reaches before the first bar."""
        design = (lagged_design(values, self.features) - self.mean) / self.scale
        return np.asarray(self.intercept + (design * self.coefficients).sum(axis=1))


def lagged_design(values: Floats, features: Sequence[Feature]) -> Floats:
    """Shape (n_bars, n_features); row t holds what is known at the end of bar t, NaN where that lies before bar 0."""
    design = np.full((values.shape[0], len(features)), np.nan)
    for column, feature in enumerate(features):
        shift = feature.lag - 1
        design[shift:, column] = values[: values.shape[0] - shift, feature.series]
    return design


def future_mean(values: Floats, series: int, horizon: int) -> Floats:
    """Mean of the next ``horizon`` bars of a series, shape (n_bars,); NaN for the last ``horizon`` rows."""
    ahead = np.full(values.shape[0], np.nan)
    n_rows = values.shape[0] - horizon
    if n_rows > 0:
        ahead[:n_rows] = np.stack([values[1 + h : 1 + h + n_rows, series] for h in range(horizon)]).mean(axis=0)
    return ahead


def fit(training: Floats, target: int, features: Sequence[Feature], horizon: int) -> LinearForecast:
    """Fit on ``training``, shape (n_train, n_assets): every feature and every forecast bar lies inside it.

    A feature that does not vary gets the scale 1 and, being zero throughout, the coefficient 0.
    """
    first = max(feature.lag for feature in features) - 1
    rows = slice(first, training.shape[0] - horizon)
    design = lagged_design(training, features)[rows]
    wanted = future_mean(training, target, horizon)[rows]
    mean, scale = design.mean(axis=0), design.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    standard = (design - mean) / scale
    intercept = float(wanted.mean())
    coefficients = np.linalg.lstsq(standard, wanted - intercept, rcond=None)[0]
    fitted = (standard * coefficients).sum(axis=1)
    return LinearForecast(target, tuple(features), mean, scale, coefficients, intercept, float(fitted.std()))
