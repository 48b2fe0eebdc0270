"""Looking at an installation leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from causeway.adapters.storage.installation import held_lock, is_running, read_installation
from causeway.cli.main import cli
from causeway.errors import NotFound


def test_whether_it_runs_is_told_by_the_lock(tmp_path: Path) -> None:
    assert not is_running(tmp_path)
    with held_lock(tmp_path):
        assert is_running(tmp_path)
    assert not is_running(tmp_path)


def test_looking_makes_no_directory_and_no_file(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere"
    assert not is_running(missing)
    with pytest.raises(NotFound):
        read_installation(missing)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    [
        ["doctor"],
        ["backup", "there.tar.gz"],
        ["admin", "reset-password"],
        ["symbols"],
        ["fetches"],
        ["doctor", "--json"],
    ],
)
def test_a_command_that_only_reads_leaves_the_directory_as_it_was(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("CAUSEWAY_STATE_DIR", raising=False)
    monkeypatch.delenv("CAUSEWAY_API_KEY", raising=False)
    found = CliRunner().invoke(cli, command)
    assert found.exit_code != 0
    assert list(tmp_path.iterdir()) == []


def test_what_is_missing_is_named_in_full_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"--state-dir") as caught:
        read_installation(tmp_path)
    assert str(tmp_path / "installation.json") in caught.value.message


@pytest.mark.parametrize("command", ["status", "down"])
def test_asking_whether_it_runs_makes_nothing(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from local.__main__ import main

    monkeypatch.setenv("CAUSEWAY_STATE_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setattr("sys.argv", ["local", command])
    assert main() == 0
    assert list(tmp_path.iterdir()) == []
