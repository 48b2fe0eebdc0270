"""The analytic null is the F-test: equal to other software's, and uniform under the null at small N."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.optimize import bisect
from scipy.special import ndtr
from scipy.stats import binom, chi2, kstest, permutation_test

from causeway.analysis.information import (
    NetworkSettings,
    conditional_mutual_information,
    infer_network,
    make_panel,
)
from causeway.analysis.information.estimators.gaussian import score_probability, tail_probability
from causeway.analysis.information.estimators.sign_flips import sign_flip_probability
from causeway.analysis.information.inference.autocorrelation import lags_of
from causeway.analysis.information.inference.embedding import past_of
from causeway.analysis.information.inference.factors import Factors
from causeway.analysis.information.inference.gaussian_steps import GaussianSteps
from causeway.analysis.information.inference.lagged_covariance import row_covariance
from causeway.analysis.information.inference.residuals import Residuals
from causeway.market_data.known_market import Noise, null_market


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


def test_score_test_is_the_robust_lm_test_where_rows_are_many() -> None:
    """Source: Wooldridge 1991: n - SSR of regressing ones on products of residuals, here by statsmodels."""
    n = 20_000
    rng = np.random.default_rng(2)
    x, z, noise = rng.standard_normal((n, 2)), rng.standard_normal((n, 3)), rng.standard_normal(n)
    x, z = x - x.mean(axis=0), z - z.mean(axis=0)
    y = 0.01 * x[:, 0] + z[:, 1] + noise * np.abs(x[:, 0])
    y -= y.mean()
    e = sm.OLS(y, z).fit().resid
    for column, found in zip(x.T, score_probability(x, y, z), strict=True):
        products = e * sm.OLS(column, z).fit().resid
        statistic = n - sm.OLS(np.ones(n), products).fit().ssr
        assert found == pytest.approx(chi2.sf(statistic, 1), rel=0.01)


@pytest.mark.parametrize("seed", range(6))
def test_p_over_signs_is_that_of_all_sign_patterns(seed: int) -> None:
    """Source: scipy's permutation test of one sample, which for 14 values goes through all 2^14 patterns of signs."""
    rng = np.random.default_rng(seed)
    products = rng.standard_normal(14) * rng.standard_normal(14) + 0.1 * seed
    exact = permutation_test((products,), np.sum, permutation_type="samples", n_resamples=np.inf)
    assert sign_flip_probability(products, float(products.sum())) == pytest.approx(exact.pvalue, rel=0.05)


def test_signs_that_are_all_alike_have_the_smallest_p_there_is() -> None:
    assert sign_flip_probability(np.ones(20), 20.0) == pytest.approx(2 * 0.5**20)
    assert sign_flip_probability(np.zeros(5), 0.0) == 1.0


@pytest.mark.parametrize(("n", "least"), [(20, 1 / 3), (100, 0.6), (500, 0.8)])
def test_of_equal_signs_p_has_part_of_the_weight_at_the_total(n: int, least: float) -> None:
    """Source: the binomial distribution. What a lattice costs is bounded, and never on the other side."""
    for more in range(n // 2 + 1, n):
        exact = 2 * float(binom.sf(more - 1, n, 0.5))
        if exact > 1e-6:
            assert least * exact < sign_flip_probability(np.ones(n), 2.0 * more - n) < exact


@pytest.mark.parametrize("far", [1e-5, 1e-4, 1e-3])
def test_a_total_near_its_mean_has_nearly_the_p_of_a_normal(far: float) -> None:
    """Source: the central limit theorem; of a sum as near its mean that is next to 1, not what rounding leaves."""
    products = np.random.default_rng(3).standard_normal(2000)
    total = far * float(np.linalg.norm(products))
    assert sign_flip_probability(products, total) == pytest.approx(2 * ndtr(-far), abs=1e-5)


@pytest.mark.parametrize("far", [0.3, 2.0, 6.0, 12.0])
@pytest.mark.parametrize("freedom", [1.5, 3, 30])
def test_p_over_signs_is_that_of_its_formula(far: float, freedom: float) -> None:
    """Source: r* of Barndorff-Nielsen 1986, where ln cosh is the log-mean of a sign; its saddlepoint by bisection."""
    sizes = np.abs(np.random.default_rng(4).standard_t(freedom, 800))
    sizes /= np.linalg.norm(sizes)
    far = min(far, 0.9 * float(sizes.sum()))
    t = float(bisect(lambda t: float((sizes * np.tanh(t * sizes)).sum()) - far, 0, 1e4, xtol=1e-14, rtol=1e-14))
    r = np.sqrt(2 * (t * far - float((np.logaddexp(t * sizes, -t * sizes) - np.log(2)).sum())))
    v = t * np.sqrt(float(np.square(sizes / np.cosh(np.minimum(t * sizes, 300))).sum()))
    expected = 2 * ndtr(-r - np.log(v / r) / r)
    assert sign_flip_probability(sizes, far) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("power", [-1000, -500, 500, 1000])
def test_p_over_signs_does_not_depend_on_units(power: int) -> None:
    products = np.random.default_rng(1).standard_normal(30)
    plain, unit = sign_flip_probability(products, float(products.sum())), 2.0**power
    assert sign_flip_probability(unit * products, unit * float(products.sum())) == plain


def test_what_regression_leaves_of_a_row_is_that_of_statsmodels() -> None:
    """Source: hat values of ``OLSInfluence``, with a constant."""
    values = np.random.default_rng(4).standard_normal((60, 3))
    covariance = row_covariance(values - values.mean(axis=0), 2)
    columns = (1, 3, 8)
    samples = covariance.samples(columns)
    hat = sm.OLS(samples[0], sm.add_constant(samples.T)).fit().get_influence().hat_matrix_diag
    residuals = Residuals(covariance, Factors(covariance.matrix), 0)
    for column in (4, 6):
        left_of_column = sm.OLS(covariance.samples([column])[0], samples.T).fit().resid
        assert 1 - residuals.left_of_rows(column, columns, left_of_column) == pytest.approx(hat, rel=1e-9)


def test_residuals_on_more_than_the_base_are_those_of_statsmodels() -> None:
    """Source: ``OLS``. The first set is the base; what is asked later begins with it, adds to it or is another."""
    values = np.random.default_rng(5).standard_normal((80, 3)).cumsum(axis=0)
    covariance = row_covariance(values - values.mean(axis=0), 3)
    lags = lags_of(covariance.n_rows)
    residuals = Residuals(covariance, Factors(covariance.matrix), 0)
    for column, given in ((4, (3, 6)), (4, (3, 6, 8)), (10, (3, 6, 5, 8)), (5, (3, 6)), (4, (7,)), (4, ())):
        x, y = covariance.samples([column])[0], covariance.samples([0])[0]
        z = sm.add_constant(covariance.samples(given).T, has_constant="add")
        left = np.stack([sm.OLS(one, z).fit().resid for one in (x, y)])
        expected = lags.effective_rows(lags.spectra(left))
        assert residuals.effective_rows((column,), given) == pytest.approx(expected, rel=1e-9)
        assert residuals.score_p(column, given) == pytest.approx(
            float(score_probability(x[:, None], y, z[:, 1:])[0]), rel=1e-9
        )


def test_common_volatility_misleads_the_f_test_but_not_the_link() -> None:
    """What the score test is for: calm and panic shared by all, and no series drives another."""
    f_test, link = [], []
    for seed in range(100):
        market = null_market(2, 2000, seed, noise=Noise.COMMON_VOLATILITY)
        panel = make_panel(market.log_returns, market.symbols, 5)
        steps = GaussianSteps(row_covariance(panel.standardised(), 5), 0, NetworkSettings())
        own, past = past_of(0, 5)[:1], past_of(1, 5)
        f_test.append(steps.strongest(past, own, "").p)
        link.append(steps.link(past, own, ""))
    assert np.mean(np.array(f_test) < 0.05) > 0.2
    assert np.mean(np.array(link) < 0.05) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 100)


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
