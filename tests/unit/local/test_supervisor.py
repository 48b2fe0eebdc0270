"""The supervisor's rules, with processes that do nothing and a clock that the test moves."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from causeway.errors import Unavailable
from local.state import State
from local.supervisor import Child, Process, Supervisor


class World:
    """A supervisor, what it said, and the processes that were started."""

    def __init__(self, directory: Path) -> None:
        self.time = 0.0
        self.said: list[str] = []
        self.started: list[Process] = []
        self.refuse = False
        self.supervisor = Supervisor(State.open(directory), self.said.append, lambda: self.time)

    def start(self) -> Process:
        if self.refuse:
            raise Unavailable("no such program")
        process = subprocess.Popen(["sleep", "60"])
        self.started.append(process)
        return process

    def add(self) -> Child:
        child = Child("api", self.start, Path("api.log"))
        self.supervisor.add(child)
        return child

    def crash(self) -> None:
        self.started[-1].kill()
        self.started[-1].wait()
        self.supervisor.tick()

    def pass_time(self, seconds: float) -> None:
        self.time += seconds
        self.supervisor.tick()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.supervisor.stop()


def test_a_crash_is_said_and_mended_after_half_a_second(world: World) -> None:
    child = world.add()
    world.crash()
    assert world.said == ["api ended (signal SIGKILL), starts again in 0.5 s; see api.log"]
    world.pass_time(0.4)
    assert child.process is None
    world.pass_time(0.2)
    assert child.process is world.started[1]
    assert world.said[-1] == "api runs again"


def test_repeated_crashes_wait_longer_up_to_thirty_seconds(world: World) -> None:
    world.add()
    for _ in range(9):
        world.crash()
        world.pass_time(30.0)
    delays = [line.split(" starts again in ")[1].split(" s")[0] for line in world.said if "starts again" in line]
    assert delays == ["0.5", "1.0", "2.0", "4.0", "8.0", "16.0", "30.0", "30.0", "30.0"]


def test_a_crash_after_a_steady_minute_counts_as_the_first(world: World) -> None:
    world.add()
    world.crash()
    world.pass_time(1.0)
    world.pass_time(61.0)
    world.crash()
    assert "starts again in 0.5 s" in world.said[-1]


def test_a_program_that_cannot_be_started_again_is_tried_again(world: World) -> None:
    child = world.add()
    world.crash()
    world.refuse = True
    world.pass_time(0.6)
    assert world.said[-1] == "api could not be started: no such program"
    world.refuse = False
    world.pass_time(1.1)
    assert child.process is world.started[-1]


def test_stopping_ends_every_process_and_starts_none(world: World) -> None:
    world.add()
    world.add()
    world.supervisor.stop()
    assert [process.poll() is not None for process in world.started] == [True, True]
    world.pass_time(60)
    assert len(world.started) == 2
