"""The KSG surrogates and a whole network on a CUDA device; without one the cases say so."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from bench.cases.te_network import ksg_work
from bench.cases.te_surrogates import surrogate_values
from bench.compare import Question, alone
from bench.goals import Goal, at_most
from bench.line import Line
from bench.registry import Benchmark, Case, Run
from bench.systems import correlated_triple

NAME = "te-gpu"
_NONE = "no CUDA device here"
_SURROGATES = 200
_SIZES = ((1000, 0.001), (5000, 0.015), (20000, 0.250))  # N, seconds on one H100


def _cases() -> Iterator[Case]:
    for n, limit_s in _SIZES:
        yield Case(f"N {n}, dim Z 3", partial(_surrogates, n, limit_s))
    yield Case("MuTE 5 x 1000", partial(_network, "MuTE 5 x 1000", "mute-5x1000", None, (at_most("ours_s", 0.5),)))
    yield Case("20 x 2000, one target", partial(_network, "20 x 2000, one target", "linear-20x2000", 0, ()))


def _surrogates(n: int, limit_s: float, run: Run) -> Line:
    case, goals = f"N {n}, dim Z 3", (at_most("ours_s", limit_s),)
    if cuda_device() is None:
        return _waiting(case, goals)
    data = correlated_triple(n, 3)
    orders = data.orders(_SURROGATES, seed=2)
    question = Question(NAME, case, goals, cuda_device() or "")
    return alone(run, question, partial(surrogate_values, data, orders, "cuda"))


def _network(case: str, system: str, target: int | None, goals: tuple[Goal, ...], run: Run) -> Line:
    if cuda_device() is None:
        return _waiting(case, goals)
    question = Question(NAME, case, goals, cuda_device() or "", rounds=3)
    return alone(run, question, ksg_work(system, target, device="cuda"))


def _waiting(case: str, goals: tuple[Goal, ...]) -> Line:
    return Line(NAME, case, None, goals=goals, note=_NONE)


def cuda_device() -> str | None:
    """The name of the first CUDA device; None without one, or without torch."""
    try:
        import torch
    except ImportError:
        return None
    return str(torch.cuda.get_device_name(0)) if torch.cuda.is_available() else None


BENCHMARK = Benchmark(NAME, "on one H100: 200 surrogates in 1, 15 and 250 ms; MuTE KSG in 0.5 s", _cases)
