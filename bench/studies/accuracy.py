"""Precision and recall on sparse linear systems of many nodes, Gaussian estimator."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bench.studies.study import Row, Study
from bench.studies.systems import Array
from causeway import infer_network

_TRANSIENT = 200
_IN_DEGREE = 3
_MAX_LAG = 5
_OWN, _COUPLING = 0.5, 0.4  # of the own last value, and of all drivers together

Links = set[tuple[int, int]]


def sparse_network(n_nodes: int, n: int, seed: int) -> tuple[Array, Links]:
    """(n, n_nodes) and the true (source, target): three drivers each at lags of 1 to 5, as in Novelli et al. 2019.

    x_i(t) = 0.5 x_i(t-1) + sum over three drivers of 0.4/3 x_j(t - lag) + standard normal noise.
    """
    rng = np.random.default_rng([seed, n_nodes])
    drivers = np.stack([rng.choice(np.delete(np.arange(n_nodes), i), _IN_DEGREE, False) for i in range(n_nodes)])
    lags = rng.integers(1, _MAX_LAG + 1, drivers.shape)
    x = rng.standard_normal((n + _TRANSIENT, n_nodes))
    for t in range(_MAX_LAG, len(x)):
        x[t] += _OWN * x[t - 1] + _COUPLING / _IN_DEGREE * x[t - lags, drivers].sum(axis=1)
    return x[_TRANSIENT:], {(int(j), i) for i in range(n_nodes) for j in drivers[i]}


def found_links(values: Array) -> dict[str, Links]:
    """What a level of .001 in every step keeps, as in the reference, and what the default settings call significant."""
    reference = infer_network(values, max_lag=_MAX_LAG, alpha_step=0.001, n_permutations=1000)
    default = infer_network(values, max_lag=_MAX_LAG)
    return {
        "kept, alpha_step .001": {(int(k.source[1:]), int(k.target[1:])) for k in reference.kept_links},
        "q < .05, default": {(int(k.source[1:]), int(k.target[1:])) for k in default.links},
    }


def rows(runs: int) -> Iterator[Row]:
    """A row per number of nodes, length and rule; fewer data sets for larger networks, at least one."""
    for n_nodes in (10, 40, 100):
        for n in (100, 1000, 10_000):
            count = max(1, runs * 10 // n_nodes)
            outcomes: dict[str, list[tuple[int, int, int]]] = {}
            for seed in range(count):
                values, truth = sparse_network(n_nodes, n, seed)
                for rule, links in found_links(values).items():
                    outcomes.setdefault(rule, []).append((len(links & truth), len(links), len(truth)))
            for rule, counts in outcomes.items():
                hits, found, true = np.sum(counts, axis=0)
                yield {
                    "nodes": n_nodes,
                    "rows": n,
                    "rule": rule,
                    "data sets": count,
                    "precision": round(float(hits / found), 4) if found else None,
                    "recall": round(float(hits / true), 4),
                    "found": int(found),
                }


STUDY = Study(
    "te-accuracy", "How much of a sparse linear network is found, and how much of what is found is true?", rows, 20
)
