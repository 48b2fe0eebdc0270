"""What the storage benchmarks are made of: their bars, their clock, their lines."""

from __future__ import annotations

import multiprocessing
import os

import numpy as np
import pytest

from bench.cases import store_read
from bench.goals import at_least
from bench.peers import worker
from bench.registry import NoPeers, Run
from bench.stores import YEAR_BARS, against_floor, minute_bars
from bench.stores_clock import ServerClock
from bench.timing import Timing
from tests.unit.bench.fakes import FakeClock


def test_bars_are_minutes_of_weekday_sessions() -> None:
    bars = minute_bars(2 * YEAR_BARS, seed=1)
    moments = bars.time_us.astype("datetime64[us]")
    assert str(moments[0]) == "2015-01-01T14:30:00.000000"  # a Thursday
    assert (np.diff(bars.time_us) > 0).all()
    assert np.is_busday(moments.astype("datetime64[D]")).all()
    assert (bars.low <= np.minimum(bars.open, bars.close)).all()
    assert (bars.high >= np.maximum(bars.open, bars.close)).all()


def test_a_line_compares_rates_by_wall_seconds() -> None:
    turns = (lambda: Timing(2.0, 1.0), lambda: Timing(1.8, 1.5))
    line = against_floor("x", "case", turns, 3, floor="bare", goal=at_least("rate", 0.85), note="")
    assert line.measured["rate"] == pytest.approx(0.9)
    assert (line.ratio, line.ok) == (1.5, True)


def _work(seconds: float) -> None:
    end = os.times().user + seconds
    while os.times().user < end:
        pass


def test_the_servers_clock_counts_children_that_run_and_that_ended() -> None:
    clock = ServerClock(os.getpid())
    before = clock.cpu()
    child = multiprocessing.get_context("spawn").Process(target=_work, args=(0.1,))
    child.start()
    child.join()
    assert clock.cpu() - before >= 0.1


def test_work_of_a_peer_may_bring_its_own_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()

    class Clocked:
        def __init__(self) -> None:
            self.clock = clock

        def __call__(self) -> None:
            clock.spend(3.0, 2.0)

    monkeypatch.setattr("bench.peers.estimates.clocked", lambda: (Clocked(), {}), raising=False)
    turn, _ = worker.prepare("clocked", {})
    assert turn() == Timing(3.0, 2.0)


def test_the_sizes_that_take_many_minutes_are_made_when_asked_for_alone() -> None:
    case = next(case for case in store_read.BENCHMARK.cases() if "100 million" in case.name)
    line = case.measure(Run(NoPeers()))
    assert (line.ours, line.ok) == (None, None)
    assert "--full" in line.note
