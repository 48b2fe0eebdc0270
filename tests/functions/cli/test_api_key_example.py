"""The lines of docs/contracts/http.md that make an API key, run as they stand there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest

from tests.functions.cli.conftest import EMAIL, PASSWORD, PROJECT, Shell

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(not (shutil.which("curl") and shutil.which("jq")), reason="the example needs curl and jq"),
]


def test_the_example_makes_a_key_that_is_taken(shell: Shell) -> None:
    page = (PROJECT / "docs/contracts/http.md").read_text(encoding="utf-8")
    section = page.partition("## An API key for a program")[2].partition("\n## ")[0]
    lines = [line.strip() for line in section.splitlines() if line.startswith("    ")]
    assert len(lines) == 3
    script = "\n".join(lines).replace("your password", PASSWORD)
    environment = os.environ | {"SERVER": shell.server}
    done = subprocess.run(["bash", "-eu", "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["user"] == {"id": str(shell.user_id), "email": EMAIL, "role": "viewer"}
