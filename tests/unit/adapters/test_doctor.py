"""Doctor on an installation where something, or everything, is broken: each check says so, none hides another."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from causeway.adapters.storage import doctor
from causeway.adapters.storage.installation import Installation, write_installation
from causeway.cli.main import cli
from causeway.errors import NotFound

NOBODY = "127.0.0.1:1"  # a reserved port, on which nothing answers
ALWAYS = ["python", "state directory", "disk space"]
OF_AN_INSTALLATION = [
    "supervisor", "database", "redis", "migrations", "database roles", "clock", "audit log", "web server", "web app",
    "broker gateway", "market feed",
]  # fmt: skip
OF_THE_DATABASE = {"migrations", "database roles", "clock", "audit log", "broker gateway", "market feed"}


@pytest.fixture
def stopped(tmp_path: Path) -> Path:
    """A state directory whose servers are all gone."""
    state_dir = tmp_path / "state"
    state_dir.mkdir(mode=0o700)
    database = f"postgresql://someone:secret@{NOBODY}/causeway"
    write_installation(
        state_dir,
        Installation(
            url=f"http://{NOBODY}",
            owner_database_url=database,
            service_database_url=database,
            app_database_url=database,
            redis_url=f"redis://{NOBODY}/0",
            blob_url=(state_dir / "blobs").as_uri(),
            project_dir=str(tmp_path / "no project"),
        ),
    )
    return state_dir


def _by_name(state_dir: Path) -> dict[str, doctor.Finding]:
    return {finding.check: finding for finding in doctor.examine(state_dir)}


def test_a_stopped_installation_gets_every_finding_quickly_and_nothing_is_logged(
    stopped: Path, caplog: pytest.LogCaptureFixture
) -> None:
    began = time.monotonic()
    with caplog.at_level(logging.DEBUG, logger="psycopg.pool"):
        found = _by_name(stopped)
    assert time.monotonic() - began < 4  # one wait for the pool alone took five seconds
    assert list(found) == [*ALWAYS, *OF_AN_INSTALLATION]
    assert [name for name in found if not found[name].ok] == OF_AN_INSTALLATION
    assert all(finding.mend for finding in found.values() if not finding.ok)
    assert caplog.records == []


def test_checks_that_ask_the_database_are_skipped_where_it_does_not_answer(stopped: Path) -> None:
    found = _by_name(stopped)
    assert found["database"].message.startswith("does not answer")
    skipped = {name for name, finding in found.items() if finding.message == "skipped: the database does not answer"}
    assert skipped == OF_THE_DATABASE


@pytest.mark.parametrize("error", [psycopg.OperationalError("gone"), ValueError("odd"), NotFound("nothing there")])
@pytest.mark.parametrize("name", OF_AN_INSTALLATION)
def test_a_check_that_fails_in_any_way_is_a_finding(
    stopped: Path, monkeypatch: pytest.MonkeyPatch, name: str, error: Exception
) -> None:
    for check in OF_AN_INSTALLATION:
        monkeypatch.setitem(doctor._CHECKS, check, _raising(error) if check == name else _passing(check))
    wrong = [finding for finding in doctor.examine(stopped) if not finding.ok]
    assert wrong[0].check == name
    assert str(error) in wrong[0].message
    assert {finding.check for finding in wrong[1:]} == (OF_THE_DATABASE if name == "database" else set())


def test_a_damaged_installation_file_is_a_finding(stopped: Path) -> None:
    (stopped / "installation.json").write_text("{")
    assert "is damaged" in _by_name(stopped)["installation"].message


def test_a_state_directory_that_is_a_file_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    found = _by_name(tmp_path / "state")
    assert [name for name in found if not found[name].ok] == ["state directory", "installation"]


def test_the_command_prints_the_findings_and_fails(stopped: Path) -> None:
    result = CliRunner().invoke(cli, ["doctor", "--state-dir", str(stopped)])
    assert result.exit_code == 1
    assert "BAD  database: does not answer" in result.stdout
    assert "secret" not in result.output
    assert "11 of 14 checks failed" in result.stderr


def _raising(error: Exception) -> doctor.Check:
    def check(_state_dir: Path, _installation: Installation) -> doctor.Finding:
        raise error

    return check


def _passing(name: str) -> Callable[[Path, Installation], doctor.Finding]:
    return lambda _state_dir, _installation: doctor.Finding(name, True, "fine")
