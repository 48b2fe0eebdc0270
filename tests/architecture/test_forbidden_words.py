"""No file names a machine, a registry's host or a path of somebody's computer; no marketing, no leftovers."""

from __future__ import annotations

import re

import pytest

from tests.architecture.source_files import ROOT, project_files

_TEXT = {
    ".py",
    ".md",
    ".sql",
    ".toml",
    ".json",
    ".yml",
    ".yaml",
    ".sh",
    ".ts",
    ".tsx",
    ".css",
    ".html",
    ".lock",
    ".in",
    "",
}
# Written in pieces, so that this file does not name what it forbids.
_FORBIDDEN = {
    "a path of one machine": r"/" + r"(home|Users|root)/\w+|/work" + r"/|/opt" + r"/(wheels|pypi)",
    "a registry's host": r"https?://[\w.-]*(pypi|npmjs|pythonhosted|artifactory|nexus)[\w.-]*/(simple|packages|[\w@.-]+/-/)",
    "a leftover": r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b",
}
_RUNNER = ".ci/run"  # it looks for optional data beside the clone
_TEXT_FILES = [str(path) for path in project_files() if path.suffix in _TEXT and str(path) != _RUNNER]


@pytest.mark.parametrize("what", _FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    pattern = re.compile(_FORBIDDEN[what])
    found = [
        f"{path}:{number}: {line.strip()[:100]}"
        for path in _TEXT_FILES
        for number, line in enumerate((ROOT / path).read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []
