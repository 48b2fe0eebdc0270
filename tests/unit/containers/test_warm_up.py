"""The job runner compiles in the background: nothing of it is left when the runner stops, however it stops."""

from __future__ import annotations

import subprocess
import sys

import pytest

from containers.gpu_batch.main import CANCELLED, warming_up

COMMAND = [sys.executable, "-m", "containers.gpu_batch.main", "warm-up", "--watch-parent"]


def test_warming_up_ends_with_the_runner() -> None:
    with warming_up() as child:
        assert child.poll() is None
    assert child.returncode is not None


def test_warming_up_ends_when_the_runner_was_killed() -> None:
    """A dead runner's end of the pipe is closed."""
    child = subprocess.Popen(COMMAND, stdin=subprocess.PIPE)
    assert child.stdin is not None
    child.stdin.close()
    assert child.wait(timeout=60) == CANCELLED


@pytest.mark.slow  # where nothing was compiled before
def test_warming_up_succeeds_in_the_background_of_everything_else() -> None:
    program = "import os, sys; from containers.gpu_batch.main import main; print(main(sys.argv[1:]), os.nice(0))"
    done = subprocess.run([sys.executable, "-c", program, "warm-up"], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "19"]
