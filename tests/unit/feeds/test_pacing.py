"""Turns are evenly spaced: three at two a second take one second."""

from __future__ import annotations

from causeway.adapters.feeds.pacing import Pace


def test_turns_are_spaced_and_idle_time_is_not_saved_up() -> None:
    now = [100.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    pace = Pace(2.0, sleep=sleep, clock=lambda: now[0])
    for _ in range(3):
        pace.wait()
    assert now[0] == 101.0
    now[0] += 10.0
    pace.wait()
    assert now[0] == 111.0
    pace.wait()
    assert now[0] == 111.5
