"""The peers' process: which Python it is, and what it answers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from bench.peers import client, worker
from bench.peers.client import PeerFailed, PeerProcess, peer_python
from bench.registry import PeerMissing
from bench.timing import Turn

_DATA = {"x": [[0.0]], "y": [[0.0]], "z": [[0.0]], "k": 4}


def test_an_import_that_fails_is_a_missing_peer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "npeet_plus", None)
    kind, message = worker.answer(("prepare", 1, "npeet_plus", dict(_DATA)), {})
    assert kind == "missing"
    assert message.startswith("peer not installed (")
    assert "npeet_plus" in message


def test_work_is_handed_over_once_and_run_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    turns: dict[int, Turn] = {}
    monkeypatch.setattr(worker, "prepare", lambda work, arguments: (lambda: (work, arguments), {"peer": "1"}))
    assert worker.answer(("prepare", 3, "estimate", {"k": 4}), turns) == ("done", {"peer": "1"})
    assert worker.answer(("run", 3), turns) == ("done", ("estimate", {"k": 4}))


def test_a_peer_that_raises_hands_over_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(work: str, arguments: dict[str, Any]) -> Any:
        raise ZeroDivisionError("the peer divides by zero")

    monkeypatch.setattr(worker, "prepare", broken)
    kind, message = worker.answer(("prepare", 1, "estimate", {}), {})
    assert kind == "failed"
    assert "the peer divides by zero" in message


def test_the_python_of_the_peers_can_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(client.PYTHON_VARIABLE, "elsewhere/python")
    assert peer_python() == Path("elsewhere/python")


def test_without_an_environment_of_their_own_the_peers_run_in_ours(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(client.PYTHON_VARIABLE, raising=False)
    monkeypatch.setattr(client, "ROOT", tmp_path)
    assert peer_python() == Path(sys.executable)


def _python(tmp_path: Path, script: str) -> Path:
    """An executable that runs ``script`` in place of the worker."""
    path = tmp_path / "python"
    path.write_text(f"#!{sys.executable} -S\n{script}")
    path.chmod(0o755)
    return path


_REPLY = "import pickle, sys; pickle.load(sys.stdin.buffer); pickle.dump({reply}, sys.stdout.buffer)\n"


def test_a_missing_peer_says_what_to_do(tmp_path: Path) -> None:
    python = _python(tmp_path, _REPLY.format(reply="('missing', 'peer not installed (slow)')"))
    with (
        PeerProcess(python) as peers,
        pytest.raises(PeerMissing, match=r"peer not installed \(slow\): run `make bench`"),
    ):
        peers.prepare("estimate", k=4)


def test_a_process_that_ends_early_shows_its_last_words(tmp_path: Path) -> None:
    python = _python(tmp_path, "import sys; sys.exit('no memory for Java')\n")
    with PeerProcess(python) as peers, pytest.raises(PeerFailed, match="no memory for Java"):
        peers.prepare("estimate", k=4)
