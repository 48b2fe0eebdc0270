"""Rows that count: what Bartlett's formula says, and nothing beyond the rows that there are."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import lfilter

from causeway.analysis.information.inference.autocorrelation import effective_rows, effective_rows_given


def _ar1(phi: float, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    return np.asarray(lfilter([1.0], [1.0, -phi], rng.standard_normal(n + 500))[500:])


@pytest.mark.parametrize(("phi_x", "phi_y"), [(0.5, 0.5), (0.9, 0.6), (0.8, 0.8)])
def test_two_autoregressions(phi_x: float, phi_y: float) -> None:
    """Source: Bartlett 1935: n (1 - a b) / (1 + a b) independent rows in two AR(1) with coefficients a and b."""
    n, product = 20_000, phi_x * phi_y
    rng = np.random.default_rng(1)
    found = np.mean([effective_rows(_ar1(phi_x, n, rng), _ar1(phi_y, n, rng)) for _ in range(10)])
    assert found == pytest.approx(n * (1 - product) / (1 + product), rel=0.05)


@pytest.mark.parametrize("n", [31, 32, 99, 101, 500, 997])
def test_every_lag_enters_as_the_formula_says(n: int) -> None:
    """The reference sums the products of all lags directly; lengths with and without a fast transform, odd and even."""
    rng = np.random.default_rng(n)
    x, y = _ar1(0.9, n, rng), _ar1(0.8, n, rng)
    of_x, of_y = (np.correlate(v - v.mean(), v - v.mean(), "full")[n - 1 :] for v in (x, y))
    lags = np.arange(1, n)
    eta = 1 + 2 * np.sum((1 - lags / n) * of_x[1:] * of_y[1:]) / (of_x[0] * of_y[0])
    assert eta > 1
    assert effective_rows(x, y) == pytest.approx(n / eta, rel=1e-12)


def test_one_white_residual_is_enough() -> None:
    rng = np.random.default_rng(2)
    found = np.mean([effective_rows(_ar1(0.95, 2000, rng), rng.standard_normal(2000)) for _ in range(20)])
    assert found > 0.9 * 2000


def test_anticorrelation_is_no_extra_evidence() -> None:
    rng = np.random.default_rng(3)
    assert effective_rows(_ar1(-0.9, 500, rng), _ar1(0.9, 500, rng)) == 500


def test_several_variables_share_one_number() -> None:
    rng = np.random.default_rng(4)
    x, y = np.column_stack([_ar1(0.9, 1000, rng), rng.standard_normal(1000)]), _ar1(0.9, 1000, rng)
    apart = [effective_rows(x[:, i], y) for i in range(2)]
    assert min(apart) < effective_rows(x, y) < max(apart)


def test_a_regression_on_the_past_takes_the_memory_out() -> None:
    rng = np.random.default_rng(5)
    x, y = _ar1(0.9, 1001, rng), _ar1(0.9, 1001, rng)
    present, past, source = y[1:] - y[1:].mean(), y[:-1, None] - y[:-1].mean(), x[:-1, None] - x[:-1].mean()
    assert effective_rows_given(source, present, np.empty((1000, 0))) < 300
    assert effective_rows_given(source, present, past) > 800


def test_a_constant_residual_has_no_memory() -> None:
    assert effective_rows(np.zeros(50), np.random.default_rng(6).standard_normal(50)) == 50
