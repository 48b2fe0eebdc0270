"""The project's own files, as git knows them or would: ignored and generated files are left out."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def project_files() -> tuple[Path, ...]:
    """Paths of tracked and of new, not ignored files, relative to the root."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return tuple(path for path in map(Path, listed) if (ROOT / path).is_file())


def python_files(*, tests: bool = True) -> list[Path]:
    return [path for path in project_files() if path.suffix == ".py" and (tests or path.parts[0] != "tests")]
