"""Quality of a stored series, and its repairs, from the finding to the bar that is written."""

from __future__ import annotations

from uuid import UUID

import pytest

from functions.data.services import Services
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
