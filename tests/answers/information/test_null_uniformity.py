"""Exact p-values are uniform when there is nothing to find: a small version of ``python -m bench.studies te-null``."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, kstest

from bench.studies.uniformity import null_network, p_values

_NETWORKS = 300


@pytest.mark.parametrize("kind", ["iid", "VAR"])
@pytest.mark.parametrize("n", [100, 1000])
def test_p_over_null_networks(kind: str, n: int) -> None:
    """Kolmogorov-Smirnov at .001, and the share below .05 within its binomial limits."""
    found = [p_values(null_network(kind, n, seed)) for seed in range(_NETWORKS)]
    low, high = binom.ppf([0.0005, 0.9995], _NETWORKS, 0.05)
    for test in ("one lag, F, rows that count", "all others, F"):
        p = np.array([one[test] for one in found])
        assert kstest(p, "uniform").pvalue > 0.001, test
        assert low <= np.count_nonzero(p <= 0.05) <= high, test


def test_chi_squared_fails_where_the_f_test_does_not() -> None:
    """Eight lags of others over 98 rows: why the F-test is kept at every length."""
    found = [p_values(null_network("VAR", 100, seed)) for seed in range(2 * _NETWORKS)]
    below = {name: sum(one[f"all others, {name}"] <= 0.05 for one in found) for name in ("F", "chi-squared")}
    limit = binom.isf(0.001, 2 * _NETWORKS, 0.05)
    assert below["F"] <= limit < below["chi-squared"]
