"""Ours beside a peer that is there, that is missing, or that says something else."""

from __future__ import annotations

from bench.compare import Peer, Question, alone, compare
from bench.goals import at_least
from bench.registry import NoPeers, Run
from bench.timing import Timing
from tests.unit.bench.fakes import FakePeers

_QUESTION = Question("te-x", "a case", goals=(at_least("ratio", 1),), note="k 4", same_value=True)
_PEER = Peer("slow", "estimate", {"k": 4}, to_whole=lambda timing: timing.scaled(10), note="a tenth, times 10")


def test_the_peers_part_counts_as_the_whole_and_is_named() -> None:
    line = compare(Run(FakePeers(Timing(10.0, 20.0, 0.25))), _QUESTION, lambda: 0.25, _PEER)
    assert line.peer_time == Timing(100.0, 200.0, 0.25)
    assert line.note == "k 4; a tenth, times 10"
    assert line.versions == {"peer": "1.2"}
    assert line.ok is True


def test_another_value_than_the_peers_is_not_ok_however_fast() -> None:
    line = compare(Run(FakePeers(Timing(10.0, 20.0, 0.26))), _QUESTION, lambda: 0.25, _PEER)
    assert line.ok is False


def test_a_missing_peer_leaves_ours_measured_and_the_ratio_open() -> None:
    line = compare(Run(FakePeers()), _QUESTION, lambda: 0.25, _PEER)
    assert line.ours is not None
    assert (line.peer, line.peer_time, line.ratio, line.ok) == ("slow", None, None, None)
    assert line.note == "k 4; peer not installed (No module named 'slow'): run `make bench` once"


def test_peers_can_be_switched_off() -> None:
    assert "switched off" in compare(Run(NoPeers()), _QUESTION, lambda: 0.25, _PEER).note


def test_numbers_of_our_result_are_measured_too() -> None:
    question = Question("te-x", "a case", measure=lambda timing: {"links": float(timing.value)})
    assert alone(Run(NoPeers()), question, lambda: 7).measured == {"links": 7.0}
