"""Our end of the peers' process: it starts on first use and stays warm until the end of the run."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Self

from bench.registry import PeerMissing, PeerRun
from bench.timing import Timing

ROOT = Path(__file__).resolve().parents[2]
PYTHON_VARIABLE = "BENCH_PYTHON"
_HOW = f"run `make bench` once, or name a Python that has them in {PYTHON_VARIABLE}"


class PeerFailed(Exception):  # noqa: N818 - what happened, in the tone of PeerMissing
    """The peer is there and raised; the message is its traceback."""


class PeerProcess:
    """``Peers`` in one child process."""

    def __init__(self, python: Path | None = None) -> None:
        self._python = python or peer_python()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the child runs
        self._child: subprocess.Popen[bytes] | None = None
        self._handed = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def prepare(self, work: str, **arguments: object) -> PeerRun:
        self._handed += 1
        versions = self._ask(("prepare", self._handed, work, arguments))
        return _Handed(self, self._handed, versions)

    def run(self, number: int) -> Timing:
        """One timed run of the work that was handed over under this number."""
        timing: Timing = self._ask(("run", number))
        return timing

    def close(self) -> None:
        """End the child; its CPU seconds are then counted among our children's."""
        if self._child is not None:
            with self._child:  # closes the pipes, at whose end the child stops
                pass
        self._child = None
        self._log.close()

    def _ask(self, request: tuple[Any, ...]) -> Any:
        child = self._started()
        try:
            pickle.dump(request, child.stdin)
            child.stdin.flush()
            kind, content = pickle.load(child.stdout)
        except (EOFError, BrokenPipeError) as error:
            raise PeerFailed(f"The peers' process ended:\n{self._end_of_log()}") from error
        if kind == "missing":
            raise PeerMissing(f"{content}: {_HOW}")
        if kind == "failed":
            raise PeerFailed(content)
        return content

    def _started(self) -> Any:
        if self._child is None:
            self._child = subprocess.Popen(
                [self._python, "-m", "bench.peers.worker"],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
            )
        return self._child

    def _end_of_log(self) -> str:
        self._log.seek(0)
        return self._log.read()[-2000:].decode(errors="replace")


class _Handed:
    """``PeerRun`` in a child process."""

    def __init__(self, process: PeerProcess, number: int, versions: dict[str, str]) -> None:
        self._process, self._number = process, number
        self.versions = versions

    def __call__(self) -> Timing:
        return self._process.run(self._number)


def peer_python() -> Path:
    """The Python that has the peers: named in the environment, else ``.bench-venv``, else this one."""
    own = ROOT / ".bench-venv" / "bin" / "python"
    named = os.environ.get(PYTHON_VARIABLE)
    if named:
        return Path(named)
    return own if own.exists() else Path(sys.executable)
