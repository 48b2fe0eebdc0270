"""The Python environment ``.venv``, installed from a lock file with hashes. Standard library only.

A stamp names the lock that is installed, so a second start costs nothing. The ``dev`` set contains the ``local``
set: an environment that was widened for tests is kept wide.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Literal

from scripts.stages import ROOT, Failed, command

Set = Literal["local", "dev"]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
_STAMP = VENV / "causeway-stamp.json"
_LOCKS = ROOT / "requirements"


def ensure_environment(wanted: Set, *, verbose: bool = False) -> str:
    """Make or update ``.venv`` so that it holds exactly the locked set; what was done, in a few words.

    Raises:
        Failed: an installation step failed; the message names it.
    """
    installed = _installed()
    which: Set = "dev" if "dev" in (wanted, installed.get("set")) else "local"
    stamp = {"set": which, "fingerprint": _fingerprint(which)}
    if installed == stamp and PYTHON.exists():
        return "up to date"
    if not _usable():
        shutil.rmtree(VENV, ignore_errors=True)
        command([sys.executable, "-m", "venv", VENV])
    _install(which, None if verbose else ROOT / ".causeway" / "logs" / "install.log")
    _STAMP.write_text(json.dumps(stamp))
    return f"{which} set installed"


def _install(which: Set, log: Path | None) -> None:
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check"]
    lock = _LOCKS / f"{which}.lock"
    try:
        command([*pip, "install", "--quiet", "--require-hashes", "-r", _LOCKS / "bootstrap.lock"], log=log)
        uv = VENV / "bin" / "uv"
        env = {**os.environ, "VIRTUAL_ENV": str(VENV)}
        command([uv, "pip", "sync", "--quiet", "--require-hashes", lock], env=env, log=log)
    except Failed as error:
        print(f"  uv could not install the packages ({error}); trying pip", flush=True)
        command([*pip, "install", "--quiet", "--require-hashes", "-r", lock], log=log)
    command([*pip, "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", ROOT], log=log)


def _usable() -> bool:
    """Whether .venv is an environment of ours whose interpreter still runs (a clone may have been moved)."""
    config = VENV / "pyvenv.cfg"
    if not PYTHON.exists() or not config.exists():
        return False
    return str(VENV) in (VENV / "bin" / "activate").read_text(errors="replace")


def _installed() -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(_STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return found


def _fingerprint(which: Set) -> str:
    """What the environment depends on: the lock, the project's own metadata, the interpreter and the place."""
    digest = hashlib.sha256(f"{sys.version_info[:2]}{ROOT}".encode())
    for file in (_LOCKS / f"{which}.lock", _LOCKS / "bootstrap.lock", ROOT / "pyproject.toml"):
        digest.update(file.read_bytes())
    return digest.hexdigest()
