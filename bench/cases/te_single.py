"""One KSG estimate of conditional mutual information against every peer that has one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from bench.compare import Peer, Question, compare
from bench.goals import at_least
from bench.line import Line
from bench.registry import Benchmark, Case, Run
from bench.systems import correlated_triple

NAME = "te-single"
_K = 4
_N = 5000
# label, work, whether the goal of 10x applies, whether values must agree (the others add noise before they search)
_PEERS = (
    ("JIDT (JidtKraskovCMI of IDTxl)", "jidt", True, True),
    ("tigramite CMIknn", "tigramite", True, False),
    ("npeet_plus", "npeet_plus", True, False),
    ("IDTxl PythonKraskovCMI", "python_kraskov", False, True),
    ("infomeasure", "infomeasure", False, False),
)


def _cases() -> Iterator[Case]:
    for dim_z in (1, 3, 6):
        for peer in _PEERS:
            yield Case(f"N {_N}, dim Z {dim_z}, {peer[1]}", partial(_measure, dim_z, *peer))


def _measure(dim_z: int, label: str, work: str, has_goal: bool, same_value: bool, run: Run) -> Line:
    from causeway.analysis.information import KsgSettings, conditional_mutual_information

    data = correlated_triple(_N, dim_z)
    settings = KsgSettings(k=_K, standardise=False)
    question = Question(
        NAME,
        f"N {_N}, dim Z {dim_z}, {work}",
        goals=(at_least("ratio", 10),) if has_goal else (),
        note=f"k {_K}, maximum norm, no normalisation, one thread for the peer",
        same_value=same_value,
    )
    peer = Peer(label, work, {"x": data.x, "y": data.y, "z": data.z, "k": _K})
    return compare(run, question, lambda: conditional_mutual_information(data.x, data.y, data.z, settings), peer)


BENCHMARK = Benchmark(NAME, "one KSG estimate, N 5000: at least 10x JIDT, tigramite and npeet_plus alike", _cases)
