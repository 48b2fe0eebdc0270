"""The power of the search, against published power tables and against simulation."""

from __future__ import annotations

import numpy as np
import pytest

from causeway.analysis.information import infer_network
from causeway.analysis.information.estimators.gaussian import score_of_residuals, tail_probability
from causeway.analysis.information.inference.network import infer_target
from causeway.analysis.information.inference.panel import make_panel
from causeway.analysis.information.robustness.describe import describe_target
from causeway.analysis.information.robustness.power import (
    detectable_by_f_test,
    f_test_power,
    lag_level,
    score_test_power,
)
from causeway.analysis.information.settings import NetworkSettings
from causeway.model.inference import InferenceMode


@pytest.mark.parametrize(
    ("f2", "n_rows", "power"),
    [
        # G*Power 3.1 manual, "Linear Multiple Regression: fixed model, R² increase", and Cohen 1988, table 9.3.2:
        # one tested predictor, f² = .15, alpha .05: n = 55 for power .80 (54.99 -> 55); f² = .02: n = 395 for .80.
        (0.15, 55, 0.80),
        (0.02, 395, 0.80),
        (0.35, 25, 0.80),
    ],
)
def test_power_of_one_predictor_agrees_with_gpower(f2: float, n_rows: int, power: float) -> None:
    r2 = f2 / (1 + f2)
    assert f_test_power(r2, n_rows, 0, 0.05) >= power
    assert f_test_power(r2, n_rows - 1, 0, 0.05) < power


def test_the_detectable_link_is_found_with_the_power_that_is_promised() -> None:
    n_rows, n_given, needed_p = 300, 2, 1e-3
    power = detectable_by_f_test(n_rows, n_given, needed_p, n_lags=1)
    rng = np.random.default_rng(5)
    trials = 2000
    found = sum(_rejects(rng, n_rows, n_given, power.detectable_r2, needed_p) for _ in range(trials))
    error = np.sqrt(0.8 * 0.2 / trials)
    assert abs(found / trials - power.power) < 4 * error + 0.01  # 0.01: random instead of fixed regressors


def _rejects(rng: np.random.Generator, n_rows: int, n_given: int, r2: float, needed_p: float) -> bool:
    z = rng.standard_normal((n_rows, n_given))
    x = rng.standard_normal(n_rows) + z.sum(axis=1)
    own = x - z.sum(axis=1)
    y = z.sum(axis=1) + np.sqrt(r2) * own + np.sqrt(1 - r2) * rng.standard_normal(n_rows)
    design = np.column_stack([np.ones(n_rows), z])

    def left(column: np.ndarray) -> np.ndarray:
        return np.asarray(column - design @ np.linalg.lstsq(design, column, rcond=None)[0])

    correlation = np.corrcoef(left(x), left(y))[0, 1]
    return bool(tail_probability(-0.5 * np.log1p(-(correlation**2)), n_rows, n_given) <= needed_p)


def test_the_level_of_one_lag_makes_the_level_of_their_maximum() -> None:
    assert 1 - (1 - lag_level(0.05, 5)) ** 5 == pytest.approx(0.05)


def test_a_sample_that_is_too_small_says_so() -> None:
    power = detectable_by_f_test(10, 8, 0.05, 1)
    assert power.detectable_r2 > 0.999
    assert "too few" in power.method


@pytest.mark.parametrize(
    ("r2", "n_rows", "level"),
    [
        (0.05, 500, 2e-5),
        (0.0585, 300, 7e-4),
        (0.03, 1000, 1.5e-6),
        (0.3, 100, 2e-5),  # chi-squared would find 0.64
        (0.0, 500, 0.01),
    ],
)
def test_power_of_the_score_test_is_that_of_simulated_links(r2: float, n_rows: int, level: float) -> None:
    rng, trials = np.random.default_rng(8), 4000
    x, noise = rng.standard_normal((2, n_rows, trials))
    y = np.sqrt(r2) * x + np.sqrt(1 - r2) * noise
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    left = np.ones(n_rows)
    found = np.mean([score_of_residuals(x[:, i], y[:, i], left) <= level for i in range(trials)])
    assert score_test_power(r2, n_rows, level) == pytest.approx(found, abs=0.03)


@pytest.mark.slow
@pytest.mark.parametrize("mode", [InferenceMode.MULTIVARIATE_TE, InferenceMode.BIVARIATE_TE])
def test_a_network_finds_the_detectable_link_as_often_as_promised(mode: InferenceMode) -> None:
    """Ten series of 500 samples, through every step to q; by the F-test alone 0.70 of the promised 0.80 were found."""
    names = [f"s{i}" for i in range(10)]
    settings = NetworkSettings(mode=mode)
    quiet = make_panel(np.random.default_rng(0).standard_normal((500, 10)), names, settings.max_lag)
    power = describe_target(quiet, settings, 1, infer_target(quiet, 1, settings, 1), 0).power
    weight, trials, found = np.sqrt(power.detectable_r2 / (1 - power.detectable_r2)), 200, 0
    for trial in range(trials):
        values = np.random.default_rng([trial, 3]).standard_normal((500, 10))
        values[2:, 1] += weight * values[:-2, 0]
        network = infer_network(values, names=names, mode=mode)
        found += any((link.source, link.target) == ("s0", "s1") for link in network.links)
    assert power.power == 0.8
    assert 0.74 < found / trials < 0.88  # two standard errors: 0.057
