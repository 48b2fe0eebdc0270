"""Medians of alternating turns, read from a clock that the tests move."""

from __future__ import annotations

import pytest

from bench.timing import Timing, middle, once, side_by_side, turn
from tests.unit.bench.fakes import FakeClock


def test_one_run_reads_both_clocks_and_keeps_the_value() -> None:
    clock = FakeClock(wall_s=100.0, cpu_s=7.0)

    def work() -> str:
        clock.spend(2.0, 3.0)
        return "done"

    assert once(work, clock) == Timing(2.0, 3.0, "done")


def test_short_work_is_repeated_within_a_turn_and_reported_per_call() -> None:
    clock, calls = FakeClock(), []

    def work() -> None:
        calls.append(1)
        clock.spend(0.5, 0.25)

    take = turn(work, clock, shortest_s=1.0)
    calls.clear()
    assert take() == Timing(0.5, 0.25)
    assert len(calls) == 4


def test_the_warm_up_is_not_counted() -> None:
    clock = FakeClock()
    costs = iter([50.0, 1.0, 1.0, 1.0])
    take = turn(lambda: clock.spend(next(costs), 1.0), clock)
    assert take().wall_s == 1.0


def test_the_warm_up_lasts_as_many_cpu_seconds_as_asked_for() -> None:
    clock = FakeClock()
    turn(lambda: clock.spend(0.1, 1.0), clock, warm_up_cpu_s=5.0)
    assert clock.cpu() == 5.0


def test_work_of_minutes_can_go_without_a_warm_up() -> None:
    clock = FakeClock()
    costs = iter([50.0])
    assert turn(lambda: clock.spend(next(costs), 1.0), clock, warm=False)().wall_s == 50.0


def test_the_middle_of_three_is_the_median_of_each_clock() -> None:
    timings = [Timing(1.0, 9.0, "a"), Timing(5.0, 2.0, "b"), Timing(2.0, 3.0, "c")]
    assert middle(timings) == Timing(2.0, 3.0, "c")


def test_turns_alternate_and_a_slow_peer_takes_fewer() -> None:
    order: list[str] = []

    def take(name: str) -> Timing:
        order.append(name)
        return Timing(1.0, 1.0)

    side_by_side([lambda: take("ours"), lambda: take("peer")], rounds=[3, 2])
    assert order == ["ours", "peer", "ours", "peer", "ours"]


def test_a_part_is_scaled_to_the_whole() -> None:
    whole = Timing(1.5, 2.0, [3]).scaled(4)
    assert [whole.wall_s, whole.cpu_s] == pytest.approx([6.0, 8.0])
    assert whole.value == [3]
