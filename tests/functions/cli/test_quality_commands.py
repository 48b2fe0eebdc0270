"""``causeway quality`` and ``causeway repairs`` against the real functions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from causeway.adapters.storage.timeseries_db import TimeseriesDb
from causeway.cli.quality import show_before_asking
from causeway.model.corporate_action import ActionKind, CorporateAction
from tests.fixtures.market_data import JANUARY, turn_to_pence
from tests.functions.cli.conftest import Shell

pytestmark = pytest.mark.postgres


@pytest.fixture
def flawed(signed_in: Shell, tmp_path: Path) -> Shell:
    """Bars of January 2024 without the 25th; those of the 11th and 12th are stored in pence."""
    file = tmp_path / "good.csv"
    file.write_text(JANUARY)
    assert signed_in.run("ingest", file).exit_code == 0
    turn_to_pence(TimeseriesDb(signed_in.databases.app))
    return signed_in


def test_quality_is_a_picture_and_a_table(flawed: Shell) -> None:
    found = flawed.run("quality", "vod")
    assert found.exit_code == 0, found.output
    assert "18 bars stored (upload 16, pence 2); 1 of 19 sessions are missing\n" in found.stdout
    assert "2024  ▓             1" in found.stdout
    assert "unit_error" in found.stdout
    assert flawed.json("quality", "VOD")["missing_bars"] == 1
    unknown = flawed.run("quality", "NOPE/../x")
    assert (unknown.exit_code, unknown.stdout) == (1, "")


def test_a_repair_is_found_listed_and_written_after_a_question(flawed: Shell) -> None:
    assert "2 new repairs" in flawed.run("repairs", "find", "VOD").stderr
    table = flawed.run("repairs", "list", "--symbol", "vod").stdout
    assert "unit_error" in table
    later, earlier = sorted(flawed.json("repairs", "list"), key=lambda one: one["time"], reverse=True)
    refused = flawed.run("repairs", "accept", earlier["id"], stdin="n\n")
    assert (refused.exit_code, "nothing was written" in refused.stderr) == (1, True)
    unanswered = flawed.run("repairs", "accept", earlier["id"], stdin="")
    assert (unanswered.exit_code, "agree with --yes" in unanswered.stderr) == (1, True)
    assert len(flawed.json("repairs", "list")) == 2
    assert flawed.run("repairs", "accept", earlier["id"], "--yes", "--remark", "pence").exit_code == 0
    assert flawed.run("repairs", "reject", later["id"]).exit_code == 0
    states = {one["time"][:10]: one["state"] for one in flawed.json("repairs", "list", "--state", "all")}
    assert states == {"2024-01-11": "accepted", "2024-01-12": "rejected"}
    closes = {bar["time"][:10]: bar["close"] for bar in flawed.json("bars", "VOD")["bars"]}
    assert (closes["2024-01-11"], closes["2024-01-12"]) == (102.75, 10_300)
    again = flawed.run("repairs", "accept", earlier["id"], "--yes")
    assert again.exit_code == 1
    assert "accepted before" in again.stderr


def test_all_repairs_of_a_symbol_are_accepted_at_once(flawed: Shell) -> None:
    flawed.run("repairs", "find", "VOD")
    neither = flawed.run("repairs", "accept")
    assert (neither.exit_code, "name repairs by ID, or a symbol" in neither.stderr) == (2, True)
    asked = flawed.run("repairs", "accept", "--symbol", "VOD", stdin="n\n")
    assert (asked.exit_code, "nothing was written" in asked.stderr) == (1, True)
    table = flawed.run("repairs", "list", "--symbol", "VOD").stdout
    assert asked.stdout.startswith(table)  # shown before the question
    assert len(table.splitlines()) == 3
    done = flawed.run("repairs", "accept", "--symbol", "vod", "--yes")
    assert (done.exit_code, "2 repairs written" in done.stderr) == (0, True)
    assert "no repair of VOD is proposed" in flawed.run("repairs", "accept", "--symbol", "VOD").stderr


def test_a_dividend_is_listed_by_its_value_and_taken_to_the_unit_of_the_prices(
    signed_in: Shell, tmp_path: Path
) -> None:
    file = tmp_path / "good.csv"
    file.write_text(JANUARY)
    assert signed_in.run("ingest", file).exit_code == 0
    series = TimeseriesDb(signed_in.databases.app)
    pence = CorporateAction(ActionKind.DIVIDEND, date(2024, 1, 19), Decimal(45))
    series.add_corporate_actions({"VOD": [pence]}, source="test")
    assert "1 new repair proposed" in signed_in.run("repairs", "find", "VOD").stderr
    [line] = [one for one in signed_in.run("repairs", "list").stdout.splitlines() if "dividend_unit" in one]
    assert line.split()[1:7] == ["VOD", "dividend", "2024-01-19", "dividend_unit", "45", "0.45"]
    done = signed_in.run("repairs", "accept", "--symbol", "VOD", "--yes")
    assert (done.exit_code, "1 repair written" in done.stderr) == (0, True)
    assert [(one.value, one.source) for one in series.corporate_actions("VOD")] == [
        (Decimal("0.45"), "repair:dividend_unit")
    ]


@pytest.mark.parametrize("symbol", ["BRK/B", "^GSPC", "EURUSD=X"])
def test_signs_of_urls_in_a_symbol_reach_the_server_as_they_are(signed_in: Shell, tmp_path: Path, symbol: str) -> None:
    file = tmp_path / "good.csv"
    file.write_text(JANUARY.replace("VOD", symbol))
    assert signed_in.run("ingest", file).exit_code == 0
    assert signed_in.json("quality", symbol)["symbol"] == symbol
    assert "nothing new is proposed" in signed_in.run("repairs", "find", symbol).stderr
    assert len(signed_in.json("bars", symbol)["bars"]) == 18


def test_of_many_repairs_the_newest_twenty_are_shown_before_the_question(capsys: pytest.CaptureFixture[str]) -> None:
    bar = {"open": 1.0, "high": 1.0, "low": 1.0, "close": 1.0, "volume": 0.0}
    row = {"symbol": "VOD", "kind": "bar", "bar_size": "1d", "time": "2024-01-11T00:00:00Z", "code": "unit_error",
           "found": None, "proposed": bar, "state": "proposed", "reason": ""}  # fmt: skip
    show_before_asking([{**row, "id": f"repair-{number:02}"} for number in range(23)])
    shown, said = capsys.readouterr()
    assert [line.split()[0] for line in shown.splitlines()[1:]] == [f"repair-{number:02}" for number in range(20)]
    assert said == "and 3 more; see all with: causeway repairs list --symbol VOD\n"
