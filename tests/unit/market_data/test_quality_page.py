"""docs/operations/data-quality.md shows the codes that the checks use."""

from __future__ import annotations

from pathlib import Path

from causeway.market_data.findings import CODES

PAGE = Path(__file__).parents[3] / "docs/operations/data-quality.md"


def test_the_table_of_codes_is_the_one_in_use() -> None:
    rows = [line.strip("|\n ").split(" | ") for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    shown = {row[0]: (row[1], row[2]) for row in rows if len(row) == 3 and row[1] in {"error", "warning"}}
    assert shown == {code: (severity.value, text) for code, (severity, text) in CODES.items()}
