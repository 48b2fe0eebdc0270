"""The data, the recorded runs and the fit of exponents."""

from __future__ import annotations

import numpy as np
import pytest

from bench.cases.te_scaling import exponent
from bench.recorded import Recorded
from bench.systems import correlated_triple, mute_system, sparse_linear
from bench.timing import Timing


def test_the_mute_system_obeys_its_published_equations() -> None:
    """Montalto et al. 2014, equation 14: what remains of series 1 and 2 given series 0 is standard normal noise."""
    x = mute_system(5000)
    noise = np.column_stack([x[3:, 1] - 0.5 * x[1:-2, 0] ** 2, x[3:, 2] + 0.4 * x[:-3, 0]])
    assert noise.mean(axis=0) == pytest.approx([0, 0], abs=0.05)
    assert np.cov(noise.T) == pytest.approx(np.eye(2), abs=0.06)


def test_the_sparse_system_is_stable_and_equal_for_equal_seeds() -> None:
    x = sparse_linear(2000, 20)
    assert x.shape == (2000, 20)
    assert np.abs(x).max() < 20
    assert np.array_equal(x, sparse_linear(2000, 20))
    assert not np.array_equal(x, sparse_linear(2000, 20, seed=2))


def test_x_and_y_of_the_triple_have_correlation_one_half_given_z() -> None:
    data = correlated_triple(20_000, 3)
    basis, _ = np.linalg.qr(data.z)
    rest = [column - basis @ (basis.T @ column) for column in (data.x, data.y)]
    assert np.corrcoef(rest[0].ravel(), rest[1].ravel())[0, 1] == pytest.approx(0.5, abs=0.02)


def test_orders_are_permutations_and_equal_for_equal_seeds() -> None:
    orders = correlated_triple(50, 1).orders(4, seed=2)
    assert np.array_equal(np.sort(orders, axis=1), np.tile(np.arange(50), (4, 1)))
    assert np.array_equal(orders, correlated_triple(50, 1).orders(4, seed=2))


def test_the_whole_is_the_recorded_counts_times_the_seconds_of_each_shape() -> None:
    content = {
        "machine": {"at": "2026-11-22T20:00:00+00:00"},
        "targets": {
            "0": {"links": [[1, 0, 2]], "estimates": [[1, 0, 100], [1, 2, 10]], "cpu_s": 3.0},
            "1": {"links": [], "estimates": [[1, 2, 30], [2, 1, 1]], "cpu_s": None},
        },
    }
    record = Recorded(content)
    assert record.counts == {(1, 0): 100, (1, 2): 40, (2, 1): 1}
    assert (record.targets, record.links) == ([0, 1], {(1, 0, 2)})
    assert record.summary == "141 estimates, recorded 2026-11-22; targets 0 took 3 CPU s then"
    whole = record.whole(Timing(0, 0, [(0.01, 0.02), (0.1, 0.2), (1.0, 2.0)]))
    assert [whole.wall_s, whole.cpu_s] == pytest.approx([1 + 4 + 1, 2 + 8 + 2])


def test_the_exponent_is_the_slope_in_log_log() -> None:
    sizes = (10, 20, 40)
    assert exponent(sizes, [3 * size**1.5 for size in sizes]) == pytest.approx(1.5)
