"""Does an installation run already? Asked before its environment is looked at. Standard library only."""

from __future__ import annotations

import fcntl
import json
from pathlib import Path


def running_at(state_dir: Path) -> str | None:
    """URL of what runs in ``state_dir``; None where nothing runs, or where only ``python -m local`` can tell."""
    if not (state_dir / "supervisor.pid").exists():
        return None
    try:
        with (state_dir / "lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _url(state_dir)
    except OSError:
        pass  # never started, or not ours to read
    return None


def _url(state_dir: Path) -> str | None:
    try:
        return str(json.loads((state_dir / "installation.json").read_text())["url"])
    except (OSError, ValueError, KeyError):
        return None
