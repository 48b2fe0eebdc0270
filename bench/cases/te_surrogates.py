"""200 surrogates of one candidate with y and Z fixed: the unit that network inference is made of."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from bench.compare import Peer, Question, compare
from bench.goals import at_least
from bench.line import Line
from bench.registry import Benchmark, Case, Run
from bench.systems import Triple, correlated_triple

NAME = "te-surrogates"
_K = 4
_SURROGATES = 200
# N, dim Z, goal, surrogates that the peer is timed on
_SIZES = ((1000, 1, 60, 50), (1000, 3, 150, 50), (1000, 6, 330, 50), (5000, 1, 40, 10), (20000, 1, 30, 4))


def _cases() -> Iterator[Case]:
    for n, dim_z, goal, part in _SIZES:
        yield Case(f"N {n}, dim Z {dim_z}", partial(_measure, n, dim_z, goal, part))


def _measure(n: int, dim_z: int, goal: float, part: int, run: Run) -> Line:
    data = correlated_triple(n, dim_z)
    orders = data.orders(_SURROGATES, seed=2)
    part = max(2, part // 5) if run.quick else part
    question = Question(
        NAME,
        f"N {n}, dim Z {dim_z}",
        goals=(at_least("ratio", goal),),
        note=f"{_SURROGATES} row permutations of one x, k {_K}; ours includes the preparation of (y, Z)",
    )
    peer = Peer(
        "JIDT (JidtKraskovCMI of IDTxl)",
        "jidt_surrogates",
        {"x": data.x, "y": data.y, "z": data.z, "orders": orders[:part], "k": _K},
        to_whole=lambda timing: timing.scaled(_SURROGATES / part),
        note=f"peer timed on the first {part} of the same permutations, times {_SURROGATES / part:g}",
    )
    return compare(run, question, lambda: surrogate_values(data, orders), peer)


def surrogate_values(data: Triple, orders: NDArray[np.int64], device: str = "cpu") -> float:
    """Prepare (y, z), then every order of x; the mean of the surrogates' values. One thread."""
    from causeway.analysis.information import KsgSettings
    from causeway.analysis.information.estimators.registry import estimator_for

    prepared = estimator_for(KsgSettings(k=_K, standardise=False), device=device).prepare(data.y, data.z)
    return float(np.mean(prepared.each_surrogate(data.x, orders)))


BENCHMARK = Benchmark(NAME, "200 KSG surrogates: 30 to 330x JIDT, depending on N and dim Z", _cases)
