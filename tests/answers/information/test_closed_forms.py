"""Estimates from population covariances equal the closed forms: no sampling error, so tight tolerances.

Sources: Barnett, Barrett & Seth 2009 (VAR); Kraskov, Stoegbauer & Grassberger 2004 (correlated Gaussians). The numbers
for x = .9x + e, y = .5y + c x + e were computed independently in published reference tests of transfer entropy.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import solve_discrete_lyapunov

from causeway.analysis.information import conditional_mutual_information, mutual_information, transfer_entropy
from causeway.analysis.information.estimators.gaussian import covariance_cmi


def var_te(coefficients: list[list[float]], source: int, target: int, history: int) -> float:
    """TE of a VAR(1) with unit innovations, from its exact covariances at lags 0..history."""
    a = np.array(coefficients)
    at_lag: list[NDArray[np.float64]] = [solve_discrete_lyapunov(a, np.eye(2))]
    for _ in range(history):
        at_lag.append(a @ at_lag[-1])
    blocks = [[at_lag[j - i] if j >= i else at_lag[i - j].T for j in range(history + 1)] for i in range(history + 1)]
    past = range(1, history + 1)
    return covariance_cmi(
        np.block(blocks), [2 * lag + source for lag in past], [target], [2 * lag + target for lag in past]
    )


@pytest.mark.parametrize(("history", "expected"), [(1, 0.0920525146), (2, 0.0920091800), (20, 0.0920001137)])
def test_var_transfer_entropy(history: int, expected: float) -> None:
    assert var_te([[0.5, 0], [0.4, 0.5]], 0, 1, history) == pytest.approx(expected, abs=1e-9)


def test_var_has_no_transfer_entropy_backwards() -> None:
    assert var_te([[0.5, 0], [0.4, 0.5]], 1, 0, 5) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("c", "expected"), [(0.1, 0.0233207722), (0.2, 0.0713079388), (0.5, 0.2151651074), (0.8, 0.3618880426)]
)
def test_transfer_entropy_of_a_persistent_driver(c: float, expected: float) -> None:
    assert var_te([[0.9, 0], [c, 0.5]], 0, 1, 1) == pytest.approx(expected, abs=1e-9)


def test_mutual_information_of_a_correlation() -> None:
    rho = 2 / np.sqrt(13)  # 0.5547
    assert covariance_cmi(np.array([[1, rho], [rho, 1]]), [0], [1]) == pytest.approx(0.1838623901, abs=1e-9)


@pytest.mark.parametrize("rho", [-0.9, -0.3, 0.0, 0.5, 0.99])
def test_conditional_information_of_a_partial_correlation(rho: float) -> None:
    """x and y share z and, beyond it, have correlation rho: I(x; y | z) = -ln(1 - rho²)/2."""
    covariance = np.array([[2, rho + 1, 1], [rho + 1, 2, 1], [1, 1, 1.0]])
    assert covariance_cmi(covariance, [0], [1], [2]) == pytest.approx(-0.5 * np.log(1 - rho**2), abs=1e-12)


def test_samples_approach_the_closed_form() -> None:
    rng = np.random.default_rng(5)
    e = rng.standard_normal((50_000, 2))
    x = np.zeros_like(e)
    for t in range(1, len(x)):
        x[t] = [0.5 * x[t - 1, 0] + e[t, 0], 0.4 * x[t - 1, 0] + 0.5 * x[t - 1, 1] + e[t, 1]]
    # Standard error of the estimate is about sqrt(2 TE / n) = 0.0019.
    assert transfer_entropy(x[:, 0], x[:, 1]) == pytest.approx(0.0920525, abs=0.006)
    assert transfer_entropy(x[:, 1], x[:, 0]) == pytest.approx(0, abs=0.0005)


def test_a_deterministic_relation_is_finite_and_large() -> None:
    x = np.random.default_rng(0).standard_normal(500)
    assert 14 < mutual_information(x, 3 * x - 1) < 16


def test_conditioning_on_the_variable_itself_leaves_nothing() -> None:
    x, y = np.random.default_rng(0).standard_normal((2, 500))
    assert conditional_mutual_information(x, y, x) == pytest.approx(0, abs=1e-9)
