"""Exact tests keep their level on autocorrelated series only with the rows that count (Cliff et al. 2021)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import lfilter
from scipy.stats import binom

from causeway.analysis.information.estimators.gaussian import tail_probability
from causeway.analysis.information.inference.autocorrelation import effective_rows

_RUNS = 400


def _false_positives(phi: float, n: int) -> tuple[int, int]:
    """Of ``_RUNS`` independent pairs of AR(1), how many have mutual information with p < 0.05: F-test, corrected."""
    rng = np.random.default_rng(1)
    plain = corrected = 0
    for _ in range(_RUNS):
        x, y = lfilter([1.0], [1.0, -phi], rng.standard_normal((2, n + 200)))[:, 200:]
        x, y = x - x.mean(), y - y.mean()
        cmi = -0.5 * np.log1p(-((x @ y) ** 2) / (x @ x) / (y @ y))
        plain += int(tail_probability(cmi, n, 0) < 0.05)
        corrected += int(tail_probability(cmi, effective_rows(x, y), 0) < 0.05)
    return plain, corrected


@pytest.mark.parametrize(("phi", "n"), [(0.0, 100), (0.5, 100), (0.9, 100), (0.5, 1000), (0.9, 1000)])
def test_level_of_mutual_information(phi: float, n: int) -> None:
    plain, corrected = _false_positives(phi, n)
    assert corrected <= binom.isf(0.001, _RUNS, 0.05)
    if phi:
        assert plain > binom.isf(0.001, _RUNS, 0.05), "the F-test alone should fail here, or this test shows nothing"


def test_joint_test_against_the_sampled_null() -> None:
    """Source: Cliff et al. 2021: 2 CMI of q variables is a sum of ln(1 + t² / nu_i), nu_i = n - i - 1, t Student-t."""
    rows, n_joint = 87.5, 3
    nu = rows - 2 - np.arange(n_joint)
    draws = np.random.default_rng(2).standard_t(nu, (200_000, n_joint))
    null = np.log1p(draws**2 / nu).sum(axis=1)
    for cmi in (0.02, 0.05, 0.08):
        expected = np.mean(null >= 2 * cmi)
        spread = np.sqrt(expected * (1 - expected) / null.size)
        assert float(tail_probability(cmi, rows, 0, n_joint)) == pytest.approx(expected, abs=4 * spread)
