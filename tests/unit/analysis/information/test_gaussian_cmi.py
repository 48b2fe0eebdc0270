"""The Gaussian estimator on columns: against densities, against the covariance form, and where columns depend."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import multivariate_normal

from causeway.analysis.information.estimators.copula import CopulaCmi
from causeway.analysis.information.estimators.gaussian import covariance_cmi
from causeway.analysis.information.estimators.gaussian_cmi import GaussianCmi, gaussian_bias
from causeway.errors import InvalidInput


def correlated(n: int = 200) -> NDArray[np.float64]:
    rng = np.random.default_rng(0)
    return np.asarray(rng.standard_normal((n, 6)) @ (np.eye(6) + 0.4 * rng.standard_normal((6, 6))) + 3)


def test_local_values_are_log_ratios_of_densities() -> None:
    """ln p(x, y, z) p(z) / (p(x, z) p(y, z)) with scipy's multivariate normal and the sample's moments."""
    values = correlated()
    mean, covariance = values.mean(axis=0), np.cov(values.T, ddof=0)

    def log_density(columns: list[int]) -> NDArray[np.float64]:
        normal = multivariate_normal(mean[columns], covariance[np.ix_(columns, columns)])
        return np.asarray(normal.logpdf(values[:, columns]))

    expected = (
        log_density([0, 1, 2, 3, 4, 5]) + log_density([4, 5]) - log_density([0, 1, 4, 5]) - log_density([2, 3, 4, 5])
    )
    found = GaussianCmi().prepare(values[:, 2:4], values[:, 4:]).local(values[:, :2])
    np.testing.assert_allclose(found, expected, atol=1e-10)


@pytest.mark.parametrize(
    ("x", "y", "z"), [([0], [1], []), ([0], [1], [2, 3]), ([0, 1], [2, 3], [4, 5]), ([0, 1, 2], [3], [5])]
)
def test_columns_give_what_their_covariance_gives(x: list[int], y: list[int], z: list[int]) -> None:
    values = correlated()
    found = GaussianCmi().prepare(values[:, y], values[:, z]).joint(values[:, x])
    assert found == pytest.approx(covariance_cmi(np.cov(values.T), x, y, z), abs=1e-12)


def test_dependent_columns_add_nothing() -> None:
    values = correlated()
    x, y, z = values[:, :2], values[:, [2]], values[:, 3:5]
    repeated = np.hstack([x, x[:, :1] - 2 * x[:, 1:], np.full((200, 1), 0.1)])
    given = np.hstack([z, z.sum(axis=1, keepdims=True)])
    found = GaussianCmi().prepare(np.hstack([y, 7 * y]), given).joint(repeated)
    assert found == pytest.approx(GaussianCmi().prepare(y, z).joint(x), abs=1e-9)


@pytest.mark.parametrize("estimator", [GaussianCmi(), CopulaCmi()])
def test_what_is_given_already_says_nothing(estimator: GaussianCmi | CopulaCmi) -> None:
    values = correlated()
    cmi = estimator.prepare(values[:, [0]], values[:, 1:3])
    columns = np.column_stack([values[:, 1], np.full(200, 0.1), values[:, 2]])
    np.testing.assert_array_equal(cmi.each(columns), 0)
    assert cmi.joint(columns) == 0
    assert estimator.prepare(values[:, [1]], values[:, 1:3]).joint(values[:, [0]]) == 0


def test_a_copy_is_finite_and_large() -> None:
    """A correlation of one is held at 1 - R² = 1e-13: -ln(1e-13)/2 = 14.97 nats."""
    values = correlated()
    cmi = GaussianCmi().prepare(values[:, [0]], values[:, 1:3])
    assert cmi.each(3 * values[:, [0]] - 1)[0] == pytest.approx(14.97, abs=0.01)
    assert cmi.local(values[:, [0]]).mean() == pytest.approx(14.97, abs=0.01)


def test_units_as_far_apart_as_prices_and_returns() -> None:
    values = correlated() * [1e-9, 1e9, 1, 1e-5, 1e5, 1]
    found = GaussianCmi().prepare(values[:, [0, 1]], values[:, [2, 3]]).joint(values[:, [4, 5]])
    expected = GaussianCmi().prepare(correlated()[:, [0, 1]], correlated()[:, [2, 3]]).joint(correlated()[:, [4, 5]])
    assert found == pytest.approx(expected, abs=1e-9)


def test_too_few_rows_are_refused() -> None:
    values = correlated()[:7]
    with pytest.raises(InvalidInput, match=r"more than 7 rows for 2 \+ 3 dimensions; found 7"):
        GaussianCmi().prepare(values[:, :2], values[:, 2:5])


def test_bias_is_close_to_its_leading_term() -> None:
    """dim(x) dim(y) / (2 n) for many rows."""
    assert gaussian_bias(10_000, 2, 3, 4) == pytest.approx(6 / 20_000, rel=0.01)


@pytest.mark.parametrize("beyond", [1e-2, 1e-3, 1e-5, 1e-6])
def test_columns_that_are_nearly_given(beyond: float) -> None:
    """What little x has beyond z is all that counts: the same estimate, however little it is."""
    values = correlated()
    z = values[:, 1:3]
    own, y = values[:, [0]], values[:, [3]] + values[:, [0]]
    cmi = GaussianCmi().prepare(y, z)
    found = cmi.each(np.hstack([own, z[:, :1] + beyond * own, own]))
    assert found[1] == pytest.approx(found[0], abs=1e-8)
    assert found[2] == found[0]
