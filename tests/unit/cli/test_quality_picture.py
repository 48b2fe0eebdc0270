"""The text picture of gaps: a sign for each month, by how much of it is missing."""

from __future__ import annotations

from typing import Any

from causeway.cli.quality import picture


def month(name: str, missing: int, expected: int = 20) -> dict[str, Any]:
    return {"month": name, "expected_bars": expected, "missing_bars": missing}


def test_a_year_is_a_line_and_a_month_a_sign() -> None:
    months = [
        month("2011-11", 0), month("2011-12", 2),
        month("2012-01", 3), month("2012-02", 10), month("2012-03", 11), month("2012-04", 19), month("2012-05", 20),
    ]  # fmt: skip
    assert picture(months) == [
        "      JFMAMJJASOND  missing",
        "2011            █▓  2",
        "2012  ▒▒░░·         63",
    ]


def test_a_whole_year_says_nothing_more() -> None:
    assert picture([month(f"2012-{number:02d}", 0) for number in range(1, 13)])[1:] == ["2012  ████████████"]
