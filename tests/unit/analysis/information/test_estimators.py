"""Estimators against slow, plain references, ties included, and their refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import digamma

from causeway.analysis.information import (
    GaussianSettings,
    KsgSettings,
    conditional_mutual_information,
    mutual_information,
    transfer_entropy,
)
from causeway.analysis.information.estimators.ksg import batch_cmi, local_cmi
from causeway.errors import InvalidInput

Array = NDArray[np.float64]


def plain_ksg(x: Array, y: Array, z: Array, k: int) -> float:
    """Frenzel & Pompe 2007 written out with full distance matrices."""
    n = len(x)

    def distances(a: Array) -> Array:
        if a.shape[1] == 0:
            return np.zeros((n, n))
        return np.asarray(np.abs(a[:, None, :] - a[None, :, :]).max(axis=2))

    dx, dy, dz = distances(x), distances(y), distances(z)
    off = ~np.eye(n, dtype=bool)
    joint = np.maximum(np.maximum(dx, dy), dz)
    eps = np.array([np.sort(joint[i][off[i]])[k - 1] for i in range(n)])[:, None]

    def count(d: Array) -> Array:
        return np.asarray(((d < eps) & off).sum(axis=1))

    n_z = count(dz) if z.shape[1] else np.full(n, n - 1)
    n_xz, n_yz = count(np.maximum(dx, dz)), count(np.maximum(dy, dz))
    return float(digamma(k) + np.mean(digamma(n_z + 1) - digamma(n_xz + 1) - digamma(n_yz + 1)))


@pytest.mark.parametrize("decimals", [12, 1, 0])
@pytest.mark.parametrize(("dx", "dz"), [(1, 0), (1, 1), (1, 3), (2, 0), (2, 2)])
def test_both_kernels_equal_the_plain_form(decimals: int, dx: int, dz: int) -> None:
    """Rounding to 1 and 0 decimals makes many ties, down to repeated points."""
    rng = np.random.default_rng(dx + 10 * dz)
    x, y, z = (np.round(rng.standard_normal((150, d)), decimals) for d in (dx, 1, dz))
    y = y + np.round(0.5 * x[:, :1], decimals)
    expected = plain_ksg(x, y, z, 4)
    assert local_cmi(x, y, z, 4).mean() == pytest.approx(expected, abs=1e-12)
    assert batch_cmi(x[:, :, None], y, z, 4)[0] == pytest.approx(expected, abs=1e-12)


def test_a_value_does_not_depend_on_its_batch() -> None:
    rng = np.random.default_rng(3)
    x, y, z = rng.standard_normal((120, 1, 130)), rng.standard_normal((120, 1)), rng.standard_normal((120, 2))
    together = batch_cmi(x, y, z, 4)
    alone = np.array([batch_cmi(x[:, :, [m]], y, z, 4)[0] for m in range(130)])
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize("k", [1, 2, 7])
def test_other_neighbour_counts(k: int) -> None:
    rng = np.random.default_rng(k)
    x, y, z = rng.standard_normal((100, 1)), rng.standard_normal((100, 1)), rng.standard_normal((100, 1))
    assert local_cmi(x, y, z, k).mean() == pytest.approx(plain_ksg(x, y, z, k), abs=1e-12)
    assert batch_cmi(x[:, :, None], y, z, k)[0] == pytest.approx(plain_ksg(x, y, z, k), abs=1e-12)


@pytest.mark.parametrize("estimator", [GaussianSettings(), KsgSettings()])
def test_information_is_symmetric(estimator: GaussianSettings | KsgSettings) -> None:
    x, y, z = np.random.default_rng(0).standard_normal((3, 200))
    assert conditional_mutual_information(x, y + x, z, estimator) == pytest.approx(
        conditional_mutual_information(y + x, x, z, estimator), abs=1e-12
    )


def test_ksg_sees_what_gaussian_cannot() -> None:
    x, noise = np.random.default_rng(0).standard_normal((2, 1000))
    y = np.abs(x) + 0.3 * noise
    assert mutual_information(x, y) < 0.005
    assert mutual_information(x, y, KsgSettings()) > 0.4


def test_delay_and_histories_pick_the_right_rows() -> None:
    x, noise = np.random.default_rng(0).standard_normal((2, 1000))
    y = np.roll(x, 4) + 0.1 * noise
    assert transfer_entropy(x, y, delay=4) > 2
    assert transfer_entropy(x, y, delay=3, source_history=2, target_history=3) > 2
    assert transfer_entropy(x, y, delay=1, source_history=3) < 0.05
    assert transfer_entropy(x, y, delay=4, target_history=0) == pytest.approx(
        mutual_information(x[:-4], y[4:]), abs=1e-12
    )


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ([1.0, np.nan, 2, 3, 4], "NaN"),
        ([1.0, np.inf, 2, 3, 4], "infinity"),
        ([2.0] * 5, "constant"),
        ([1.0, 2], "at least 4"),
        ([1.0, 2, 3, 4], "same number of rows"),
    ],
)
def test_bad_series_are_refused(x: list[float], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        mutual_information(x, [1.0, 3, 2, 5, 4])


def test_ksg_needs_more_rows_than_neighbours() -> None:
    with pytest.raises(InvalidInput, match="more than 5 rows"):
        mutual_information([1.0, 3, 2, 5, 4], [2.0, 1, 3, 5, 4], KsgSettings(k=5))


@pytest.mark.parametrize(("field", "value"), [("source_history", 0), ("target_history", -1), ("delay", 0)])
def test_histories_out_of_range_are_named(field: str, value: int) -> None:
    x, y = np.random.default_rng(0).standard_normal((2, 50))
    arguments: dict[str, Any] = {field: value}
    with pytest.raises(InvalidInput, match=field):
        transfer_entropy(x, y, **arguments)
