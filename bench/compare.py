"""Ours against a peer, turn by turn, as one line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bench.clock import Clock
from bench.goals import Goal
from bench.line import Line, Measured
from bench.registry import PeerMissing, PeerRun, Run
from bench.timing import Timing, Turn, Work, side_by_side, turn

_AGREEMENT = 1e-8  # nats; JIDT and we sum in another order


@dataclass(frozen=True, slots=True)
class Peer:
    """Work for a peer. ``to_whole`` turns what was timed into the seconds of the whole work, if it was a part.

    ``rounds`` are fewer turns than ours, for work of a minute.
    """

    label: str
    work: str
    arguments: dict[str, object]
    to_whole: Callable[[Timing], Timing] = lambda timing: timing
    note: str = ""
    rounds: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What a line is about. ``measure`` takes further numbers from our timing (its value is what the work returned)."""

    name: str
    case: str
    goals: tuple[Goal, ...] = ()
    note: str = ""
    same_value: bool = False
    rounds: int | None = None
    measure: Callable[[Timing], Measured] = field(default=lambda _: {})


def compare(
    run: Run, question: Question, ours: Work, peer: Peer | None, *, warm: bool = True, clock: Clock | None = None
) -> Line:
    """Measure both sides in alternating turns; without the peer, ours alone."""
    prepared, missing = _prepared(run, peer)
    ours_turn = turn(ours, clock, warm=warm)
    rounds = min(run.rounds, question.rounds or run.rounds)
    if prepared is None or peer is None:
        timing = side_by_side([ours_turn], [rounds])[0]
        return _line(question, timing, peer, None, {}, missing)
    timing, peer_timing = side_by_side([ours_turn, prepared], [rounds, min(rounds, peer.rounds or rounds)])
    return _line(question, timing, peer, peer_timing, prepared.versions, peer.note)


def _prepared(run: Run, peer: Peer | None) -> tuple[(PeerRun | None), str]:
    if peer is None:
        return None, ""
    try:
        return run.peers.prepare(peer.work, **peer.arguments), ""
    except PeerMissing as reason:
        return None, str(reason)


def _line(
    question: Question, ours: Timing, peer: Peer | None, timing: Timing | None, versions: dict[str, str], note: str
) -> Line:
    measured = question.measure(ours)
    goals = question.goals
    if question.same_value and timing is not None:
        measured |= {"value": ours.value, "peer_value": timing.value, "difference": abs(ours.value - timing.value)}
        goals = (*goals, Goal("difference", "<=", _AGREEMENT))
    return Line(
        name=question.name,
        case=question.case,
        ours=ours,
        peer=peer.label if peer else None,
        peer_time=peer.to_whole(timing) if peer and timing else None,
        goals=goals,
        measured=measured,
        note="; ".join(text for text in (question.note, note) if text),
        versions=versions,
    )


def alone(run: Run, question: Question, ours: Work, *, warm: bool = True) -> Line:
    """Ours without a peer."""
    return compare(run, question, ours, None, warm=warm)


def turns_of(works: list[Work], rounds: int) -> list[Any]:
    """Medians of several of our own works, turn by turn."""
    turns: list[Turn] = [turn(work) for work in works]
    return side_by_side(turns, [rounds] * len(turns))
