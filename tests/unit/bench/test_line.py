"""A line's fields, its ratio, and when it is ok."""

from __future__ import annotations

import json

import pytest

from bench.goals import Goal, at_least, at_most
from bench.line import Line
from bench.table import row, seconds
from bench.timing import Timing

_FIELDS = [
    "name", "case", "ours_s", "ours_cpu_s", "peer", "peer_s", "peer_cpu_s", "ratio", "goal", "ok", "measured", "note",
    "machine", "versions",
]  # fmt: skip


def _line(ours_s: float, peer_cpu_s: float | None, *goals: Goal) -> Line:
    peer = None if peer_cpu_s is None else Timing(peer_cpu_s / 2, peer_cpu_s)
    return Line("te-x", "a case", Timing(ours_s, 2.0), "slow", peer, goals, {"gigabytes": 1.5}, "a part", {"slow": "3"})


def test_the_fields_are_the_documented_ones_in_their_order() -> None:
    fields = _line(1.0, 300.0, at_least("ratio", 150), at_most("ours_s", 8)).as_json({"cores": 2}, {"numpy": "2"})
    assert list(fields) == _FIELDS
    assert json.loads(json.dumps(fields)) == {
        "name": "te-x",
        "case": "a case",
        "ours_s": 1.0,
        "ours_cpu_s": 2.0,
        "peer": "slow",
        "peer_s": 150.0,
        "peer_cpu_s": 300.0,
        "ratio": 150.0,
        "goal": "ratio >= 150; ours_s <= 8",
        "ok": True,
        "measured": {"gigabytes": 1.5},
        "note": "a part",
        "machine": {"cores": 2},
        "versions": {"numpy": "2", "slow": "3"},
    }


def test_a_line_without_any_measurement_is_still_complete() -> None:
    fields = Line("te-x", "a case", None, goals=(at_most("ours_s", 1),), note="no device").as_json({}, {})
    assert list(fields) == _FIELDS
    assert (fields["ours_s"], fields["peer"], fields["ratio"], fields["ok"]) == (None, None, None, None)


@pytest.mark.parametrize(
    ("ours_s", "peer_cpu_s", "goals", "ok"),
    [
        (1.0, 300.0, (at_least("ratio", 150), at_most("ours_s", 8)), True),
        (1.0, 299.0, (at_least("ratio", 150), at_most("ours_s", 8)), False),
        (9.0, 300.0, (at_least("ratio", 150), at_most("ours_s", 8)), False),
        (1.0, None, (at_least("ratio", 150), at_most("ours_s", 8)), None),
        (9.0, None, (at_least("ratio", 150), at_most("ours_s", 8)), False),
        (1.0, None, (at_most("ours_s", 8),), True),
        (1.0, 300.0, (at_most("gigabytes", 1.4),), False),
        (1.0, 300.0, (), None),
    ],
)
def test_ok_needs_every_goal_and_is_open_while_one_is_not_measured(
    ours_s: float, peer_cpu_s: float | None, goals: tuple[Goal, ...], ok: bool | None
) -> None:
    assert _line(ours_s, peer_cpu_s, *goals).ok is ok


def test_the_row_says_what_the_line_holds() -> None:
    text = row(_line(0.0021, 299.0, at_least("ratio", 150)))
    for part in ("a case", "2.1 ms", "299 s", "150x", "MISSED: ratio >= 150", "gigabytes 1.5", "a part"):
        assert part in text


@pytest.mark.parametrize(("value", "text"), [(None, "-"), (12.34, "12.3 s"), (0.0021, "2.1 ms"), (4.2e-5, "42 us")])
def test_seconds_have_a_unit_that_fits(value: float | None, text: str) -> None:
    assert seconds(value) == text
