"""The KSG surrogates and whole networks on a CUDA device; without one the cases say so.

The lines of the surrogates carry their share of the device's roofline (docs/operations/gpu.md). Those of networks do
not: they spend a part of their time on the host, and their calls have many shapes.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from bench.cases.te_network import ksg_targets, ksg_work
from bench.cases.te_surrogates import surrogate_values
from bench.compare import Question, alone
from bench.goals import Goal, at_most
from bench.line import Line, Measured
from bench.registry import Benchmark, Case, Run
from bench.systems import correlated_triple
from bench.timing import Timing

NAME = "te-gpu"
_NONE = "no CUDA device here"
_SURROGATES = 200
_GIVEN = 3  # dimensions of Z
_WIDE = 100  # targets of the network that takes minutes
_OF_THEM = 2  # in a quick run
_SIZES = ((1000, 0.001), (5000, 0.015), (20000, 0.250))  # N, seconds on one H100


def _cases() -> Iterator[Case]:
    for n, limit_s in _SIZES:
        yield Case(f"N {n}, dim Z {_GIVEN}", partial(_surrogates, n, limit_s))
    yield Case("MuTE 5 x 1000", partial(_network, "MuTE 5 x 1000", "mute-5x1000", None, (at_most("ours_s", 0.5),)))
    yield Case("100 x 2500", partial(_wide, "100 x 2500"))
    yield Case("20 x 2000, one target", partial(_network, "20 x 2000, one target", "linear-20x2000", 0, ()))


def _surrogates(n: int, limit_s: float, run: Run) -> Line:
    case, goals = f"N {n}, dim Z {_GIVEN}", (at_most("ours_s", limit_s),)
    device = cuda_device()
    if device is None:
        return _waiting(case, goals)
    data = correlated_triple(n, _GIVEN)
    orders = data.orders(_SURROGATES, seed=2)
    question = Question(NAME, case, goals, device, measure=partial(_share_of_roofline, n))
    return alone(run, question, partial(surrogate_values, data, orders, "cuda"))


def _share_of_roofline(n: int, ours: Timing) -> Measured:
    """Least seconds of brute force on this device over the seconds taken; None for a chip whose peak is not known."""
    from causeway.analysis.information.neighbours.gpu_roofline import peak_of, share_of_peak, work

    peak = peak_of("cuda")
    share = None if peak is None else share_of_peak(*work(n, _GIVEN, _SURROGATES), ours.wall_s, peak)
    return {"share_of_roofline": share}


def _network(case: str, system: str, target: int | None, goals: tuple[Goal, ...], run: Run) -> Line:
    if cuda_device() is None:
        return _waiting(case, goals)
    question = Question(NAME, case, goals, cuda_device() or "", rounds=3)
    return alone(run, question, ksg_work(system, target, device="cuda"))


def _wide(case: str, run: Run) -> Line:
    """In a quick run two targets, times fifty."""
    device = cuda_device()
    if device is None:
        return _waiting(case, ())
    targets = range(_OF_THEM if run.quick else _WIDE)
    note = f"{device}; extrapolated: {_OF_THEM} of {_WIDE} targets, times {_WIDE // _OF_THEM}" if run.quick else device
    line = alone(run, Question(NAME, case, rounds=1), ksg_targets("linear-100x2500", targets, "cuda"), warm=False)
    ours = line.ours.scaled(_WIDE / len(targets)) if line.ours else None
    return Line(NAME, case, ours, measured={"minutes": ours.wall_s / 60 if ours else None}, note=note)


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
