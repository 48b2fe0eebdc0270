"""The table in docs/benchmarks.md is the table of the stored lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench.report import markdown, read

_ROOT = Path(__file__).resolve().parents[3]
_RESULTS = sorted((_ROOT / "bench/results").glob("*.jsonl"))


def test_a_row_shows_the_lines_numbers() -> None:
    line = {
        "name": "te-x", "case": "a case", "ours_s": 0.0021, "ours_cpu_s": 0.004, "peer": "slow", "peer_s": 1.0,
        "peer_cpu_s": 2.0, "ratio": 500.0, "goal": "ratio >= 150; gigabytes <= 2", "ok": True,
        "measured": {"gigabytes": 1.5},
    }  # fmt: skip
    row = markdown([line]).splitlines()[2]
    assert (
        row == "| te-x | a case | 2.1 ms (4 ms) | slow | 2 s | 500x | ratio >= 150; gigabytes <= 2 (found 1.5) | yes |"
    )


def test_what_was_not_measured_is_a_dash() -> None:
    names = ("ours_s", "ours_cpu_s", "peer", "peer_s", "peer_cpu_s", "ratio", "goal", "ok")
    line: dict[str, Any] = {"name": "te-x", "case": "a case", "measured": {}, **dict.fromkeys(names)}
    assert markdown([line]).splitlines()[2] == "| te-x | a case | - | - | - | - | - | - |"


@pytest.mark.parametrize("path", _RESULTS, ids=lambda path: path.name)
def test_the_documented_table_is_that_of_the_stored_lines(path: Path) -> None:
    assert markdown(read(path)) in (_ROOT / "docs/benchmarks.md").read_text(encoding="utf-8")
