"""Named stages with their times, as ``make up`` and ``make test`` print them. Standard library only."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parent.parent
Outcome = Literal["passed", "failed", "skipped"]


class Skip(Exception):  # noqa: N818 -- not an error: the stage cannot run here, and says why
    """Raised by a stage that cannot run on this machine; the message is the reason."""


class Failed(Exception):  # noqa: N818 -- the outcome's name
    """Raised by a stage that failed; the message says what to look at."""


@dataclass(frozen=True)
class StageResult:
    name: str
    outcome: Outcome
    seconds: float
    note: str


def run_stage(name: str, work: Callable[[], str | None]) -> StageResult:
    """Do ``work``, print one line with the time it took, and return what came of it."""
    print(f"· {name} ...", flush=True)
    started = time.monotonic()
    outcome: Outcome = "passed"
    try:
        note = work() or ""
    except Skip as reason:
        outcome, note = "skipped", str(reason)
    except Failed as reason:
        outcome, note = "failed", str(reason)
    seconds = time.monotonic() - started
    print(f"· {name}: {_word(outcome)} in {seconds:.1f} s{f' ({note})' if note else ''}", flush=True)
    return StageResult(name, outcome, seconds, note)


def command(
    arguments: Sequence[str | Path], *, cwd: Path = ROOT, env: Mapping[str, str] | None = None, log: Path | None = None
) -> None:
    """Run a command; with ``log`` its output goes there and the end of it is shown on failure.

    Raises:
        Failed: the command is missing or ended with another status than 0.
    """
    words = [str(argument) for argument in arguments]
    try:
        result = subprocess.run(
            words, cwd=cwd, env=env, check=False, text=True,
            stdout=subprocess.PIPE if log else None, stderr=subprocess.STDOUT if log else None,
        )  # fmt: skip
    except FileNotFoundError as error:
        raise Failed(f"{words[0]} was not found") from error
    if log is not None:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(result.stdout)
    if result.returncode != 0:
        if log is not None:
            print("\n".join(result.stdout.splitlines()[-30:]), file=sys.stderr)
        raise Failed(f"{' '.join(words)} ended with status {result.returncode}{f', see {log}' if log else ''}")


def _word(outcome: Outcome) -> str:
    return {"passed": "done", "failed": "FAILED", "skipped": "skipped"}[outcome]
