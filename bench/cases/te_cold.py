"""The first result in a fresh process: interpreter, imports, and kernels loaded from the cache or compiled anew."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping
from functools import partial

from bench.fresh import fresh
from bench.goals import Goal, at_most
from bench.line import Line
from bench.registry import Benchmark, Case, Run
from bench.systems import mute_system
from bench.timing import Timing, Work, middle

NAME = "te-cold"
_JOB = "bench.cases.te_cold:two_results"
_LIMIT_S = 3.0
_NETWORKS = (
    "process with two equal networks (5 x 300, lags 1-3); overhead is its wall time less twice the second result"
)
_ONCE = "compiled once per machine and version"


def _cases() -> Iterator[Case]:
    for estimator in ("gaussian", "ksg"):
        yield Case(f"{estimator}, kernels in the cache", partial(_cached, estimator))
    yield Case("ksg, one estimate, empty cache", _first_estimate)
    yield Case("ksg, empty cache", partial(_empty, "ksg"))


def _cached(estimator: str, run: Run) -> Line:
    fresh(_JOB, estimator)  # fills the cache
    timings = [fresh(_JOB, estimator) for _ in range(run.rounds)]
    return _line(f"{estimator}, kernels in the cache", middle(timings), (at_most("overhead_s", _LIMIT_S),), "")


def _empty(estimator: str, run: Run) -> Line:  # noqa: ARG001 - a compilation is long enough to be measured once
    with tempfile.TemporaryDirectory() as directory:
        timing = fresh(_JOB, estimator, env={"NUMBA_CACHE_DIR": directory})
    return _line(f"{estimator}, empty cache", timing, (at_most("overhead_s", _LIMIT_S),), _ONCE)


def _first_estimate(run: Run) -> Line:
    timings = []
    for _ in range(run.rounds):
        with tempfile.TemporaryDirectory() as directory:
            timings.append(fresh("bench.cases.te_cold:two_estimates", env={"NUMBA_CACHE_DIR": directory}))
    what = "process with two equal transfer entropies of 1,000 rows; overhead is its wall time less twice the second"
    goals = (at_most("overhead_s", _LIMIT_S),)
    return _line("ksg, one estimate, empty cache", middle(timings), goals, _ONCE, what)


def _line(case: str, timing: Timing, goals: tuple[Goal, ...], note: str, what: str = _NETWORKS) -> Line:
    value: Mapping[str, float] = timing.value
    measured = {
        "overhead_s": timing.wall_s - 2 * value["second_s"],
        "overhead_cpu_s": timing.cpu_s - 2 * value["second_cpu_s"],
        "import_s": value["import_s"],
        "first_s": value["first_s"],
        "second_s": value["second_s"],
    }
    text = "; ".join(part for part in (what, note) if part)
    return Line(NAME, case, timing, goals=goals, measured=dict(measured), note=text)


def two_estimates() -> dict[str, float]:
    """Import the library and estimate the same transfer entropy twice; seconds of each."""
    values = mute_system(1000)
    begin = time.perf_counter()
    from causeway.analysis.information import transfer_entropy
    from causeway.analysis.information.settings import KsgSettings

    return _twice(begin, lambda: transfer_entropy(values[:, 0], values[:, 1], estimator=KsgSettings()))


def two_results(estimator: str) -> dict[str, float]:
    """Import the library and infer the same small network twice; seconds of each."""
    values = mute_system(300)
    begin = time.perf_counter()
    from causeway.analysis.information import infer_network

    return _twice(begin, lambda: infer_network(values, max_lag=3, estimator=estimator))


def _twice(begin: float, work: Work) -> dict[str, float]:
    imported = time.perf_counter()
    work()
    first = time.perf_counter()
    before_cpu = time.process_time()
    work()
    return {
        "import_s": imported - begin,
        "first_s": first - imported,
        "second_s": time.perf_counter() - first,
        "second_cpu_s": time.process_time() - before_cpu,
    }


BENCHMARK = Benchmark(NAME, "first result of a fresh process: at most 3 s of load overhead", _cases)
