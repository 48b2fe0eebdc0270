"""``make up`` looks for what runs already before it installs or builds anything."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from causeway.adapters.storage.installation import Installation, held_lock, write_installation
from scripts.running import running_at

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def state_dir(tmp_path: Path) -> Path:
    """A state directory as a running supervisor leaves it, but for its lock."""
    write_installation(tmp_path, Installation("http://127.0.0.1:8123", "", "", "", "", "", str(ROOT)))
    (tmp_path / "supervisor.pid").write_text("1")
    return tmp_path


def test_a_held_lock_means_that_it_runs(state_dir: Path) -> None:
    with held_lock(state_dir):
        assert running_at(state_dir) == "http://127.0.0.1:8123"
    assert running_at(state_dir) is None  # left over from a supervisor that was killed


def test_a_lock_without_a_supervisor_is_a_restore(state_dir: Path) -> None:
    (state_dir / "supervisor.pid").unlink()
    with held_lock(state_dir):
        assert running_at(state_dir) is None


def test_a_directory_that_does_not_exist_runs_nothing(tmp_path: Path) -> None:
    assert running_at(tmp_path / "none") is None


@pytest.mark.parametrize("command", [["scripts/bootstrap.py"], ["-m", "local", "up"]])
def test_a_second_start_says_where_it_runs_and_succeeds(state_dir: Path, command: list[str]) -> None:
    env = os.environ | {"CAUSEWAY_STATE_DIR": str(state_dir)}
    with held_lock(state_dir):
        found = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=env, capture_output=True, text=True, check=False
        )
    assert (found.returncode, found.stdout) == (0, "already running at http://127.0.0.1:8123\n"), found.stderr
