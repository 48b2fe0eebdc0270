"""``causeway alerts`` against the real functions; the alerts come from a file with too many flawed rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.functions.cli.conftest import Shell

pytestmark = pytest.mark.postgres
# Ten of eleven rows have a high below their low.
FLAWED = "symbol,date,open,high,low,close,volume\nIBM,2024-01-02,10,12,9,11,1\n" + "".join(
    f"IBM,2024-01-{day:02},10,9,12,10,1\n" for day in (3, 4, 5, 8, 9, 10, 11, 12, 16, 17)
)


@pytest.fixture
def warned(signed_in: Shell, tmp_path: Path) -> Shell:
    """A user with two alerts, of two files."""
    for name in ("first.csv", "second.csv"):
        file = tmp_path / name
        file.write_text(FLAWED)
        assert signed_in.run("ingest", file).exit_code == 0
    return signed_in


def test_a_file_with_many_flawed_rows_raises_an_alert(warned: Shell) -> None:
    found = warned.json("alerts")
    assert [(one["id"], one["kind"], one["subject"], one["severity"]) for one in found] == [
        (2, "quarantine_high", "file second.csv", "warning"),
        (1, "quarantine_high", "file first.csv", "warning"),
    ]
    assert "10 of 11 rows (90.9%) went to quarantine" in warned.run("alerts").stdout


def test_alerts_are_acknowledged_one_or_up_to_one(warned: Shell) -> None:
    assert warned.run("alerts", "--acknowledge", "2").exit_code == 0
    assert [one["id"] for one in warned.json("alerts", "--unseen")] == [1]
    assert "1 alerts were acknowledged; 0 are left" in warned.run("alerts", "--up-to", "2").stderr
    assert "no such alert" in warned.run("alerts", "--unseen").output
    refused = warned.run("alerts", "--acknowledge", "3")
    assert (refused.exit_code, "there is no alert 3" in refused.stderr) == (1, True)
    assert warned.run("alerts", "--acknowledge", "1", "--up-to", "2").exit_code == 2
