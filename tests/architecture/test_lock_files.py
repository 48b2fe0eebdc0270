"""Lock files are whole: only pinned requirements with hashes, and no tracked file holds a half-made merge."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.source_files import ROOT, project_files

_LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
_LINE = re.compile(
    r"^(?:[A-Za-z0-9_.\-]+(?:\[[a-z0-9,\-]+\])?==\S+.*\\|    --hash=sha256:[0-9a-f]{64}(?: \\)?|    #.*|#.*|)$"
)
_MERGE = re.compile(r"^(?:<{7} |>{7} )", re.MULTILINE)
_TEXT = {".py", ".md", ".lock", ".in", ".toml", ".json", ".yaml", ".yml", ".ts", ".tsx", ".css", ".sql", ".sh", ".html"}


@pytest.mark.parametrize("lock", _LOCKS, ids=lambda path: path.name)
def test_lock_file_holds_only_pinned_requirements_with_hashes(lock: Path) -> None:
    odd = [line for line in lock.read_text().splitlines() if not _LINE.match(line)]
    assert not odd, f"{lock.name}: run scripts/lock; unexpected lines: {odd[:5]}"


def test_no_tracked_file_holds_a_conflict_of_a_merge() -> None:
    marked = [path for path in project_files() if path.suffix in _TEXT and _MERGE.search((ROOT / path).read_text())]
    assert not marked, f"resolve the conflict in {', '.join(map(str, marked))}"
