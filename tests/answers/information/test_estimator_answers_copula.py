"""Gaussian copula: values of the authors' method in another package, and what ranks must make of closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from causeway.analysis.information import (
    CopulaSettings,
    conditional_mutual_information,
    mutual_information,
    transfer_entropy,
)


def distinct_numbers() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Three coupled sequences without ties, by exact arithmetic, so that other tools can be given the same ones."""
    i = np.arange(400)
    x, v = (31 * i * i + 17 * i + 5) % 97, (13 * i * i * i + 7 * i) % 101
    y = np.concatenate([v[:1], x[:-1] + v[1:] // 3])
    w = (x + v) % 89
    return x + i * 1e-6, y + (7919 * i % 400) * 1e-6, w + (7907 * i % 400) * 1e-6


@pytest.mark.parametrize(
    ("bias_correction", "mi", "cmi", "cmi_of_two", "mi_of_pairs"),
    [
        (True, 0.9696893232361479, 0.9702020446397768, 0.9622459859683749, 0.9677925785587522),
        (False, 0.9709503552787738, 0.9714662651223984, 0.9635134110553729, 0.9728494766536205),
    ],
)
def test_values_of_gcmi(bias_correction: bool, mi: float, cmi: float, cmi_of_two: float, mi_of_pairs: float) -> None:
    """Computed with frites 0.4.6, which carries the code of Ince et al. 2017 (copnorm_nd, mi_1d_gg, cmi_1d_ggg)."""
    x, y, w = distinct_numbers()
    settings = CopulaSettings(bias_correction)
    before, after = np.column_stack([x, w])[:-1], np.column_stack([y, w])[1:]
    two = np.column_stack([y[:-1], w[1:]])
    assert mutual_information(x[:-1], y[1:], settings) == pytest.approx(mi, abs=1e-11)
    assert conditional_mutual_information(x[:-1], y[1:], w[1:], settings) == pytest.approx(cmi, abs=1e-11)
    assert conditional_mutual_information(x[:-1], y[1:], two, settings) == pytest.approx(cmi_of_two, abs=1e-11)
    assert mutual_information(before, after, settings) == pytest.approx(mi_of_pairs, abs=1e-11)


def test_bias_correction_removes_the_bias() -> None:
    """Independent normal samples, 30 rows, 2 and 3 dimensions: the truth is 0, the plug-in bias about 6/60 = 0.1."""
    rng = np.random.default_rng(0)
    draws = rng.standard_normal((400, 30, 5))
    found = {
        corrected: np.mean([mutual_information(d[:, :2], d[:, 2:], CopulaSettings(corrected)) for d in draws])
        for corrected in (True, False)
    }
    assert found[False] > 0.1
    assert found[True] == pytest.approx(0, abs=0.02)


def test_a_monotone_distortion_hides_nothing() -> None:
    """-ln(1 - 0.8²)/2 = 0.510826 nats, whatever is done to the margins; Gaussian estimates do not survive that."""
    rng = np.random.default_rng(0)
    x, noise = rng.standard_normal((2, 20_000))
    y = 0.8 * x + 0.6 * noise
    # The standard error is about rho/sqrt(n) = 0.0057.
    assert mutual_information(np.exp(2 * x), y**5, CopulaSettings()) == pytest.approx(0.510826, abs=0.02)
    assert mutual_information(np.exp(2 * x), y**5) < 0.2


def test_heavy_tails_do_not_decide() -> None:
    """One absurd bar turns the Gaussian estimate of a linear transfer upside down, and moves the copula by little."""
    rng = np.random.default_rng(0)
    x, noise = rng.standard_normal((2, 3000))
    y = 0.5 * np.roll(x, 1) + noise
    clean = transfer_entropy(x, y, estimator=CopulaSettings())
    y[1500] = x[1499] = -1e4
    y[1500] *= -1
    assert transfer_entropy(x, y, estimator=CopulaSettings()) == pytest.approx(clean, abs=0.01)
    assert abs(transfer_entropy(x, y) - clean) > 1
