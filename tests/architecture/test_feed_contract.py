"""docs/contracts/feed.md numbers its cases once and in order, and each has its test."""

from __future__ import annotations

import re

from tests.architecture.source_files import ROOT

_CASES = re.findall(r"^\| F(\d\d) \|", (ROOT / "docs/contracts/feed.md").read_text(encoding="utf-8"), re.MULTILINE)
_TESTED = {
    number
    for path in (ROOT / "tests/contract/feed").glob("test_*_contract.py")
    for number in re.findall(r"^def test_f(\d\d)_", path.read_text(encoding="utf-8"), re.MULTILINE)
}


def test_cases_are_numbered_once_and_in_order() -> None:
    assert len(_CASES) > 30
    assert sorted(set(_CASES)) == _CASES


def test_each_case_has_a_test_of_its_number_and_each_test_a_case() -> None:
    assert set(_CASES) == _TESTED
