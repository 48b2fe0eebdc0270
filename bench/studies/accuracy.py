"""Precision and recall on sparse linear systems of many nodes, Gaussian estimator."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.stats import binomtest

from bench.studies.rules import RULES
from bench.studies.study import Row, Study
from bench.studies.systems import Array
from causeway import infer_network

_TRANSIENT = 200
_IN_DEGREE = 3
_MAX_LAG = 5
_OWN, _COUPLING = 0.5, 0.4  # of the own last value, and of all drivers together
_SHORT = 100  # rows at which little is found, so that more systems are needed
_TABLE = {  # precision, recall of a prototype on "a similar linear system"; alpha .001, chi-squared
    (10, 100): (0.80, 0.03), (10, 1000): (1, 0.71), (10, 10_000): (1, 1),
    (40, 100): (1, 0.02), (40, 1000): (1, 0.46), (40, 10_000): (1, 0.998),
    (100, 100): (0.92, 0.02), (100, 1000): (1, 0.42), (100, 10_000): (1, 1),
}  # fmt: skip

Links = set[tuple[int, int]]


def sparse_network(n_nodes: int, n: int, seed: int, *, drawn: bool = False) -> tuple[Array, Links]:
    """(n, n_nodes) and the true (source, target), of the kind of Novelli et al. 2019.

    x_i(t) = 0.5 x_i(t-1) + sum over d_i drivers of 0.4/d_i x_j(t - lag) + standard normal noise, lags 1 to 5. Three
    drivers each, or (``drawn``) every other node with the same probability, three on average.
    """
    rng = np.random.default_rng([seed, n_nodes])
    pairs = _drawn_drivers(n_nodes, rng) if drawn else _three_drivers(n_nodes, rng)
    lags = rng.integers(1, _MAX_LAG + 1, pairs.shape)
    weights = pairs * _COUPLING / np.maximum(pairs.sum(axis=1, keepdims=True), 1)
    by_lag = [np.where(lags == lag, weights, 0.0) for lag in range(1, _MAX_LAG + 1)]
    x = rng.standard_normal((n + _TRANSIENT, n_nodes))
    for t in range(_MAX_LAG, len(x)):
        x[t] += _OWN * x[t - 1] + sum(w @ x[t - lag] for lag, w in enumerate(by_lag, start=1))
    return x[_TRANSIENT:], {(int(j), int(i)) for i, j in zip(*np.nonzero(pairs), strict=True)}


def _three_drivers(n_nodes: int, rng: np.random.Generator) -> Array:
    pairs = np.zeros((n_nodes, n_nodes))
    for i in range(n_nodes):
        pairs[i, rng.choice(np.delete(np.arange(n_nodes), i), _IN_DEGREE, False)] = 1
    return pairs


def _drawn_drivers(n_nodes: int, rng: np.random.Generator) -> Array:
    pairs = (rng.random((n_nodes, n_nodes)) < _IN_DEGREE / (n_nodes - 1)).astype(np.float64)
    np.fill_diagonal(pairs, 0)
    return pairs


def rows(runs: int) -> Iterator[Row]:
    """Per kind of system, number of nodes and length a row for each rule, and one for the recall of the table."""
    for drawn in (False, True):
        for n_nodes in (10, 40, 100):
            for n in (_SHORT, 1000, 10_000):
                count = max(1, runs * 10 // n_nodes * (3 if n == _SHORT else 1) // (4 if n == 10_000 else 1))
                systems = [sparse_network(n_nodes, n, seed, drawn=drawn) for seed in range(count)]
                head = {"drivers": "drawn" if drawn else "three", "nodes": n_nodes, "rows": n, "data sets": count}
                for rule, infer in RULES.items():
                    counts = [_counted(infer(values, _MAX_LAG), truth) for values, truth in systems]
                    yield {**head, "rule": rule, **_shares(*np.sum(counts, axis=0).tolist())}
                yield {**head, "rule": "by rising p, to the table's recall", **_ranked(systems, _TABLE[n_nodes, n][1])}


def _counted(links: Links, truth: Links) -> tuple[int, int, int]:
    return len(links & truth), len(links), len(truth)


def _ranked(systems: list[tuple[Array, Links]], recall: float) -> Row:
    """Kept links of all systems by rising p, as far as the wanted recall needs."""
    ranked, true = [], 0
    for values, truth in systems:
        kept = infer_network(values, max_lag=_MAX_LAG).kept_links
        ranked += [(k.p, (int(k.source[1:]), int(k.target[1:])) in truth) for k in kept]
        true += len(truth)
    hits = np.cumsum([hit for _, hit in sorted(ranked)])
    wanted = round(recall * true)
    found = int(np.searchsorted(hits, wanted)) + 1 if hits.size else 1
    return _shares(int(hits[min(found, hits.size) - 1]) if hits.size else 0, min(found, hits.size), true)


def _shares(hits: int, found: int, true: int) -> Row:
    return {
        "precision": round(hits / found, 4) if found else None,
        "precision, 95 %": _interval(hits, found) if found else None,
        "recall": round(hits / true, 4),
        "recall, 95 %": _interval(hits, true),
        "found": found,
    }


def _interval(hits: int, of: int) -> list[float]:
    """Source: Clopper & Pearson 1934."""
    found = binomtest(hits, of).proportion_ci(method="exact")
    return [round(float(found.low), 4), round(float(found.high), 4)]


STUDY = Study(
    "te-accuracy", "How much of a sparse linear network is found, and how much of what is found is true?", rows, 20
)
