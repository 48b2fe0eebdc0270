"""Multivariate transfer entropy with KSG: whole networks, and single targets of wider ones, against IDTxl.

Equal work: lags 1-5 for sources and target, k 4, 200 row permutations in every test, alpha 0.05 per step; our link
test, which IDTxl does not have, is held to 200 permutations as well and stays in our time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from bench.compare import Peer, Question, alone, compare
from bench.goals import Goal, at_least, at_most
from bench.line import Line, Measured
from bench.peers.record import MAX_LAG, PERMUTATIONS, SEED, system
from bench.recorded import Link, Recorded, recorded
from bench.registry import Benchmark, Case, Run
from bench.timing import Timing, Work

if TYPE_CHECKING:
    from causeway.analysis.information import NetworkSettings

NAME = "te-network"
WORKERS = min(2, os.cpu_count() or 1)  # the goals are stated for two cores
_EQUAL = f"200 row permutations in every test on both sides, k 4, lags 1-5; ours on {WORKERS} threads"
_MUTE, _LINEAR = "mute-5x1000", "linear-20x2000"
_ALL = 20


def _cases() -> Iterator[Case]:
    yield _case(
        "MuTE 5 x 1000, equal work", _against_idtxl, _MUTE, None, (at_least("ratio", 150), at_most("ours_s", 8))
    )
    yield _case("MuTE 5 x 1000, product defaults", _defaults)
    yield _case("20 x 2000, one target, equal work", _against_idtxl, _LINEAR, 0, (at_least("ratio", 120),))
    yield _case("20 x 2000, all targets", _all_targets)


def _case(name: str, measure: Callable[..., Line], *arguments: object) -> Case:
    return Case(name, partial(measure, name, *arguments))


def _against_idtxl(case: str, name: str, target: int | None, goals: tuple[Goal, ...], run: Run) -> Line:
    record = recorded(name)
    question = Question(NAME, case, goals, _EQUAL, rounds=3, measure=partial(_shared_links, record))
    peer = _idtxl(name, record, 2 if run.quick else 5) if record else None
    return compare(run, question, ksg_work(name, target), peer)


def _idtxl(name: str, record: Recorded, estimates: int) -> Peer:
    note = (
        f"peer extrapolated: the estimates that IDTxl makes on these data ({record.summary}), times the seconds of "
        f"{estimates} estimates of each of their {len(record.counts)} shapes in this run"
    )
    return Peer(
        "IDTxl MultivariateTE, JidtKraskovCMI",
        "jidt_shapes",
        {
            "values": system(name),
            "shapes": list(record.counts),
            "max_lag": MAX_LAG,
            "estimates": estimates,
            "seed": SEED,
        },
        to_whole=record.whole,
        note=note,
    )


def _defaults(case: str, run: Run) -> Line:
    note = "block surrogates, up to 20,000 permutations for the p of a link"
    return alone(run, Question(NAME, case, note=note, rounds=1 if run.quick else 3), ksg_work(_MUTE, None, equal=False))


def _all_targets(case: str, run: Run) -> Line:
    """In a quick run two targets, times ten."""
    goals = (at_most("ours_s", 240),)
    if not run.quick:
        return alone(run, Question(NAME, case, goals, _EQUAL, rounds=1), ksg_work(_LINEAR, None), warm=False)
    line = alone(run, Question(NAME, case, rounds=1), partial(_targets, _LINEAR, (0, 1)), warm=False)
    note = f"{_EQUAL}; extrapolated: 2 of {_ALL} targets, times {_ALL / 2:g}"
    return Line(NAME, case, line.ours.scaled(_ALL / 2) if line.ours else None, goals=goals, note=note)


def ksg_work(name: str, target: int | None, *, equal: bool = True, device: str = "cpu") -> Work:
    """All targets, or one; returns the selected source variables of each."""
    targets = range(system(name).shape[1]) if target is None else (target,)
    return partial(_targets, name, tuple(targets), equal=equal, device=device)


def ksg_targets(name: str, targets: Iterable[int], device: str) -> Work:
    """Some targets, with the work that IDTxl does."""
    return partial(_targets, name, tuple(targets), device=device)


def _targets(name: str, targets: tuple[int, ...], *, equal: bool = True, device: str = "cpu") -> set[Link]:
    from causeway.analysis.information import infer_panel, infer_target, make_panel

    values, settings = system(name), _settings(equal)
    panel = make_panel(values, [str(i) for i in range(values.shape[1])], MAX_LAG)
    if len(targets) == panel.n_series:
        results = infer_panel(panel, settings, SEED, workers=WORKERS, device=device).targets
    else:
        results = tuple(infer_target(panel, t, settings, SEED, n_threads=WORKERS, device=device) for t in targets)
    return {(int(s.source), int(r.target), lag) for r in results for s in r.sources for lag in s.lags}


def _settings(equal: bool) -> NetworkSettings:
    from causeway.analysis.information import NetworkSettings, SurrogateScheme
    from causeway.model.inference import Estimator

    common = NetworkSettings(max_lag=MAX_LAG, estimator=Estimator.KSG, n_permutations=PERMUTATIONS)
    if not equal:
        return common
    return replace(common, max_link_permutations=PERMUTATIONS, surrogates=SurrogateScheme.PERMUTATION)


def _shared_links(record: Recorded | None, ours: Timing) -> Measured:
    """Selected source variables: how many we found, how many IDTxl, how many both."""
    counts: Measured = {"selected": float(len(ours.value))}
    if record is not None:
        counts |= {"peer_selected": float(len(record.links)), "both_selected": float(len(record.links & ours.value))}
    return counts


BENCHMARK = Benchmark(NAME, "KSG networks: 120 to 150x IDTxl; MuTE in 8 s, 20 x 2000 in 4 minutes", _cases)
