"""Quality of a stored series, and its repairs, from the finding to the bar that is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import psycopg
import pytest

from causeway.model.corporate_action import ActionKind, CorporateAction
from functions.data.services import Services
from tests.fixtures.databases import Databases
from tests.fixtures.market_data import JANUARY, turn_to_pence
from tests.functions.data.conftest import Client

pytestmark = pytest.mark.postgres
UNKNOWN = UUID("0b7c1f2e-1111-4222-8333-444455556666")


@pytest.fixture
def flawed(analyst: Client, services: Services) -> Client:
    """One row is in quarantine; the 11th and 12th are stored in pence where the others are pounds."""
    assert analyst.upload(JANUARY + "\nVOD,2024-01-30,10,9,8,8,1\n").status == 201
    turn_to_pence(services.market_data)
    return analyst


def test_a_quality_report_has_gaps_by_month_and_findings_by_code(flawed: Client) -> None:
    found = flawed.get("quality/vod").json
    assert (found["symbol"], found["bars"], found["expected_bars"], found["missing_bars"]) == ("VOD", 18, 19, 1)
    assert found["months"] == [
        {"month": "2024-01", "sessions": 19, "missing_sessions": 1, "expected_bars": 19, "missing_bars": 1}
    ]
    assert [(gap["first"], gap["sessions"]) for gap in found["gaps"]] == [("2024-01-25T00:00:00Z", 1)]
    unit = next(one for one in found["findings"] if one["code"] == "unit_error")
    assert (unit["severity"], unit["rows"]) == ("error", 2)
    assert unit["at"] == ["2024-01-11T00:00:00Z", "2024-01-12T00:00:00Z"]
    assert found["quarantined"] == {"open_outside_range": 1}
    assert found["sources"] == {"upload": 16, "pence": 2}
    assert flawed.get("quality/VOD", bar_size="1m").status == 404


def test_a_repair_is_proposed_once_and_written_when_it_is_accepted(flawed: Client) -> None:
    assert flawed.post("quality/VOD/repairs", None).json == {"proposed": 2}
    assert flawed.post("quality/VOD/repairs", None).json == {"proposed": 0}
    first, second = flawed.get("repairs", state="proposed", symbol="vod").json["items"]
    assert {first["code"], second["code"]} == {"unit_error"}
    eleventh = next(one for one in (first, second) if one["time"] == "2024-01-11T00:00:00Z")
    assert (eleventh["found"]["close"], eleventh["proposed"]["close"]) == (10_275, 102.75)
    answer = flawed.post(f"repairs/{eleventh['id']}/accept", {"remark": "pence"})
    assert answer.json == {"id": eleventh["id"], "state": "accepted"}
    (bar,) = flawed.get("bars", symbol="VOD", start="2024-01-11T00:00:00Z", end="2024-01-12T00:00:00Z").json["bars"]
    assert bar["close"] == 102.75
    again = flawed.post(f"repairs/{eleventh['id']}/reject", {})
    assert (again.status, again.error["code"]) == (409, "conflict")
    assert [one["state"] for one in flawed.get("repairs", state="accepted").json["items"]] == ["accepted"]


def test_a_dividend_is_repaired_by_the_same_routes(analyst: Client, services: Services) -> None:
    assert analyst.upload(JANUARY).status == 201
    pence = CorporateAction(ActionKind.DIVIDEND, date(2024, 1, 19), Decimal("45.00"))
    twice = [CorporateAction(ActionKind.DIVIDEND, date(2024, 1, day), Decimal("0.05")) for day in (5, 10)]
    services.market_data.add_corporate_actions({"VOD": [pence, *twice]}, source="test")
    assert analyst.post("quality/VOD/repairs", None).json == {"proposed": 2}
    assert analyst.post("quality/VOD/repairs", None).json == {"proposed": 0}
    listed = {one["code"]: one for one in analyst.get("repairs", state="proposed", symbol="VOD").json["items"]}
    unit, double = listed["dividend_unit"], listed["duplicate_dividend"]
    assert (unit["kind"], unit["bar_size"], unit["time"]) == ("dividend", None, "2024-01-19T00:00:00Z")
    assert (unit["found"], unit["proposed"]) == ({"value": "45"}, {"value": "0.45"})
    assert (double["found"], double["proposed"]) == ({"value": "0.05"}, {"value": None})
    answer = analyst.post("repairs/accept", {"ids": [unit["id"]]})
    assert answer.json == {"accepted": 1}
    services.market_data.add_corporate_actions(
        {"VOD": [replace(one, value=Decimal("0.06")) for one in twice]}, source="test", replace=True
    )
    refused = analyst.post(f"repairs/{double['id']}/accept", {})
    assert (refused.status, "0.06 now" in refused.error["message"]) == (409, True)
    assert analyst.post(f"repairs/{double['id']}/reject", {}).json["state"] == "rejected"
    recorded = [one["value"] for one in analyst.get("corporate-actions", symbol="VOD").json]
    assert recorded == ["0.06", "0.06", "0.45"]


def test_repairs_are_their_owners_and_an_analysts(flawed: Client, viewer: Client) -> None:
    flawed.post("quality/VOD/repairs", None)
    first = flawed.get("repairs", limit=1).json
    second = flawed.get("repairs", limit=1, cursor=first["next_cursor"]).json
    (one,), (other,) = first["items"], second["items"]
    assert (one["id"] != other["id"], second["next_cursor"]) == (True, None)
    assert viewer.get("repairs").json["items"] == []
    assert viewer.post(f"repairs/{one['id']}/accept", {}).status == 403
    assert flawed.post(f"repairs/{UNKNOWN}/accept", {}).status == 404
    assert flawed.post(f"repairs/{one['id']}/accept", {"remark": "x" * 501}).status == 422


def _hundredfold(line: str) -> str:
    symbol, day, *prices, volume = line.split(",")
    return ",".join([symbol, day, *(f"{100 * float(price):g}" for price in prices), volume])


PENCE = "\n".join(_hundredfold(line) if "-01-11" in line or "-01-12" in line else line for line in JANUARY.splitlines())


def test_a_row_in_quarantine_in_the_wrong_unit_is_repaired_and_stored(analyst: Client, databases: Databases) -> None:
    assert analyst.upload(PENCE).json["rows_quarantined"] == 2
    assert analyst.get("quality/VOD").json["quarantined"]["unit_error"] == 2
    assert analyst.post("quality/VOD/repairs", None).json == {"proposed": 2}
    listed = analyst.get("repairs", state="proposed").json["items"]
    assert {(one["in_quarantine"], one["code"]) for one in listed} == {(True, "unit_error")}
    answer = analyst.post("repairs/accept", {"ids": [one["id"] for one in listed], "remark": "pence"})
    assert answer.json == {"accepted": 2}
    bars = {bar["time"][:10]: bar["close"] for bar in analyst.get("bars", symbol="VOD").json["bars"]}
    assert (bars["2024-01-11"], bars["2024-01-12"]) == (102.75, 103.0)  # as JANUARY has them
    report = analyst.get("quality/VOD").json
    assert (report["quarantined"], report["quarantined_rows"]) == ({}, 0)
    assert report["sources"] == {"upload": 16, "repair:unit_error": 2}
    assert all(row["repaired_at"] for row in analyst.get("quarantine").json["items"])
    with psycopg.connect(databases.owner_url) as connection:
        logged = connection.execute(
            "SELECT detail->>'remark', detail->>'quarantine_id' IS NULL FROM audit_log WHERE action = 'repair.accepted'"
        ).fetchall()
    assert logged == [("pence", False), ("pence", False)]
    assert analyst.post("quality/VOD/repairs", None).json == {"proposed": 0}


def test_a_row_in_quarantine_does_not_replace_what_was_stored_since(analyst: Client) -> None:
    analyst.upload(PENCE)
    analyst.post("quality/VOD/repairs", None)
    ids = [one["id"] for one in analyst.get("repairs").json["items"]]
    assert analyst.upload(JANUARY).json["rows_inserted"] == 2
    answer = analyst.post("repairs/accept", {"ids": ids})
    assert (answer.status, "was not stored when" in answer.error["message"]) == (409, True)


def test_a_report_against_a_provider_that_was_never_asked(flawed: Client) -> None:
    answer = flawed.get("quality/VOD", against="yahoo")
    assert answer.status == 404
    assert "--check-against yahoo" in answer.error["message"]
