"""/v1/data over API Gateway events: uploads, bars, quarantine, and what bad input gets for an answer."""

from __future__ import annotations

import gzip
import subprocess
import sys
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from causeway.web.routes import route_guards
from functions.data.app import create_app
from functions.data.services import Services
from tests.fixtures.databases import Databases
from tests.fixtures.gateway import Gateway, Keys
from tests.fixtures.market_data import JANUARY
from tests.functions.data.conftest import MAX_BODY_BYTES, Client

pytestmark = pytest.mark.postgres
HEADER = "symbol,date,open,high,low,close,volume\n"
WHOLE = f"""{HEADER}AAPL,2024-01-02,10,12,9,11,100
AAPL,2024-01-03,11.5,13,9.25,0.1e2,200
MSFT,2024-01-02,20,21,19,20.5,300
"""
NAN_PRICE = "AAPL,2024-01-04,10,12,9,NaN,100\n"


def stored_rows(databases: Databases) -> int:
    with psycopg.connect(databases.owner_url) as connection:
        names = ("market_data", "instruments", "ingestions", "quarantine", "corporate_actions")
        return sum(connection.execute(f"SELECT count(*) FROM {one}".encode()).fetchall()[0][0] for one in names)


def test_an_upload_is_stored_and_read_back(analyst: Client) -> None:
    answer = analyst.upload(WHOLE + NAN_PRICE)
    assert answer.status == 201, answer.body
    ingestion = answer.json
    assert ingestion["filename"] == "bars.csv"
    assert ingestion["bar_size"] == "1d"
    assert ingestion["column_mapping"]["time"] == "date"
    assert {name: count for name, count in ingestion.items() if name.startswith("rows_")} == {
        "rows_read": 4, "rows_inserted": 3, "rows_updated": 0, "rows_unchanged": 0, "rows_quarantined": 1,
    }  # fmt: skip
    assert ingestion["findings"] == [
        {"code": "not_finite", "severity": "error", "rows": 1, "example": "close is NaN; expected a finite number"}
    ]
    assert analyst.get(f"ingestions/{ingestion['id']}").json == ingestion
    assert analyst.get("ingestions").json == {"items": [ingestion], "next_cursor": None}
    bars = analyst.get("bars", symbol="aapl").json
    assert bars["symbol"] == "AAPL"
    assert bars["bars"] == [
        {"time": "2024-01-02T00:00:00Z", "open": 10, "high": 12, "low": 9, "close": 11, "volume": 100},
        {"time": "2024-01-03T00:00:00Z", "open": 11.5, "high": 13, "low": 9.25, "close": 10, "volume": 200},
    ]  # fmt: skip


def test_a_gzipped_upload_with_everything_said(analyst: Client) -> None:
    text = "when;first;top;bottom;final\n2013-10-07 09:30;1;2;1;1.5\n"
    mapping = '{"time": "when", "open": "first", "high": "top", "low": "bottom", "close": "final"}'
    answer = analyst.upload(
        gzip.compress(text.encode()), bar_size="1m", mapping=mapping, symbol="SPY", time_zone="America/New_York",
        asset_class="etf",
    )  # fmt: skip
    assert answer.status == 201, answer.body
    (bar,) = analyst.get("bars", symbol="SPY", bar_size="1m").json["bars"]
    assert bar["time"] == "2013-10-07T13:30:00Z"
    (symbol,) = analyst.get("symbols").json["items"]
    assert (symbol["asset_class"], symbol["bar_sizes"]) == ("etf", ["1m"])


def test_a_conflicting_value_needs_replace(analyst: Client) -> None:
    analyst.upload(WHOLE)
    changed = HEADER + "AAPL,2024-01-02,10,12,9,11.5,100\n"
    assert analyst.upload(changed).json["rows_quarantined"] == 1
    assert analyst.upload(changed, replace="true").json["rows_updated"] == 1


def test_quarantine_shows_the_row_and_its_reasons(analyst: Client, viewer: Client) -> None:
    ingestion = analyst.upload(WHOLE + NAN_PRICE).json
    page = analyst.get("quarantine", symbol="AAPL", ingestion_id=ingestion["id"], code="not_finite").json
    (row,) = page["items"]
    assert row["raw"]["close"] == "NaN"
    assert row["row_number"] == 5
    assert row["reasons"][0]["severity"] == "error"
    assert analyst.get("quarantine", code="spike").json["items"] == []
    assert viewer.get("quarantine").json["items"] == [], "quarantine is a user's own"
    assert viewer.get(f"ingestions/{ingestion['id']}").status == 404


def test_pages_follow_one_another(analyst: Client) -> None:
    analyst.upload(WHOLE + NAN_PRICE + NAN_PRICE.replace("NaN", "x"))
    for path, query, items in [
        ("symbols", {}, "items"),
        ("quarantine", {}, "items"),
        ("bars", {"symbol": "AAPL"}, "bars"),
    ]:
        first = analyst.get(path, limit=1, **query).json
        second = analyst.get(path, limit=1, cursor=first["next_cursor"], **query).json
        assert len(first[items]) == len(second[items]) == 1, path
        assert first[items] != second[items], path
        assert second["next_cursor"] is None, path


def test_a_range_without_a_bar_is_empty_and_no_error(analyst: Client) -> None:
    analyst.upload(WHOLE)
    answer = analyst.get("bars", symbol="AAPL", start="2010-01-01T00:00:00Z", end="2011-01-01T00:00:00Z")
    assert (answer.status, answer.json["bars"]) == (200, [])


def test_splits_adjust_what_is_read(analyst: Client, viewer: Client, databases: Databases) -> None:
    analyst.upload(WHOLE)
    action = {"symbol": "AAPL", "kind": "split", "ex_date": "2024-01-03", "value": "2"}
    body = {"source": "test", "actions": [action]}
    stored, again = (analyst.post("corporate-actions", body).json for _ in range(2))
    assert (stored["received"], stored["changed"], again["changed"]) == (1, 1, 0)
    assert [one["code"] for one in stored["findings"]] == ["split_applied_twice"]  # these bars never stepped by it
    assert viewer.get("corporate-actions", symbol="AAPL").json == [action]
    read = viewer.get("bars", symbol="AAPL", adjustment="split").json
    assert read["adjustment"] == "split"
    assert [bar["close"] for bar in read["bars"]] == [5.5, 10]
    assert viewer.get("bars", symbol="AAPL").json["bars"][0]["close"] == 11
    body["actions"] = [{**action, "value": "3"}]
    assert analyst.post("corporate-actions", body).status == 409
    with psycopg.connect(databases.owner_url) as connection:
        audited = connection.execute(
            "SELECT subject, detail FROM audit_log WHERE action = 'corporate_actions.store'"
        ).fetchall()
    assert audited == [("test", {"changed": {"AAPL": 1}, "replace": False})]


def test_coverage_quotes_and_clock(analyst: Client) -> None:
    analyst.upload(WHOLE + NAN_PRICE)
    aapl, msft = analyst.get("coverage", symbols="AAPL, msft").json
    assert (aapl["bars"], aapl["expected_bars"], aapl["missing_bars"], aapl["quarantined"]) == (2, 2, 0, 1)
    assert msft["start"] == msft["end"] == "2024-01-02T00:00:00Z"
    assert analyst.get("quotes", symbols="AAPL").json == []
    assert analyst.get("clock").json["mode"] == "closed"


@pytest.mark.parametrize(
    ("path", "query", "status", "message"),
    [
        ("bars", {"symbol": "APPL"}, 404, "Did you mean AAPL"),
        ("bars", {"symbol": "AAPL", "start": "2024-02-01T00:00:00Z", "end": "2024-01-01T00:00:00Z"}, 422, "after"),
        ("bars", {"symbol": "AAPL", "start": "2024-02-01"}, 422, "time zone"),
        ("bars", {"symbol": "AAPL", "start": "0001-01-01T00:00:00+23:59"}, 422, "years"),
        ("bars", {"symbol": "AAPL", "end": "0001-01-01T00:00:00Z"}, 422, "years"),
        ("bars", {"symbol": "AAPL", "cursor": "WyI5OTk5LTEyLTMxVDIzOjU5OjU5Ljk5OTk5OVoiXQ"}, 422, "cursor"),
        ("bars", {"symbol": "AAPL", "bar_size": "1w"}, 422, "bar_size"),
        ("bars", {"symbol": "AAPL", "limit": 10_001}, 422, "limit"),
        ("symbols", {"cursor": "eyJhIjoxfQ=="}, 422, "cursor"),  # {"a":1}
        ("quarantine", {"cursor": "WzFd"}, 422, "cursor"),  # [1]: no page ends at the first row
        ("bars", {"symbol": "AAPL", "cursor": "nonsense"}, 422, "cursor"),
        ("bars", {"symbol": "A\x00"}, 422, "symbol"),
        ("coverage", {"symbols": "AAPL,NVDA"}, 404, "NVDA"),
        ("coverage", {"symbols": " , "}, 422, "symbols"),
        ("ingestions/00000000-0000-0000-0000-000000000000", {}, 404, "no ingestion"),
        ("quarantine", {"ingestion_id": "x"}, 422, "ingestion_id"),
        ("quarantine", {"symbol": "\x00"}, 422, "symbol"),
    ],
)  # fmt: skip
def test_bad_questions(analyst: Client, path: str, query: dict[str, Any], status: int, message: str) -> None:
    analyst.upload(WHOLE)
    answer = analyst.get(path, **query)
    assert answer.status == status, answer.body
    assert message in answer.body


@pytest.mark.parametrize(
    ("data", "fields", "message"),
    [
        (b"", {}, "the file is empty"),
        (b"this is prose\n", {}, "not a CSV"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", {}, "not UTF-8"),
        (gzip.compress(WHOLE.encode() * 50, mtime=0)[:-9], {}, "ends early"),
        ((WHOLE + "AAPL,2024-01-05,1\n").encode(), {}, "line 5 has 3 cells"),
        (WHOLE.encode(), {"bar_size": "1w"}, "bar_size"),
        (WHOLE.encode(), {"mapping": "[]"}, "mapping must be a JSON object"),
        (WHOLE.encode(), {"mapping": '{"time": "Zeit"}'}, "which the file lacks"),
        (WHOLE.encode(), {"asset_class": "stamps"}, "asset_class"),
        (WHOLE.replace("date", "day of it").encode(), {}, "no column found for time"),
        (WHOLE.replace("2024-01-0", "2024-99-0").encode(), {}, "readable time"),
        ((HEADER + "A\x00B,2024-01-02,1,2,1,1,1\n").encode(), {}, "NUL"),
    ],
)  # fmt: skip
def test_bad_files_are_refused_and_nothing_is_stored(
    analyst: Client, databases: Databases, data: bytes, fields: dict[str, str], message: str
) -> None:
    answer = analyst.upload(data, **fields)
    assert answer.status == 422, answer.body
    assert message in answer.body
    assert stored_rows(databases) == 0


def test_a_body_that_is_too_large_is_refused(analyst: Client, databases: Databases) -> None:
    answer = analyst.upload("x" * (MAX_BODY_BYTES + 1))
    assert answer.status == 413
    assert stored_rows(databases) == 0


@pytest.mark.parametrize(
    "action",
    [
        {"symbol": "AAPL", "kind": "split", "ex_date": "2024-01-03", "value": "0"},
        {"symbol": "AAPL", "kind": "split", "ex_date": "2024-01-03", "value": "NaN"},
        {"symbol": "AAPL", "kind": "merger", "ex_date": "2024-01-03", "value": "1"},
        {"symbol": "AAPL", "kind": "split", "ex_date": "someday", "value": "2"},
    ],
)
def test_bad_corporate_actions_are_refused(analyst: Client, action: dict[str, str]) -> None:
    analyst.upload(WHOLE)
    assert analyst.post("corporate-actions", {"source": "test", "actions": [action]}).status == 422
    assert analyst.get("corporate-actions", symbol="AAPL").json == []


def test_a_viewer_may_read_and_not_write(viewer: Client, databases: Databases) -> None:
    assert viewer.upload(WHOLE).status == 403
    assert viewer.post("corporate-actions", {"source": "x", "actions": []}).status == 403
    assert stored_rows(databases) == 0


def test_every_route_but_health_wants_a_user(gateway: Gateway, services: Services, keys: Keys) -> None:
    guarded = [guard for guard in route_guards(create_app(services, keys.verifier())) if guard.role is not None]
    assert len(guarded) >= 11
    for guard in guarded:
        path = guard.path.replace("{ingestion_id}", str(uuid4()))
        assert gateway.send(guard.method, path).status == 401, path
    assert gateway.get("/v1/data/health").status == 200


def test_the_handler_starts_without_what_only_some_requests_need() -> None:
    """pandas, pyarrow, numba and drivers would cost every cold start."""
    program = (
        "import sys, functions.data.handler; "
        "print([name for name in ('pandas', 'pyarrow', 'numba', 'scipy', 'exchange_calendars', 'psycopg', 'boto3') "
        "if name in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True,
        env={"PYTHONPATH": "layers/core/python:."},
    )  # fmt: skip
    assert run.stdout.strip() == "[]"


def test_corporate_actions_are_held_against_the_bars_when_they_come(analyst: Client) -> None:
    """JANUARY trades around 103 without a step; a dividend stands twice within ten days."""
    analyst.upload(JANUARY)
    actions = [
        {"symbol": "VOD", "kind": kind, "ex_date": day, "value": value}
        for kind, day, value in (("split", "2024-01-16", "2"), ("dividend", "2024-01-18", "0.1"),
                                 ("dividend", "2024-01-22", "0.1"))
    ]  # fmt: skip
    answer = analyst.post("corporate-actions", {"source": "test", "actions": actions}).json
    assert answer["changed"] == 3
    found = {(one["symbol"], one["code"], one["ex_date"]) for one in answer["findings"]}
    assert found == {("VOD", "split_applied_twice", "2024-01-16"), ("VOD", "duplicate_dividend", "2024-01-22")}


def test_validity_names_what_a_symbol_meant_and_what_its_instruments_were_called(
    analyst: Client, databases: Databases
) -> None:
    """FB became META on 2022-06-09 (Meta Platforms, press release of 2022-05-31)."""
    with psycopg.connect(databases.owner_url) as connection:
        connection.execute("INSERT INTO instruments (asset_class, name) VALUES ('equity', 'Meta Platforms')")
        connection.execute(
            "INSERT INTO symbols (symbol, instrument_id, valid_from, valid_to) VALUES "
            "('FB', 1, '-infinity', '2022-06-09Z'), ('META', 1, '2022-06-09Z', 'infinity')"
        )
    expected = [
        {"symbol": "FB", "instrument_id": 1, "valid_from": None, "valid_to": "2022-06-09T00:00:00Z"},
        {"symbol": "META", "instrument_id": 1, "valid_from": "2022-06-09T00:00:00Z", "valid_to": None},
    ]
    for symbols in ("META", "fb", "META,FB"):
        assert analyst.get("validity", symbols=symbols).json == expected
    answer = analyst.get("validity", symbols="META,NOPE")
    assert (answer.status, "NOPE" in answer.error["message"]) == (404, True)
