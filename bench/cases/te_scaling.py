"""How cost grows: exponents of CPU seconds in samples, targets and candidates, by least squares in log-log."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from bench.cases.te_gaussian import gaussian_work
from bench.cases.te_surrogates import surrogate_values
from bench.compare import turns_of
from bench.goals import at_most
from bench.line import Line
from bench.registry import Benchmark, Case, Run
from bench.systems import correlated_triple
from bench.timing import Timing, Work

NAME = "te-scaling"
_SURROGATES = 64
# what grows, sizes, sizes in a quick run, the work of a size, the exponent that the documentation states as its limit
_Growth = tuple[str, Sequence[int], Sequence[int], Callable[[int], Work], float]


def _growths() -> Iterator[_Growth]:
    samples, few = (1000, 2000, 4000, 8000, 16000), (500, 1000, 2000)
    for dim_z in (1, 3, 6):
        yield f"KSG surrogates in N, dim Z {dim_z}", samples, few, partial(_surrogates, dim_z), 2.0
    for dim_z in (1, 3, 6):
        yield f"KSG estimate in N, dim Z {dim_z}", samples, few, partial(_estimate, dim_z), 2.0
    yield "KSG surrogates in candidates", (1, 2, 4, 8, 16), (1, 2, 4), _candidates, 1.1
    yield "Gaussian network in targets", (20, 40, 80, 160), (10, 20, 40), partial(_network, 1000), 3.0
    yield "Gaussian network in N", (1000, 4000, 16000, 64000), (1000, 4000), partial(_rows, 20), 1.1


def _cases() -> Iterator[Case]:
    for growth in _growths():
        yield Case(growth[0], partial(_measure, growth))


def _measure(growth: _Growth, run: Run) -> Line:
    case, full, few, work, limit = growth
    sizes = few if run.quick else full
    timings = turns_of([work(size) for size in sizes], 3)
    measured = {"exponent": exponent(sizes, [timing.cpu_s for timing in timings])}
    note = "CPU seconds: " + ", ".join(f"{s}: {t.cpu_s:.3g}" for s, t in zip(sizes, timings, strict=True))
    largest: Timing = timings[-1]
    return Line(NAME, case, largest, goals=(at_most("exponent", limit),), measured=dict(measured), note=note)


def exponent(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """Slope of log seconds over log size."""
    return float(np.polyfit(np.log(np.asarray(sizes, dtype=float)), np.log(np.asarray(seconds)), 1)[0])


def _surrogates(dim_z: int, n: int) -> Work:
    data = correlated_triple(n, dim_z)
    return partial(surrogate_values, data, data.orders(_SURROGATES, seed=2))


def _estimate(dim_z: int, n: int) -> Work:
    from causeway.analysis.information import KsgSettings, conditional_mutual_information

    data = correlated_triple(n, dim_z)
    return partial(conditional_mutual_information, data.x, data.y, data.z, KsgSettings(standardise=False))


def _candidates(count: int) -> Work:
    """One (y, z) of 1000 rows, ``count`` candidates, each with its surrogates."""
    from causeway.analysis.information import KsgSettings
    from causeway.analysis.information.estimators.registry import estimator_for

    data = correlated_triple(1000, 3)
    x = np.random.default_rng(3).standard_normal((1000, count))
    orders = data.orders(_SURROGATES, seed=2)
    return lambda: estimator_for(KsgSettings()).prepare(data.y, data.z).each_surrogate(x, orders)


def _network(n: int, n_series: int) -> Work:
    return gaussian_work(n_series, n)


def _rows(n_series: int, n: int) -> Work:
    return gaussian_work(n_series, n)


BENCHMARK = Benchmark(NAME, "exponents of cost in samples, targets and candidates, as documented", _cases)
