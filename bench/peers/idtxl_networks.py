"""IDTxl's MultivariateTE, whole or by its parts."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from bench.peers.estimates import Array, Prepared, jidt_estimator, jidt_versions, warm_kraskov
from bench.peers.java import find_java

Shapes = Sequence[tuple[int, int]]  # (dimensions of x, dimensions of z)


def multivariate_te(
    values: Array, targets: Sequence[int], estimator: str, permutations: int, max_lag: int, seed: int
) -> Prepared:
    """All steps for these targets; the work returns links and how many estimates of which shape were made."""
    find_java()
    from idtxl.data import Data
    from idtxl.multivariate_te import MultivariateTE

    counts: Counter[tuple[int, int]] = Counter()
    settings = _settings(estimator, permutations, max_lag)
    data = Data(values, dim_order="sp", normalise=True)

    def work() -> dict[str, Any]:
        counts.clear()
        np.random.seed(seed)  # IDTxl draws from numpy's global generator
        with counting(type(started), counts):
            found = [MultivariateTE().analyse_single_target(dict(settings), data, target) for target in targets]
        return {"links": _links(found, targets), "estimates": sorted([*shape, n] for shape, n in counts.items())}

    started = jidt_estimator(estimator)  # and Java with it
    return work, jidt_versions()


def jidt_shapes(values: Array, shapes: Shapes, max_lag: int, estimates: int, seed: int) -> Prepared:
    """Seconds per estimate of each shape, on lagged columns of ``values`` with x in random order: (wall, CPU) each."""
    rng = np.random.default_rng(seed)
    samples = [_sample(values, shape, max_lag, rng) for shape in shapes]
    estimator = warm_kraskov(k=4)

    def work() -> list[tuple[float, float]]:
        return [_seconds(estimator, sample, estimates, rng) for sample in samples]

    return work, jidt_versions()


@contextmanager
def counting(estimator: Any, counts: Counter[tuple[int, int]]) -> Iterator[None]:
    """IDTxl's estimator class counts its estimates by shape for a while.

    IDTxl 1.6.1 takes an estimator by its name only where numpy 2 is installed, so the class itself is wrapped.
    """
    estimate = estimator.estimate

    def counted(self: Any, var1: Array, var2: Array, conditional: Array | None = None) -> Any:
        counts[_width(var1), _width(conditional)] += 1
        return estimate(self, var1, var2, conditional)

    estimator.estimate = counted
    try:
        yield
    finally:
        estimator.estimate = estimate


def _settings(estimator: str, permutations: int, max_lag: int) -> dict[str, Any]:
    tests = {f"n_perm_{test}": permutations for test in ("max_stat", "min_stat", "omnibus", "max_seq")}
    alphas = {f"alpha_{test}": 0.05 for test in ("max_stat", "min_stat", "omnibus", "max_seq")}
    return {
        "cmi_estimator": estimator,
        "max_lag_sources": max_lag,
        "min_lag_sources": 1,
        "max_lag_target": max_lag,
        "permute_in_time": True,
        "perm_type": "random",
        "kraskov_k": 4,
        "noise_level": 0,
        "num_threads": 1,
        "verbose": False,
        **tests,
        **alphas,
    }


def _links(results: list[Any], targets: Sequence[int]) -> list[tuple[int, int, int]]:
    """(source, target, lag) of every selected source variable."""
    return [
        (int(source), int(target), int(lag))
        for result, target in zip(results, targets, strict=True)
        for source, lag in result.get_single_target(target, fdr=False)["selected_vars_sources"]
    ]


def _sample(values: Array, shape: tuple[int, int], max_lag: int, rng: np.random.Generator) -> tuple[Array, ...]:
    """Lagged columns of ``values``: y now, z the past of y and then of random series, x the past of another one."""
    dim_x, dim_z = shape
    rows = np.arange(max_lag, len(values))
    standard = (values - values.mean(axis=0)) / values.std(axis=0)
    pairs = [(s, lag) for s in range(values.shape[1]) for lag in range(1, max_lag + 1)]
    chosen = rng.permutation(len(pairs))[: dim_x + dim_z]
    columns = np.column_stack([standard[rows - pairs[i][1], pairs[i][0]] for i in chosen])
    return columns[:, :dim_x].copy(), standard[rows, :1].copy(), columns[:, dim_x:].copy()


def _seconds(
    estimator: Any, sample: tuple[Array, ...], estimates: int, rng: np.random.Generator
) -> tuple[float, float]:
    x, y, z = sample
    orders = [rng.permutation(len(x)) for _ in range(estimates)]
    wall, cpu = time.perf_counter(), time.thread_time()
    for order in orders:
        estimator.estimate(x[order], y, z if z.shape[1] else None)
    return (time.perf_counter() - wall) / estimates, (time.thread_time() - cpu) / estimates


def _width(variable: Array | None) -> int:
    if variable is None:
        return 0
    return variable.shape[1] if variable.ndim > 1 else 1
