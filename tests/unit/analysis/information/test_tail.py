"""A fitted p: counted where counting is good, extrapolated where the tail allows it, and never too small on average."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import chi2, gamma, norm

from causeway.analysis.information.inference.tail import tail_probability_of

Draw = Callable[[np.random.Generator, int], NDArray[np.float64]]
Survival = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def _sup_of_five(survival: Survival) -> Survival:
    return lambda t: -np.expm1(5 * np.log1p(-survival(t)))


# Nulls whose tail is known in closed form; the first two are shapes that an estimate's maximum over five lags takes.
_LIGHT: dict[str, tuple[Draw, Survival]] = {
    "maximum of normals": (lambda rng, n: rng.standard_normal((n, 5)).max(axis=1), _sup_of_five(norm.sf)),
    "maximum of chi-squared": (
        lambda rng, n: rng.chisquare(1, (n, 5)).max(axis=1),
        _sup_of_five(lambda t: chi2.sf(t, 1)),
    ),
    "gamma": (lambda rng, n: rng.gamma(20, size=n), lambda t: gamma.sf(t, 20)),
}


def _critical(null: NDArray[np.float64], level: float) -> float:
    """The smallest statistic whose p is at most ``level``."""
    low, high = float(np.median(null)), float(null.max()) + 100 * float(null.std())
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if tail_probability_of(null, middle) > level else (low, middle)
    return high


@pytest.mark.parametrize("name", _LIGHT)
@pytest.mark.parametrize("level", [1e-3, 1e-4, 1e-6])
def test_a_null_statistic_falls_below_a_fitted_p_no_more_often_than_it_says(name: str, level: float) -> None:
    """P(p <= level) is the true tail beyond the critical value, averaged over sets of surrogates."""
    draw, survival = _LIGHT[name]
    rng = np.random.default_rng(1)
    beyond = [float(survival(np.array(_critical(draw(rng, 2000), level)))) for _ in range(60)]
    assert np.mean(beyond) <= level + 2 * np.std(beyond, ddof=1) / np.sqrt(60)


def test_a_heavy_tail_is_counted() -> None:
    null = np.random.default_rng(2).standard_cauchy(2000)
    assert tail_probability_of(null, float(null.max()) * 100) == 1 / 2001


def test_few_surrogates_are_counted() -> None:
    null = np.random.default_rng(3).standard_normal(999)
    assert tail_probability_of(null, 100.0) == 1 / 1000


def test_ten_exceedances_are_counted() -> None:
    null = np.arange(2000.0)
    assert tail_probability_of(null, 1990.0) == 11 / 2001
    assert tail_probability_of(null, 0.0) == 1.0


def test_p_falls_with_the_statistic_and_stays_above_zero() -> None:
    null = np.random.default_rng(4).standard_normal(2000)
    p = [tail_probability_of(null, t) for t in (2.0, 3.0, 4.0, 6.0, 10.0, 1e6)]
    assert p == sorted(p, reverse=True)
    assert p[-1] > 0


def test_p_does_not_depend_on_the_order_of_the_surrogates() -> None:
    null = np.random.default_rng(5).standard_normal(2000)
    assert tail_probability_of(null, 5.0) == tail_probability_of(np.sort(null), 5.0)


def test_equal_surrogates_are_counted() -> None:
    assert tail_probability_of(np.zeros(2000), 1.0) == 1 / 2001
