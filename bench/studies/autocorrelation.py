"""When must rows be counted as fewer? Level of exact tests on independent autocorrelated series."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.signal import lfilter

from bench.studies.study import Row, Study, share_below
from bench.studies.systems import Array
from causeway.analysis.information.estimators.gaussian import tail_probability
from causeway.analysis.information.inference.autocorrelation import effective_rows

_PROCESSES = {  # coefficients of the autoregression of both series
    "white": (0.0,),
    "AR(1) .5": (0.5,),
    "AR(1) .9": (0.9,),
    "AR(1) .98": (0.98,),
    "AR(2) 1.2, -.5": (1.2, -0.5),
}
_OWN_LAGS = {"MI": 0, "TE, own lag 1": 1, "TE, own lags 1-2": 2}


def p_values(coefficients: tuple[float, ...], n: int, own_lags: int, seed: int) -> dict[str, float]:
    """p of the source's last value about the target given ``own_lags`` of its past, by both row counts."""
    rng = np.random.default_rng([seed, n, own_lags])
    x, y = lfilter([1.0], [1.0, *(-c for c in coefficients)], rng.standard_normal((2, n + 302)))[:, 300:]
    z = np.column_stack([np.ones(n), *(y[2 - lag : 2 - lag + n] for lag in range(1, own_lags + 1))])
    basis, _ = np.linalg.qr(z)
    source, present = _residual(basis, x[1 : 1 + n]), _residual(basis, y[2:])
    cmi = float(-0.5 * np.log1p(-((source @ present) ** 2) / (source @ source) / (present @ present)))
    return {
        "none": float(tail_probability(cmi, n, own_lags)),
        "bartlett": float(tail_probability(cmi, effective_rows(source, present), own_lags)),
    }


def _residual(basis: Array, values: Array) -> Array:
    return np.asarray(values - basis @ (basis.T @ values))


def rows(runs: int) -> Iterator[Row]:
    """A row per process, statistic and length."""
    for n in (100, 1000):
        for name, coefficients in _PROCESSES.items():
            for statistic, own_lags in _OWN_LAGS.items():
                found = [p_values(coefficients, n, own_lags, seed) for seed in range(runs)]
                row: Row = {"process": name, "statistic": statistic, "rows": n, "runs": runs}
                for setting in ("none", "bartlett"):
                    row[f"P(p<=.05), {setting}"] = share_below([p[setting] for p in found], 0.05)
                yield row


STUDY = Study("te-autocorrelation", "Must rows count as fewer where series have memory?", rows, 2000)
