"""Order patterns: Bandt and Pompe's own example, another implementation, and systems whose direction is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from causeway.analysis.information import OrdinalSettings, mutual_information, transfer_entropy
from causeway.analysis.information.estimators.ordinal import order_patterns
from causeway.analysis.information.estimators.settings import BiasCorrection

BITS = 1 / np.log(2)


@pytest.mark.parametrize(("order", "bits"), [(2, 0.918), (3, 1.522)])
def test_permutation_entropy_of_bandt_and_pompe(order: int, bits: float) -> None:
    """Bandt & Pompe 2002: the series 4, 7, 9, 10, 6, 11, 3 has entropy 0.918 bits at order 2 and 1.522 at order 3."""
    series = np.array([[4.0, 7, 9, 10, 6, 11, 3]]).T
    patterns = order_patterns(series, OrdinalSettings(order))[order - 1 :, 0]
    share = np.unique(patterns, return_counts=True)[1] / patterns.size
    assert -(share * np.log2(share)).sum() == pytest.approx(bits, abs=5e-4)


@pytest.mark.parametrize("order", [2, 3, 4])
def test_information_of_a_series_with_itself_is_its_permutation_entropy(order: int) -> None:
    """White noise has all order! patterns equally often (Bandt & Pompe 2002), so that I(x; x) = ln order!."""
    x = np.random.default_rng(0).standard_normal(50_000)
    n_patterns = {2: 2, 3: 6, 4: 24}[order]
    assert mutual_information(x, x, OrdinalSettings(order)) == pytest.approx(np.log(n_patterns), abs=5e-4)


def test_symbolic_transfer_entropy_of_infomeasure() -> None:
    """Computed with infomeasure 0.6.3: transfer_entropy(x, y, approach="ordinal", embedding_dim=3)."""
    i = np.arange(400)
    x, v = (31 * i * i + 17 * i + 5) % 97, (13 * i * i * i + 7 * i) % 101
    y = np.concatenate([v[:1], x[:-1] + v[1:] // 3])
    found = transfer_entropy(x, y, estimator=OrdinalSettings(correction="none"))
    assert found == pytest.approx(0.46136146083495927, abs=1e-12)


def coupled_henon_maps(coupling: float, n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """x drives y (Schiff, So, Chang, Burke & Sauer 1996, with identical maps)."""
    x, y = np.zeros(n + 1000), np.zeros(n + 1000)
    x[:2], y[:2] = (0.3, 0.1), (0.2, 0.4)
    for t in range(2, n + 1000):
        x[t] = 1.4 - x[t - 1] ** 2 + 0.3 * x[t - 2]
        y[t] = 1.4 - (coupling * x[t - 1] * y[t - 1] + (1 - coupling) * y[t - 1] ** 2) + 0.3 * y[t - 2]
    return x[1000:], y[1000:]


@pytest.mark.parametrize("coupling", [0.3, 0.4])
def test_direction_between_henon_maps(coupling: float) -> None:
    """The net flow goes from driver to response (Staniek & Lehnertz 2008 on such systems)."""
    x, y = coupled_henon_maps(coupling, 8000)
    forward = transfer_entropy(x, y, estimator=OrdinalSettings())
    backward = transfer_entropy(y, x, estimator=OrdinalSettings())
    assert forward > 1.5 * backward
    assert forward > 0.03


def test_no_coupling_transfers_nothing() -> None:
    """2 n I is chi-squared with (6 - 1)(3 - 1) 6 = 60 degrees: mean 0.006 nats, deviation sqrt(120)/(2 n)."""
    draws = np.random.default_rng(1).standard_normal((10, 2, 5000))
    deviation = np.sqrt(120) / 10_000 / np.sqrt(10)
    expected: dict[BiasCorrection, float] = {"none": 0.006, "miller_madow": 0.0}
    for correction, mean in expected.items():
        settings = OrdinalSettings(correction=correction)
        found = [transfer_entropy(x, y, estimator=settings) for x, y in draws]
        assert np.mean(found) == pytest.approx(mean, abs=4 * deviation)
