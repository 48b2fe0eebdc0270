"""What the progress line of a fetch is made of."""

from __future__ import annotations

from threading import Thread

import pytest

from containers.ingest.progress import RunProgress


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_wait_is_counted_down_with_its_reason_and_the_time_left_includes_it(clock: Clock) -> None:
    progress = RunProgress((0.0, 0), clock)
    progress.waits(41.0, "Alpha Vantage allows 5 calls a minute")
    clock.now = 3.5
    beat = progress.beat(ended=0, total=4, rows=0)
    assert beat.message == "waiting 38 s: Alpha Vantage allows 5 calls a minute"
    assert beat.eta_s == pytest.approx(37.5)


def test_once_it_goes_on_nothing_is_waited_for(clock: Clock) -> None:
    progress = RunProgress((0.0, 0), clock)
    progress.waits(41.0, "a plan")
    progress.waits(0.0, "")
    assert progress.beat(0, 4, 0).message == "fetching"


def test_of_several_waits_the_shortest_is_shown(clock: Clock) -> None:
    progress = RunProgress((0.0, 0), clock)
    progress.waits(30.0, "long")
    other = Thread(target=progress.waits, args=(10.0, "short"))
    other.start()
    other.join()
    assert progress.beat(0, 4, 0).message == "waiting 10 s: short"


def test_the_time_left_is_that_of_the_pace_so_far(clock: Clock) -> None:
    progress = RunProgress((0.0, 0), clock)
    progress.tell("AAPL", 0.5)
    clock.now = 10.0
    beat = progress.beat(ended=1, total=4, rows=300)
    assert (beat.progress, beat.rows_per_s) == (0.375, 30.0)
    assert beat.eta_s == pytest.approx(10 * 0.625 / 0.375)


def test_rows_of_an_earlier_run_are_not_this_runs_pace(clock: Clock) -> None:
    progress = RunProgress((0.5, 1000), clock)
    clock.now = 10.0
    assert progress.beat(ended=2, total=4, rows=1000).rows_per_s == 0.0
    assert progress.beat(ended=2, total=4, rows=1000).eta_s is None
