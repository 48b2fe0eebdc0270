"""Bias of KSG, k = 4, on a partial correlation of 0.5 (0.143841 nats) over 20 seeds.

Source: the same quantity measured with JIDT: N = 1000 -.009/-.010/-.036, N = 5000 +.001/-.001/-.020 for 1, 3 and 6
conditioning dimensions. Tolerance: three standard errors of the difference of two such means of 20.
"""

from __future__ import annotations

import numpy as np
import pytest

from causeway.analysis.information import KsgSettings, conditional_mutual_information

TRUE_NATS = -0.5 * np.log(1 - 0.5**2)


@pytest.mark.parametrize(
    ("n", "dimensions", "bias"),
    [
        (1000, 1, -0.009),
        (1000, 3, -0.010),
        (1000, 6, -0.036),
        pytest.param(5000, 1, 0.001, marks=pytest.mark.slow),
        pytest.param(5000, 3, -0.001, marks=pytest.mark.slow),
        pytest.param(5000, 6, -0.020, marks=pytest.mark.slow),
    ],
)
def test_bias(n: int, dimensions: int, bias: float) -> None:
    errors = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        z, x, noise = rng.standard_normal((n, dimensions)), *rng.standard_normal((2, n))
        y = 0.5 * x + np.sqrt(0.75) * noise
        errors.append(conditional_mutual_information(x, y, z, KsgSettings()) - TRUE_NATS)
    standard_error = np.std(errors, ddof=1) / np.sqrt(20)
    assert np.mean(errors) == pytest.approx(bias, abs=3 * np.sqrt(2) * standard_error)
