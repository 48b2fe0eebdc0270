"""The analytic null is the F-test: equal to other software's, and uniform under the null at small N."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import binom, kstest

from causeway.analysis.information import conditional_mutual_information, infer_network
from causeway.analysis.information.gaussian import tail_probability
from causeway.market_data.known_market import null_market


@pytest.mark.parametrize(("n_joint", "n_given"), [(1, 0), (1, 4), (3, 2)])
def test_p_equals_the_f_test_of_a_regression(n_joint: int, n_given: int) -> None:
    """Source: the F-test of nested least squares in statsmodels."""
    rng = np.random.default_rng(n_joint)
    x, z, noise = rng.standard_normal((40, n_joint)), rng.standard_normal((40, n_given)), rng.standard_normal(40)
    y = 0.3 * x[:, 0] + noise
    small = sm.OLS(y, sm.add_constant(z) if n_given else np.ones(40)).fit()
    _, expected, _ = sm.OLS(y, sm.add_constant(np.hstack([z, x]))).fit().compare_f_test(small)
    cmi = conditional_mutual_information(x, y, z if n_given else None)
    assert float(tail_probability(cmi, 40, n_given, n_joint)) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("n", "n_joint", "n_given"), [(12, 1, 3), (20, 2, 3), (100, 1, 0)])
def test_p_is_uniform_under_the_null(n: int, n_joint: int, n_given: int) -> None:
    rng = np.random.default_rng(n)
    p = []
    for _ in range(1000):
        draw = rng.standard_normal((n, n_joint + n_given + 1))
        x, y, z = draw[:, :n_joint], draw[:, n_joint], draw[:, n_joint + 1 :]
        cmi = conditional_mutual_information(x, y, z if n_given else None)
        p.append(float(tail_probability(cmi, n, n_given, n_joint)))
    assert kstest(p, "uniform").pvalue > 0.001


def test_p_is_one_without_degrees_of_freedom() -> None:
    assert float(tail_probability(1.0, 5, 3)) == 1.0


def test_link_p_is_valid_after_selection() -> None:
    """P(p_link <= u) <= u for every link, where a link that selection dropped has p = 1; 100 markets of 5 series."""
    p = []
    for seed in range(100):
        market = null_market(5, 200, seed)
        p += [link.p for link in infer_network(market.log_returns, max_lag=3).kept_links]
    n_links = 100 * 20
    for u in (0.001, 0.01, 0.05):
        below = int(np.count_nonzero(np.array(p) <= u))
        assert binom.sf(below - 1, n_links, u) > 0.001, f"{below} of {n_links} links at p <= {u}"
