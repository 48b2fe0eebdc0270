"""Which code computed an answer: the package's version, and the commit where it is known. No process is started."""

from __future__ import annotations

import os
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


@cache
def code_version() -> str:
    """``CAUSEWAY_CODE_VERSION`` where it is set, else ``0.1.0+g<12 digits>`` in a checkout, else the version alone."""
    named = os.environ.get("CAUSEWAY_CODE_VERSION", "")
    if named:
        return named
    commit = _commit(Path(__file__).resolve())
    return f"{_package_version()}+g{commit[:12]}" if commit else _package_version()


def _package_version() -> str:
    try:
        return version("causeway")
    except PackageNotFoundError:
        return "0"


def _commit(start: Path) -> str:
    """The commit that is checked out around ``start``, read from git's files; empty outside a checkout."""
    git = next((folder / ".git" for folder in start.parents if (folder / ".git").is_dir()), None)
    if git is None:
        return ""
    head = _read(git / "HEAD")
    if not head.startswith("ref: "):
        return head
    name = head.removeprefix("ref: ")
    return _read(git / name) or _packed(git, name)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _packed(git: Path, name: str) -> str:
    lines = (line.split() for line in _read(git / "packed-refs").splitlines())
    return next((parts[0] for parts in lines if len(parts) == 2 and parts[1] == name), "")
