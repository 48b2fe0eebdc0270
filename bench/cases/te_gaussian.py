"""Multivariate transfer entropy with the Gaussian estimator: whole networks in a fraction of a second."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from bench.compare import Peer, Question, alone, compare
from bench.fresh import fresh
from bench.goals import at_least, at_most
from bench.line import Line
from bench.registry import Benchmark, Case, Run
from bench.systems import sparse_linear
from bench.timing import Work

NAME = "te-gaussian"
_MAX_LAG = 5
_SEED = 1
_PERMUTATIONS = 200
_GIGABYTE = 1e9


def _cases() -> Iterator[Case]:
    yield Case("20 x 2000", _twenty)
    yield Case("100 x 2500", _hundred)
    yield Case("500 x 2500", _five_hundred)
    yield Case("500 x 2500, memory", _memory)


def _twenty(run: Run) -> Line:
    question = Question(NAME, "20 x 2000", (at_least("ratio", 3000),), _note())
    return compare(run, question, gaussian_work(20, 2000), _idtxl(20, 2000, 1 if run.quick else 20))


def _hundred(run: Run) -> Line:
    question = Question(NAME, "100 x 2500", (at_most("ours_s", 0.5),), _note())
    return compare(run, question, gaussian_work(100, 2500), None if run.quick else _idtxl(100, 2500, 1))


def _five_hundred(run: Run) -> Line:
    question = Question(NAME, "500 x 2500", (at_most("ours_s", 15),), rounds=1 if run.quick else 3)
    return alone(run, question, gaussian_work(500, 2500), warm=not run.quick)


def _memory(run: Run) -> Line:  # noqa: ARG001 - one run says it
    timing = fresh("bench.cases.te_gaussian:infer", 500, 2500)
    measured = {"peak_gigabytes": timing.value["peak_bytes"] / _GIGABYTE}
    note = "a fresh process, interpreter, imports and data included; largest resident size"
    return Line(
        NAME, "500 x 2500, memory", timing, goals=(at_most("peak_gigabytes", 2),), measured=dict(measured), note=note
    )


def _idtxl(n_series: int, n: int, targets: int) -> Peer:
    """Some targets, one call, scaled to all of them."""
    scale = n_series / targets
    return Peer(
        "IDTxl MultivariateTE, JidtGaussianCMI",
        "multivariate_te",
        {
            "values": sparse_linear(n, n_series),
            "targets": list(range(targets)),
            "estimator": "JidtGaussianCMI",
            "permutations": _PERMUTATIONS,
            "max_lag": _MAX_LAG,
            "seed": _SEED,
            "warm": targets < n_series,  # Java's own start belongs to a whole run; in a part it would be multiplied
        },
        to_whole=lambda timing: timing.scaled(scale),
        rounds=1,
        note="" if targets == n_series else f"peer extrapolated: {targets} of {n_series} targets, times {scale:g}",
    )


def gaussian_work(n_series: int, n: int) -> Work:
    """The whole network with the product's defaults, from the matrix of values."""
    from causeway.analysis.information import infer_network

    values = sparse_linear(n, n_series)
    return partial(infer_network, values, max_lag=_MAX_LAG, seed=_SEED)


def infer(n_series: int, n: int) -> dict[str, int]:
    """The same as a job for a fresh process."""
    return {"links": len(gaussian_work(n_series, n)().links)}


def _note() -> str:
    return f"lags 1-5, alpha 0.05 per step; IDTxl with {_PERMUTATIONS} permutations, ours with exact nulls"


BENCHMARK = Benchmark(NAME, "Gaussian networks: 3,000x IDTxl; 100 x 2500 in 0.5 s, 500 x 2500 in 15 s and 2 GB", _cases)
