"""KSG against Gaussian on sparse non-linear systems of ten nodes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bench.studies.study import Row, Study
from bench.studies.systems import Array
from causeway import infer_network

_TRANSIENT = 200
_NODES = 10
_LINKS = 10
_MAX_LAG = 2

Links = set[tuple[int, int]]


def nonlinear_network(n: int, seed: int) -> tuple[Array, Links, Links]:
    """(n, 10), the linear and the non-linear links as (source, target), five each at lags of 1 or 2.

    x_i(t) = 0.4 x_i(t-1) + 0.5 x_j(t - lag), or 0.5 (|x_j| - 0.8) for non-linear links, + standard normal noise.
    """
    rng = np.random.default_rng([seed, 7])
    pairs = [(j, i) for i in range(_NODES) for j in range(_NODES) if i != j]
    chosen = [pairs[k] for k in rng.choice(len(pairs), _LINKS, replace=False)]
    lags = rng.integers(1, _MAX_LAG + 1, _LINKS)
    x = rng.standard_normal((n + _TRANSIENT, _NODES))
    for t in range(_MAX_LAG, len(x)):
        x[t] += 0.4 * np.clip(x[t - 1], -4, 4)
        for k, (j, i) in enumerate(chosen):
            past = float(np.clip(x[t - lags[k], j], -4, 4))
            x[t, i] += 0.5 * past if k < _LINKS // 2 else 0.5 * (abs(past) - 0.8)
    return x[_TRANSIENT:], set(chosen[: _LINKS // 2]), set(chosen[_LINKS // 2 :])


def rows(runs: int) -> Iterator[Row]:
    """A row per length and estimator."""
    for n in (500, 1000, 2000):
        for estimator in ("gaussian", "ksg"):
            counts = [_counts(n, seed, estimator) for seed in range(runs)]
            linear, nonlinear, false = np.sum(counts, axis=0)
            yield {
                "rows": n,
                "estimator": estimator,
                "data sets": runs,
                "recall, linear": float(linear / (runs * _LINKS / 2)),
                "recall, non-linear": float(nonlinear / (runs * _LINKS / 2)),
                "false links": int(false),
            }


def _counts(n: int, seed: int, estimator: str) -> tuple[int, int, int]:
    values, linear, nonlinear = nonlinear_network(n, seed)
    found = infer_network(values, max_lag=_MAX_LAG, estimator=estimator).links
    links = {(int(k.source[1:]), int(k.target[1:])) for k in found}
    return len(links & linear), len(links & nonlinear), len(links - linear - nonlinear)


STUDY = Study("te-nonlinear", "What does KSG find on ten non-linear series that Gaussian does not?", rows, 3)
