"""Forecasts are ordinary least squares on training rows; weights stay within capital."""

from __future__ import annotations

import numpy as np
import pytest

from causeway.model.job import Measure
from causeway.model.signal import Link
from causeway.pipelines.data_pipeline import build_panel
from causeway.pipelines.feature_pipeline import Feature, fit, future_mean, lagged_design
from causeway.pipelines.signal_pipeline import MAX_SHARE, build_signal
from tests.unit.pipelines.questions import coupled_market, question, restless_market


def test_lag_one_is_the_bar_that_has_just_ended() -> None:
    values = np.arange(10.0).reshape(5, 2)
    design = lagged_design(values, [Feature(0, 1), Feature(1, 3)])
    assert design[:, 0].tolist() == [0, 2, 4, 6, 8]
    assert design[2:, 1].tolist() == [1, 3, 5]
    assert np.isnan(design[:2, 1]).all()


def test_what_is_forecast_is_the_mean_of_the_next_bars() -> None:
    values = np.array([[1.0], [2.0], [4.0], [8.0]])
    assert future_mean(values, 0, 1)[:3].tolist() == [2.0, 4.0, 8.0]
    assert future_mean(values, 0, 2)[:2].tolist() == [3.0, 6.0]
    assert np.isnan(future_mean(values, 0, 2)[2:]).all()


@pytest.mark.parametrize("horizon", [1, 3])
def test_the_fit_is_ordinary_least_squares(horizon: int) -> None:
    values = np.random.default_rng(4).normal(size=(300, 2))
    values[1:, 1] += 0.7 * values[:-1, 0]
    model = fit(values, 1, [Feature(0, 1), Feature(1, 2)], horizon)
    rows = range(1, 300 - horizon)
    X = np.array([[1.0, values[t, 0], values[t - 1, 1]] for t in rows])
    y = np.array([values[t + 1 : t + 1 + horizon, 1].mean() for t in rows])
    beta = np.linalg.solve(X.T @ X, X.T @ y)
    assert model.forecast(values)[1 : 300 - horizon] == pytest.approx(X @ beta, rel=1e-9, abs=1e-12)


def test_a_feature_that_never_moves_changes_nothing() -> None:
    values = np.random.default_rng(4).normal(size=(100, 2))
    values[:, 0] = 3.0
    assert fit(values, 1, [Feature(0, 1)], 1).coefficients.tolist() == [0.0]


def _link(source: str, target: str, q: float) -> Link:
    return Link(source, target, 1, (1, 2), 0.05, q / 10, q, 0.2)


def test_only_targets_with_a_significant_parent_are_forecast() -> None:
    histories = coupled_market()
    spec = question(histories)
    panel = build_panel(spec, histories)
    a, b, c, _ = panel.symbols
    signal = build_signal(spec, panel, [_link(a, b, 0.01), _link(a, c, 0.2)], {})
    assert list(signal.training_means) == [b]
    assert {row.symbol for row in signal.rows(spec.bar_size)} == {b}
    assert np.abs(signal.weights).sum(axis=1).max() <= 1.0


def test_a_significant_q_is_below_alpha_strictly() -> None:
    histories = coupled_market()
    spec = question(histories)
    panel = build_panel(spec, histories)
    assert not build_signal(spec, panel, [_link(panel.symbols[0], panel.symbols[1], spec.alpha)], {}).has_links


def test_volatility_timing_is_long_only_capped_and_within_capital() -> None:
    histories = restless_market()
    spec = question(histories, measure=Measure.LOG_VOLATILITY)
    panel = build_panel(spec, histories)
    signal = build_signal(spec, panel, [_link("VA", "VB", 0.001), _link("VB", "VC", 0.001)], {"VB": [1]})
    assert signal.weights.min() >= 0.0
    assert signal.weights.max() <= MAX_SHARE / 3
    assert signal.weights.sum(axis=1).max() <= 1.0 + 1e-12
    calm = signal.forecasts.argmin(axis=1)
    assert (signal.weights.argmax(axis=1) == calm).all()
