"""Measured lines as a Markdown table: ``python -m bench.report bench/results/FILE.jsonl``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench.table import seconds

_COLUMNS = ("benchmark", "case", "ours, wall (CPU)", "peer", "peer, CPU", "ratio", "goal", "reached")
_WORDS = {True: "yes", False: "**no**", None: "-"}


def read(path: Path) -> list[dict[str, Any]]:
    """The lines of a file of JSON lines."""
    return [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines() if text]


def markdown(lines: Iterable[dict[str, Any]]) -> str:
    """A row per line."""
    return "\n".join([_cells(_COLUMNS), "|---" * len(_COLUMNS) + "|", *map(_row, lines)])


def _row(line: dict[str, Any]) -> str:
    ours = "-" if line["ours_s"] is None else f"{seconds(line['ours_s'])} ({seconds(line['ours_cpu_s'])})"
    ratio = "-" if line["ratio"] is None else f"{line['ratio']:.3g}x"
    goal = "; ".join(_with_value(goal, line["measured"]) for goal in (line["goal"] or "-").split("; "))
    peer = seconds(line["peer_cpu_s"]) if line["peer_cpu_s"] is not None else "-"
    cells = (line["name"], line["case"], ours, line["peer"] or "-", peer, ratio, goal, _WORDS[line["ok"]])
    return _cells(cells)


def _cells(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _with_value(goal: str, measured: dict[str, float | None]) -> str:
    """A goal about a measured number shows that number, for it stands in no other column."""
    value = measured.get(goal.partition(" ")[0])
    return goal if value is None else f"{goal} (found {value:.3g})"


if __name__ == "__main__":
    print(markdown(read(Path(sys.argv[1]))))
