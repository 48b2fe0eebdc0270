"""Are exact p-values uniform when there is nothing to find? Kolmogorov-Smirnov over null networks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.stats import chi2, kstest

from bench.studies.study import Row, Study, share_below
from bench.studies.systems import Array, autoregression
from causeway.analysis.information.estimators.gaussian import tail_probability
from causeway.analysis.information.inference.autocorrelation import effective_rows

N_SERIES = 5
_MAX_LAG = 2


def null_network(kind: str, n: int, seed: int) -> Array:
    """(n, 5): independent noise, or a VAR whose series have memory of their own and correlated shocks, but no links."""
    rng = np.random.default_rng([seed, n])
    return autoregression(rng, n, N_SERIES, 0.0) if kind == "iid" else autoregression(rng, n, N_SERIES, 0.6, 0.3)


def p_values(values: Array) -> dict[str, float]:
    """Of the first series as target given its own past: one lag of the second, and all lags of all others jointly."""
    n = len(values) - _MAX_LAG
    lagged = [values[_MAX_LAG - lag : _MAX_LAG - lag + n] for lag in range(_MAX_LAG + 1)]
    own = np.column_stack([np.ones(n), *(past[:, 0] for past in lagged[1:])])
    others = np.column_stack([past[:, 1:] for past in lagged[1:]])
    basis, _ = np.linalg.qr(own)
    y, x = lagged[0][:, 0], others
    y, x = y - basis @ (basis.T @ y), x - basis @ (basis.T @ x)
    one, joint = _nats(x[:, :1], y), _nats(x, y)
    rows = effective_rows(x[:, 0], y)
    return {
        "one lag, F": float(tail_probability(one, n, _MAX_LAG)),
        "one lag, F, rows that count": float(tail_probability(one, rows, _MAX_LAG)),
        "one lag, chi-squared": float(chi2.sf(2 * n * one, 1)),
        "all others, F": float(tail_probability(joint, n, _MAX_LAG, x.shape[1])),
        "all others, chi-squared": float(chi2.sf(2 * n * joint, x.shape[1])),
    }


def _nats(x: Array, y: Array) -> float:
    basis, _ = np.linalg.qr(x)
    return float(-0.5 * np.log1p(-np.sum((basis.T @ y) ** 2) / (y @ y)))


def rows(runs: int) -> Iterator[Row]:
    """A row per kind of network, length and test."""
    for kind in ("iid", "VAR"):
        for n in (100, 1000):
            found = [p_values(null_network(kind, n, seed)) for seed in range(runs)]
            for test in found[0]:
                p = [one[test] for one in found]
                ks = kstest(p, "uniform")
                yield {
                    "network": kind,
                    "rows": n,
                    "test": test,
                    "networks": runs,
                    "KS distance": round(float(ks.statistic), 4),
                    "KS p": round(float(ks.pvalue), 4),
                    "P(p<=.05)": share_below(p, 0.05),
                    "P(p<=.01)": share_below(p, 0.01),
                }


STUDY = Study("te-null", "Are exact p-values uniform when there is nothing to find?", rows, 2000)
