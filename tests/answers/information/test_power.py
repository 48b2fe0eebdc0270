"""The power of the search, against published power tables and against simulation."""

from __future__ import annotations

import numpy as np
import pytest

from causeway.analysis.information.estimators.gaussian import tail_probability
from causeway.analysis.information.robustness.power import detectable_by_f_test, f_test_power, lag_level


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
