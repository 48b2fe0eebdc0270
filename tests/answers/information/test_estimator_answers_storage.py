"""Active information storage and conditional transfer entropy of processes with closed forms, by every estimator."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import solve_discrete_lyapunov
from scipy.signal import lfilter

from causeway.analysis.information import (
    CopulaSettings,
    DiscreteSettings,
    EstimatorSettings,
    GaussianSettings,
    KsgSettings,
    active_information_storage,
    transfer_entropy,
)
from causeway.analysis.information.estimators.gaussian import covariance_cmi


@pytest.mark.parametrize("estimator", [GaussianSettings(), CopulaSettings(), KsgSettings()])
@pytest.mark.parametrize("phi", [-0.3, 0.6])
def test_storage_of_an_autoregressive_process(estimator: EstimatorSettings, phi: float) -> None:
    """AR(1): -ln(1 - phi²)/2 (correlation phi with the bar before, and no more with those earlier)."""
    n = 4000
    x = lfilter([1], [1, -phi], np.random.default_rng(1).standard_normal(n))
    expected = -0.5 * np.log(1 - phi**2)
    standard_error = abs(phi) / np.sqrt((1 - phi**2) * n)  # delta method; the variance of the correlation is Bartlett's
    bias = 0.01 if isinstance(estimator, KsgSettings) else 0.0
    assert active_information_storage(x, 1, estimator) == pytest.approx(expected, abs=4 * standard_error + bias)


def test_storage_of_a_period_of_two() -> None:
    """Each state names the next: ln 2 (Lizier, Prokopenko & Zomaya 2012). An odd length makes both equally frequent."""
    series = np.arange(2001) % 2
    assert active_information_storage(series, 1, DiscreteSettings(correction="none")) == pytest.approx(
        np.log(2), abs=1e-12
    )


def test_storage_needs_the_history_of_the_period() -> None:
    """0 0 1 1: one bar back says nothing, two say all."""
    series = np.arange(4002) // 2 % 2
    plug_in = DiscreteSettings(correction="none")
    assert active_information_storage(series, 1, plug_in) == pytest.approx(0, abs=1e-6)
    assert active_information_storage(series, 2, plug_in) == pytest.approx(np.log(2), abs=1e-12)


def chain(n: int) -> NDArray[np.float64]:
    """x drives z, z drives y: a VAR(1) in the order x, z, y."""
    noise = np.random.default_rng(2).standard_normal((n, 3))
    values = np.zeros((n, 3))
    for t in range(1, n):
        values[t] = CHAIN @ values[t - 1] + noise[t]
    return values


CHAIN = np.array([[0.6, 0, 0], [0.6, 0.3, 0], [0, 0.6, 0.3]])


@pytest.mark.parametrize(("given", "lag"), [(False, 1), (False, 2), (True, 1), (True, 2)])
def test_conditional_transfer_entropy_of_a_chain(given: bool, lag: int) -> None:
    """Expected: the process' own covariances (discrete Lyapunov equation) in the entropies of a Gaussian."""
    at_lag = [solve_discrete_lyapunov(CHAIN, np.eye(3))]
    for _ in range(lag):
        at_lag.append(CHAIN @ at_lag[-1])
    # Variables: y_t, then (x, z, y) at lags 1 and `lag`.
    lags = [0, 1, lag]
    covariance = np.block([[at_lag[j - i] if j >= i else at_lag[i - j].T for j in lags] for i in lags])
    expected = covariance_cmi(covariance, [6], [2], [5, 4] if given else [5])
    x, z, y = chain(20_000).T
    found = transfer_entropy(x, y, delay=lag, conditional=z if given else None)
    standard_error = np.sqrt(2 * expected / 20_000)
    assert found == pytest.approx(expected, abs=4 * standard_error + 2e-4)
    if given:  # z at lag 1 screens off all of x
        assert expected == pytest.approx(0, abs=1e-12)
    else:
        assert expected > 0.02
