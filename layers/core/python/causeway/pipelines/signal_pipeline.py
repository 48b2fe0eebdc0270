"""From links to weights: what the signal wishes to hold, known at the end of each evaluation bar.

Only targets with a significant parent are forecast. Without any, there is no forecast, no weight and no trade.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causeway.model.job import AnalysisSpec, Measure
from causeway.model.signal import Link, TargetWeight
from causeway.model.time import BarSize
from causeway.pipelines.data_pipeline import AlignedPanel
from causeway.pipelines.feature_pipeline import Feature, LinearForecast, fit
from causeway.pipelines.measures import moment_of

Floats = NDArray[np.float64]
FULL_WEIGHT_DEVIATIONS = 2.0  # a forecast of two (training) standard deviations takes a target's whole share
MAX_SHARE = 2.0  # a volatility-timing weight is at most this many equal shares


@dataclass(frozen=True, slots=True)
class SignalTable:
    """Evaluation rows only. ``weights`` and ``forecasts`` have shape (n_rows, n_assets), NaN where nothing is forecast.

    Weights are fractions of capital with gross exposure of at most 1. ``training_means`` maps each forecast target to
    the mean that its out-of-sample R² is measured against.
    """

    symbols: tuple[str, ...]
    time_us: NDArray[np.int64]
    weights: Floats
    forecasts: Floats
    training_means: Mapping[str, float]

    @property
    def has_links(self) -> bool:
        """Whether anything was significant."""
        return bool(self.training_means)

    def rows(self, bar_size: BarSize, *, only_last: bool = False) -> list[TargetWeight]:
        """Every weight that has a forecast behind it; ``time`` is the end of the bar at which it is known."""
        first = len(self.time_us) - 1 if only_last else 0
        return [
            TargetWeight(
                moment_of(int(self.time_us[i])) + bar_size.width,
                self.symbols[j],
                float(self.weights[i, j]),
                float(self.forecasts[i, j]),
            )
            for i in range(first, len(self.time_us))
            for j in np.flatnonzero(np.isfinite(self.forecasts[i]))
        ]


def build_signal(
    spec: AnalysisSpec, panel: AlignedPanel, links: Sequence[Link], own_lags: Mapping[str, Sequence[int]]
) -> SignalTable:
    """Fit one forecast per target with a significant link, on training bars, and turn forecasts into weights.

    The lags are those that the network chose: of each significant source, and of the target's own past.
    """
    models = _fit_models(spec, panel, links, own_lags)
    made = {target: model.forecast(panel.values) for target, model in models.items()}
    rows = slice(panel.evaluation_start, None)
    forecasts = np.full((panel.time_us[rows].shape[0], len(panel.symbols)), np.nan)
    for target, series in made.items():
        forecasts[:, panel.symbols.index(target)] = series[rows]
    if not models:
        weights = np.zeros_like(forecasts)
    elif spec.measure is Measure.RETURNS:
        weights = _directional(panel.symbols, models, forecasts)
    else:
        forecasts = np.where(np.isfinite(forecasts), forecasts, panel.training.mean(axis=0))
        weights = _volatility_timing(forecasts)
    means = {target: model.training_mean for target, model in models.items()}
    return SignalTable(panel.symbols, panel.time_us[rows], weights, forecasts, means)


def _fit_models(
    spec: AnalysisSpec, panel: AlignedPanel, links: Sequence[Link], own_lags: Mapping[str, Sequence[int]]
) -> dict[str, LinearForecast]:
    training = np.ascontiguousarray(panel.training)
    models = {}
    for target in panel.symbols:
        parents = [link for link in links if link.target == target and link.q < spec.alpha]
        if not parents:
            continue
        index = panel.symbols.index(target)
        features = {Feature(panel.symbols.index(link.source), lag) for link in parents for lag in link.lags}
        features |= {Feature(index, lag) for lag in own_lags.get(target, ())}
        ordered = sorted(features, key=lambda feature: (feature.series, feature.lag))
        models[target] = fit(training, index, ordered, spec.horizon)
    return models


def _directional(symbols: Sequence[str], models: Mapping[str, LinearForecast], forecasts: Floats) -> Floats:
    """Each forecast target has an equal share; a forecast of two fitted standard deviations takes all of it."""
    weights = np.zeros_like(forecasts)
    share = 1.0 / len(models)
    for target, model in models.items():
        if model.fitted_deviation > 0:
            size = forecasts[:, symbols.index(target)] / (FULL_WEIGHT_DEVIATIONS * model.fitted_deviation)
            weights[:, symbols.index(target)] = share * np.clip(size, -1.0, 1.0)
    return weights


def _volatility_timing(forecasts: Floats) -> Floats:
    """Long only, in inverse proportion to forecast volatility, capped at two equal shares; the rest stays in cash."""
    calm = np.exp(forecasts.min(axis=1, keepdims=True) - forecasts)  # 1 / sigma, scaled against overflow
    weights = calm / calm.sum(axis=1, keepdims=True)
    return np.asarray(np.minimum(weights, MAX_SHARE / forecasts.shape[1]))
