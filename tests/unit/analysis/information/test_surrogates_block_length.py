"""The automatic block length equals the one that theory gives for a known process, and holds at the edges."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from causeway.analysis.information.inference.block_length import autocovariance, automatic_block_bars


def _ar1(phi: float, n: int, seed: int) -> NDArray[np.float64]:
    noise = np.random.default_rng(seed).standard_normal(n + 200)
    values = np.zeros(n + 200)
    for t in range(1, n + 200):
        values[t] = phi * values[t - 1] + noise[t]
    return values[200:]


@pytest.mark.parametrize("phi", [0.5, 0.8])
def test_length_of_an_autoregression(phi: float) -> None:
    """Source: Politis & White 2004, with R(k) = phi^k: G / g(0) = 2 phi / (1 - phi²), b = (1.5 (G / g(0))² n)^(1/3)."""
    n = 4000
    expected = (1.5 * (2 * phi / (1 - phi**2)) ** 2 * n) ** (1 / 3)
    found = np.median([automatic_block_bars(_ar1(phi, n, seed)) for seed in range(15)])
    assert found == pytest.approx(expected, rel=0.2)


def test_noise_needs_no_blocks() -> None:
    lengths = [automatic_block_bars(np.random.default_rng(seed).standard_normal(1000)) for seed in range(20)]
    assert np.median(lengths) <= 3


def test_the_longest_of_several_series_counts() -> None:
    both = np.column_stack([_ar1(0.0, 500, 1), _ar1(0.9, 500, 2)])
    assert automatic_block_bars(both) == automatic_block_bars(both[:, 1])


def test_a_trend_gets_a_long_block_within_the_limit() -> None:
    """The limit of Patton, Politis & White 2009: min(3 sqrt(n), n / 3)."""
    assert 10 < automatic_block_bars(np.arange(100.0)) <= 30


def test_constant_and_short_series() -> None:
    assert automatic_block_bars(np.ones(50)) == 1
    assert 1 <= automatic_block_bars(np.array([1.0, 2.0, 1.0, 3.0])) <= 2


def test_autocovariance_by_hand() -> None:
    np.testing.assert_allclose(autocovariance(np.array([1.0, 2.0, 3.0]), 2), [2 / 3, 0.0, -1 / 3], atol=1e-12)
