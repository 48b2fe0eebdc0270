"""Returns after costs, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from causeway.analysis.evaluation import sharpe
from causeway.analysis.evaluation.portfolio import annual_growth, drawdowns, out_of_sample_r2, rebalance
from causeway.analysis.evaluation.report import Trial, evaluate


def test_entering_and_leaving_pay_costs() -> None:
    # One asset: buy all at 10 bp, +10 %, sell all at 10 bp, flat.
    result = rebalance(np.array([[1.0], [0.0]]), np.array([[0.10], [0.05]]), 10.0)
    assert result.turnover.tolist() == [1.0, 1.0]
    assert result.equity[-1] == pytest.approx(0.999 * 1.10 * 0.999, rel=1e-12)


def test_holdings_drift_so_constant_weights_are_rebalanced() -> None:
    # Half and half; one doubles: holdings drift to 2/3, 1/3, and a third of the capital turns over in all.
    result = rebalance(np.full((2, 2), 0.5), np.array([[1.0, 0.0], [0.0, 0.0]]), 0.0)
    assert result.turnover[1] == pytest.approx(1 / 3)


def test_total_loss_ends_trading() -> None:
    result = rebalance(np.full((3, 1), 1.0), np.array([[-1.0], [0.5], [0.5]]), 0.0)
    assert result.equity.tolist() == [1.0, 0.0, 0.0, 0.0]


def test_drawdown_is_measured_from_the_running_maximum() -> None:
    assert drawdowns(np.array([1.0, 2.0, 1.0, 3.0])).tolist() == [0.0, 0.0, -0.5, 0.0]


def test_annual_growth_compounds() -> None:
    assert annual_growth(np.array([1.0, 1.1, 1.21]), 1.0) == pytest.approx(0.1)
    assert annual_growth(np.array([1.0, 0.0]), 252.0) == -1.0


def test_forecast_score_of_the_training_mean_is_zero() -> None:
    actual = np.array([1.0, 2.0, 3.0])
    assert out_of_sample_r2(actual, np.full(3, 1.5), 1.5) == 0.0
    assert out_of_sample_r2(actual, actual, 1.5) == 1.0
    assert out_of_sample_r2(np.full(3, 1.5), actual, 1.5) is None


def test_moments_are_not_defined_where_nothing_varies() -> None:
    assert sharpe.moments(np.full(10, 0.01)) is None
    assert sharpe.moments(np.array([0.1, 0.2])) is None


def test_moments_agree_with_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    returns = np.random.default_rng(7).standard_t(5, 500) * 0.01
    m = sharpe.moments(returns)
    assert m is not None
    assert m.skewness == pytest.approx(stats.skew(returns), rel=1e-12)
    assert m.kurtosis == pytest.approx(stats.kurtosis(returns, fisher=False), rel=1e-12)


def _trial(weights: np.ndarray, returns: np.ndarray, *, has_links: bool) -> Trial:
    return Trial(weights, returns, has_links, 5.0, 252.0, {})


def test_nothing_traded_is_reported_as_no_links() -> None:
    returns = np.random.default_rng(1).normal(0, 0.01, (100, 3))
    found = evaluate(_trial(np.zeros((100, 3)), returns, has_links=False)).numbers
    assert (found.verdict, found.tradable, found.sharpe, found.total_return) == ("no_links", False, None, 0.0)
    assert found.benchmark_sharpe is not None


def test_a_sure_thing_is_distinguishable_and_noise_is_not() -> None:
    noise = np.random.default_rng(2).normal(0, 0.01, (500, 1))
    sure = evaluate(_trial(np.ones((500, 1)), noise + 0.01, has_links=True)).numbers
    unsure = evaluate(_trial(np.ones((500, 1)), noise - noise.mean(), has_links=True)).numbers
    assert (sure.verdict, unsure.verdict) == ("distinguishable", "not_distinguishable")
    assert sure.probabilistic_sharpe == pytest.approx(1.0, abs=1e-6)


def test_cost_lowers_the_return_by_what_it_reports() -> None:
    returns = np.zeros((4, 1))
    weights = np.array([[1.0], [-1.0], [1.0], [0.0]])
    found = evaluate(_trial(weights, returns, has_links=True)).numbers
    assert found.total_return == pytest.approx(-found.total_cost, rel=1e-12)
    assert found.turnover_per_bar == pytest.approx((1 + 2 + 2 + 1) / 4)
