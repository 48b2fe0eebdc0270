"""Bars as JSON, CSV and Arrow, of one symbol and of several, page by page; ranked symbols; coverage with gaps."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pyarrow as pa
import pytest

from causeway.web.lambda_handler import http_handler
from functions.data.app import create_app
from functions.data.services import Services
from tests.fixtures.databases import Databases
from tests.fixtures.gateway import Gateway, Keys
from tests.functions.data.conftest import Client

pytestmark = pytest.mark.postgres
ARROW = "application/vnd.apache.arrow.stream"
# The week of 2024-01-15: Monday is Martin Luther King Day (NYSE's calendar), so AAPL lacks one session, the 17th.
TWO = """symbol,date,open,high,low,close,volume
AAPL,2024-01-12,100,101,99,100.1,10
AAPL,2024-01-16,102,103,101,102,20
AAPL,2024-01-18,104,105,103,104,30
MSFT,2024-01-12,20,21,19,20.5,300
MSFT,2024-01-16,21,22,20,21.5,400
"""


@pytest.fixture
def stored(analyst: Client) -> Client:
    answer = analyst.upload(TWO)
    assert answer.status == 201, answer.body
    return analyst


def pages(client: Client, path: str, **query: Any) -> Iterator[Any]:
    cursor: dict[str, str] = {}
    while True:
        answer = client.get(path, **query, **cursor)
        assert answer.status == 200, answer.body
        yield answer
        following = answer.headers.get("x-next-cursor") or (
            answer.json["next_cursor"] if answer.headers["content-type"] == "application/json" else None
        )
        if not following:
            return
        cursor = {"cursor": following}


def test_csv_is_what_was_loaded(stored: Client) -> None:
    answer = stored.get("bars", symbol="aapl", accept="text/csv")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["vary"] == "Accept"
    assert 'filename="AAPL-1d.csv"' in answer.headers["content-disposition"]
    assert answer.body.splitlines() == [
        "symbol,time,open,high,low,close,volume",
        "AAPL,2024-01-12T00:00:00Z,100.0,101.0,99.0,100.1,10.0",
        "AAPL,2024-01-16T00:00:00Z,102.0,103.0,101.0,102.0,20.0",
        "AAPL,2024-01-18T00:00:00Z,104.0,105.0,103.0,104.0,30.0",
    ]


def test_arrow_is_a_stream_that_pyarrow_reads(stored: Client) -> None:
    answer = stored.get("bars/several", symbols="MSFT,AAPL", accept=ARROW)
    assert answer.headers["content-type"] == ARROW
    table = pa.ipc.open_stream(answer.content).read_all()
    assert table.column_names == ["symbol", "time", "open", "high", "low", "close", "volume"]
    assert table["symbol"].to_pylist() == ["MSFT", "MSFT", "AAPL", "AAPL", "AAPL"]
    assert table["close"].to_pylist() == [20.5, 21.5, 100.1, 102, 104]
    assert table.schema.field("time").type == pa.timestamp("us", "UTC")


def test_a_form_that_is_not_offered_is_406_with_the_list(stored: Client) -> None:
    answer = stored.get("bars", symbol="AAPL", accept="application/xml")
    assert (answer.status, answer.error["code"]) == (406, "not_acceptable")
    assert answer.error["details"]["offered"] == ["application/json", "text/csv", ARROW]


def test_without_pyarrow_arrow_is_not_offered(services: Services, keys: Keys, viewer: Client, stored: Client) -> None:
    app = create_app(replace(services, arrow_stream=None), keys.verifier())
    plain = Client(Gateway(http_handler(lambda: app)), viewer.headers)
    answer = plain.get("bars", symbol="AAPL", accept=ARROW)
    assert answer.status == 406
    assert answer.error["details"]["offered"] == ["application/json", "text/csv"]
    assert plain.get("bars", symbol="AAPL", accept=f"{ARROW}, */*;q=0.1").json["symbol"] == "AAPL"


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("form", ["application/json", "text/csv"])
def test_pages_of_several_symbols_add_up_to_the_whole(stored: Client, limit: int, form: str) -> None:
    rows: list[tuple[str, float]] = []
    for answer in pages(stored, "bars/several", symbols="AAPL,MSFT", limit=limit, accept=form):
        if form == "text/csv":
            page = [(row["symbol"], float(row["close"])) for row in csv.DictReader(io.StringIO(answer.body))]
        else:
            page = [(one["symbol"], bar["close"]) for one in answer.json["series"] for bar in one["bars"]]
        assert len(page) <= limit
        rows += page
    assert rows == [("AAPL", 100.1), ("AAPL", 102), ("AAPL", 104), ("MSFT", 20.5), ("MSFT", 21.5)]


def test_an_unknown_symbol_is_refused_with_the_first_page_wherever_it_stands(stored: Client) -> None:
    answer = stored.get("bars/several", symbols="AAPL,MSFT,NOPE", limit=1)
    assert (answer.status, answer.error["code"]) == (404, "not_found")
    assert "'NOPE'" in answer.error["message"]


def test_a_cursor_of_other_symbols_is_refused(stored: Client) -> None:
    cursor = stored.get("bars/several", symbols="AAPL,MSFT", limit=4).json["next_cursor"]
    answer = stored.get("bars", symbol="AAPL", cursor=cursor)
    assert (answer.status, answer.error["fields"][0]["field"]) == (422, "cursor")


def test_json_ends_at_ten_thousand_bars_and_says_what_holds_more(stored: Client) -> None:
    answer = stored.get("bars", symbol="AAPL", limit=10_001)
    assert answer.status == 422
    assert "text/csv" in answer.error["message"]
    assert stored.get("bars", symbol="AAPL", limit=50_000, accept="text/csv").status == 200
    assert stored.get("bars", symbol="AAPL", limit=50_001, accept="text/csv").status == 422


def test_bars_and_actions_are_adjusted_as_they_were_known_at_a_moment(stored: Client, databases: Databases) -> None:
    """A split of two for one on the 18th halves what is before it; before it was stored nothing was known of it."""
    split = {"symbol": "AAPL", "kind": "split", "ex_date": "2024-01-18", "value": "2"}
    before = moment_of(databases)
    assert stored.post("corporate-actions", {"source": "test", "actions": [split]}).status == 200
    now = stored.get("bars", symbol="AAPL", adjustment="split").json["bars"]
    then = stored.get("bars", symbol="AAPL", adjustment="split", as_of=before).json["bars"]
    assert [bar["close"] for bar in now] == [50.05, 51, 104]
    assert [bar["close"] for bar in then] == [100.1, 102, 104]
    assert stored.get("corporate-actions", symbol="AAPL").json == [split]
    assert stored.get("corporate-actions", symbol="AAPL", as_of=before).json == []


def moment_of(databases: Databases) -> str:
    with psycopg.connect(databases.owner_url) as connection:
        ((now,),) = connection.execute("SELECT now()").fetchall()
    return str(now.isoformat())


def test_symbols_come_by_rank_page_by_page(stored: Client, databases: Databases) -> None:
    rows = "\n".join(f"{name},2024-01-12,1,2,1,1,1" for name in ("GE", "GEHC", "AGE", "XGE", "Q"))
    stored.upload(f"symbol,date,open,high,low,close,volume\n{rows}\n")
    names = {"GE": "General Electric", "XGE": "The Gear Company", "AGE": "Agenus", "Q": "Quintiles"}
    with psycopg.connect(databases.owner_url) as connection:
        for symbol, name in names.items():
            connection.execute(
                "UPDATE instruments SET name = %s WHERE id = (SELECT instrument_id FROM symbols WHERE symbol = %s)",
                (name, symbol),
            )
    found = [one["symbol"] for page in pages(stored, "symbols", query="ge", limit=1) for one in page.json["items"]]
    assert found == ["GE", "GEHC", "XGE", "AGE"]  # itself, its start, a word of the name, within the name
    assert [one["symbol"] for one in stored.get("symbols", query="  ").json["items"]] == [
        "AAPL", "AGE", "GE", "GEHC", "MSFT", "Q", "XGE",
    ]  # fmt: skip


def test_coverage_of_a_series_names_the_missing_sessions(stored: Client) -> None:
    found = stored.get("coverage/aapl").json
    assert found == {
        "symbol": "AAPL", "bar_size": "1d", "start": "2024-01-12T00:00:00Z", "end": "2024-01-18T00:00:00Z",
        "bars": 3, "missing_sessions": 1, "gaps": [{"first": "2024-01-17", "last": "2024-01-17", "sessions": 1}],
            "stand_ins": [],
    }  # fmt: skip
    answer = stored.get("coverage/AAPL", bar_size="1m")
    assert (answer.status, answer.error["code"]) == (404, "not_found")
    assert stored.get("coverage/NOPE").status == 404
