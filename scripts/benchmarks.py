"""``make bench``: the peers into an environment of their own, then the benchmarks. Standard library only."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.environment import PYTHON, VENV, ensure_environment
from scripts.stages import ROOT, Failed, command

_PEERS = ROOT / ".bench-venv"
_LOCK = ROOT / "requirements" / "bench.lock"


def main(arguments: list[str]) -> None:
    """Without arguments all of them, quickly."""
    print(f"environment: {ensure_environment('local')}; peers: {ensure_peers()}", flush=True)
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), "-m", "bench", *(arguments or ["all", "--quick"])])


def ensure_peers() -> str:
    """Make ``.bench-venv`` hold exactly the locked peers; what was done, in a few words.

    Raises:
        Failed: an installation step failed; the message names it.
    """
    fingerprint = hashlib.sha256(_LOCK.read_bytes()).hexdigest()
    stamp = _PEERS / "causeway-stamp.txt"
    if stamp.exists() and stamp.read_text() == fingerprint:
        return "up to date"
    uv = VENV / "bin" / "uv"
    command([uv, "venv", "--quiet", "--allow-existing", "--python", PYTHON, _PEERS])
    env = {**os.environ, "VIRTUAL_ENV": str(_PEERS)}
    command([uv, "pip", "sync", "--quiet", "--require-hashes", _LOCK], env=env)
    stamp.write_text(fingerprint)
    return "installed"


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Failed as reason:
        raise SystemExit(str(reason)) from reason
