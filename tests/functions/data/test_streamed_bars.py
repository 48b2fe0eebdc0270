"""Large answers go out part by part: never whole in memory, and an error is said before the first byte."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import numpy as np
import psycopg
import pyarrow as pa
import pytest

from causeway.adapters.storage.timeseries_db import TimeseriesDb
from causeway.errors import Unavailable
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize, micros
from causeway.web.lambda_handler import http_handler
from functions.data.app import create_app
from functions.data.services import Services
from tests.fixtures.databases import Databases
from tests.fixtures.gateway import Gateway, Keys
from tests.functions.data.conftest import Client

pytestmark = pytest.mark.postgres
ARROW = "application/vnd.apache.arrow.stream"
PRICES = ("open", "high", "low", "close")
THREE_PAGES = 120_000
BARS = 260_000  # five whole pages and a part of 50,000
START = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def stored(databases: Databases) -> TimeseriesDb:
    """BTC has 260,000 minutes, ETH a hundred; round the clock."""
    series = TimeseriesDb(databases.service)
    with psycopg.connect(databases.owner_url) as connection:
        for number, symbol in enumerate(("BTC", "ETH"), start=1):
            connection.execute(
                "INSERT INTO instruments (id, asset_class, calendar) OVERRIDING SYSTEM VALUE "
                "VALUES (%s, 'crypto', '24/7')",
                [number],
            )
            connection.execute("INSERT INTO symbols (symbol, instrument_id) VALUES (%s, %s)", [symbol, number])
    series.store_bars({1: minutes(BARS), 2: minutes(100)}, BarSize.MINUTE_1, source="test")
    return series


def minutes(count: int) -> BarColumns:
    times = micros(START) + np.arange(count, dtype=np.int64) * 60_000_000
    closes = 100 + np.sin(np.arange(count))
    return BarColumns(times, closes, closes + 1, closes - 1, closes, np.ones(count))


class Received:
    """What an app sends, measured and forgotten but for the lines of CSV that are counted."""

    def __init__(self) -> None:
        self.status = 0
        self.parts: list[int] = []
        self.lines = 0

    async def __call__(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            return
        body: bytes = message.get("body", b"")
        self.parts.append(len(body))
        self.lines += body.count(b"\n")


def ask(
    app: Any, keys: Keys, viewer: Client, accept: str, received: Received | None = None, **query: object
) -> Received:
    """One request straight to the ASGI app, as a server that streams makes it."""
    received = received or Received()
    headers = {**viewer.headers, "accept": accept, "host": "causeway.example"}
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "https",
        "path": "/v1/data/bars", "raw_path": b"/v1/data/bars", "root_path": "", "server": ("causeway.example", 443),
        "query_string": urlencode(query).encode(), "client": ("127.0.0.1", 1),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0 if received.status == 0 else 3600)
        return {"type": "http.request", "body": b"", "more_body": False}

    asyncio.run(app(scope, receive, received))
    return received


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(("accept", "least_mb"), [("text/csv", 15), (ARROW, 11)])
def test_the_whole_goes_out_in_memory_that_does_not_grow_with_it(
    services: Services, keys: Keys, viewer: Client, accept: str, least_mb: int
) -> None:
    app = create_app(services, keys.verifier())
    ask(app, keys, viewer, accept, symbol="ETH", bar_size="1m", whole="true")  # what is imported and kept for good
    three_pages = (START + timedelta(minutes=150_000)).isoformat()
    short, few = measured(app, keys, viewer, accept, end=three_pages)
    peak, received = measured(app, keys, viewer, accept)
    assert (few.status, received.status) == (200, 200)
    assert sum(received.parts) > least_mb * 1e6
    assert sum(received.parts) > 1.7 * sum(few.parts)
    assert max(received.parts) < 1e6
    assert peak < 1.05 * short
    if accept == "text/csv":
        assert received.lines == BARS + 1


def measured(app: Any, keys: Keys, viewer: Client, accept: str, **query: object) -> tuple[int, Received]:
    """Most bytes that Python held at once, numpy's included."""
    tracemalloc.start()
    try:
        received = ask(app, keys, viewer, accept, None, symbol="BTC", bar_size="1m", whole="true", **query)
        return tracemalloc.get_traced_memory()[1], received
    finally:
        tracemalloc.stop()


@pytest.mark.usefixtures("stored")
def test_the_whole_is_what_the_pages_are(viewer: Client) -> None:
    whole = viewer.get("bars/several", accept=ARROW, symbols="ETH,BTC", bar_size="1m", whole="true")
    assert "x-next-cursor" not in whole.headers
    found = pa.ipc.open_stream(whole.content).read_all()
    pages = pa.concat_tables(
        pa.ipc.open_stream(page).read_all() for page in _pages(viewer, symbols="ETH,BTC", bar_size="1m", limit=50_000)
    )
    assert found.num_rows == BARS + 100
    assert found.column("time").to_numpy().tolist() == pages.column("time").to_numpy().tolist()
    assert found.column("close").to_numpy().tolist() == pages.column("close").to_numpy().tolist()
    assert found.column("symbol").to_pylist() == ["ETH"] * 100 + ["BTC"] * BARS


def _pages(viewer: Client, **query: object) -> Iterator[bytes]:
    cursor: dict[str, str] = {}
    while True:
        answer = viewer.get("bars/several", accept=ARROW, **query, **cursor)
        assert answer.status == 200, answer.body
        yield answer.content
        if "x-next-cursor" not in answer.headers:
            return
        cursor = {"cursor": answer.headers["x-next-cursor"]}


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(
    ("query", "accept", "status", "said"),
    [
        ({"symbols": "ETH,NOPE"}, ARROW, 404, "NOPE"),
        ({"symbols": "ETH"}, "application/json", 422, "text/csv"),
        ({"symbols": "ETH", "cursor": "WyJFVEgiXQ"}, "text/csv", 422, "no cursor"),
        ({"symbols": "ETH", "end": "2019-01-01T00:00:00Z", "start": "2020-01-01T00:00:00Z"}, ARROW, 422, "end"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_sent(
    viewer: Client, query: dict[str, str], accept: str, status: int, said: str
) -> None:
    answer = viewer.get("bars/several", accept=accept, bar_size="1m", whole="true", **query)
    assert (answer.status, said in answer.error["message"]) == (status, True), answer.body


def test_a_function_that_cannot_stream_says_to_follow_the_cursor(
    services: Services, keys: Keys, viewer: Client, stored: TimeseriesDb
) -> None:
    app = create_app(replace(services, streams=False), keys.verifier())
    plain = Client(Gateway(http_handler(lambda: app)), viewer.headers)
    answer = plain.get("bars", accept="text/csv", symbol="ETH", bar_size="1m", whole="true")
    assert (answer.status, "X-Next-Cursor" in answer.error["message"]) == (422, True)


def test_an_answer_that_breaks_off_does_not_look_whole(services: Services, keys: Keys, viewer: Client) -> None:
    """The database is lost after the second page: the connection is cut, so that no client takes it for all."""

    class Lost(TimeseriesDb):
        reads = 0

        @contextmanager
        def one_moment(self, *_args: Any) -> Iterator[TimeseriesDb]:
            yield self

        def read_adjusted(self, *_args: Any, **_options: Any) -> BarColumns:
            self.reads += 1
            if self.reads > 2:
                raise Unavailable("the database did not answer")
            return minutes(50_000)

    app = create_app(replace(services, market_data=Lost(services.market_data._database)), keys.verifier())
    with pytest.raises(RuntimeError, match="response already started"):  # whoever serves the app then cuts the line
        ask(app, keys, viewer, "text/csv", symbol="ETH", bar_size="1m", whole="true")


def test_the_whole_is_of_one_moment(services: Services, keys: Keys, viewer: Client, stored: TimeseriesDb) -> None:
    """Three pages' bars are replaced, with other closes, once the first part has gone out."""

    class Changing(Received):
        texts: list[bytes]

        async def __call__(self, message: dict[str, Any]) -> None:
            await super().__call__(message)
            if len(self.parts) == 1:
                before = minutes(THREE_PAGES)
                prices = np.stack([getattr(before, name) + 500 for name in PRICES], axis=1)
                raised = BarColumns.of(before.time_us, prices, before.volume)
                await asyncio.to_thread(stored.store_bars, {1: raised}, BarSize.MINUTE_1, source="again")
            self.highest = max(self.highest, *(_closes(message.get("body", b"")) or [0.0]))

        highest = 0.0

    received = Changing()
    ask(create_app(services, keys.verifier()), keys, viewer, "text/csv", received, symbol="BTC", bar_size="1m",
        whole="true", end=(START + timedelta(minutes=THREE_PAGES)).isoformat())  # fmt: skip
    assert received.lines == THREE_PAGES + 1
    assert received.highest <= 101  # 100 + sin


def _closes(body: bytes) -> list[float]:
    rows = [line.split(",") for line in body.decode().splitlines()]
    return [float(row[5]) for row in rows if len(row) == 7 and row[0] == "BTC"]


@pytest.mark.usefixtures("stored")
def test_a_client_that_goes_away_leaves_its_connection_to_others(
    services: Services, keys: Keys, viewer: Client
) -> None:
    """More of them than may read at once."""
    app = create_app(services, keys.verifier())

    class Gone(Received):
        async def __call__(self, message: dict[str, Any]) -> None:
            await super().__call__(message)
            if len(self.parts) == 2:
                raise OSError("the client is gone")

    for _ in range(5):
        with suppress(Exception):  # whatever the server makes of it
            ask(app, keys, viewer, "text/csv", Gone(), symbol="BTC", bar_size="1m", whole="true")
    assert ask(app, keys, viewer, "text/csv", symbol="ETH", bar_size="1m", whole="true").lines == 101


def test_pages_end_where_the_next_begins(viewer: Client, stored: TimeseriesDb) -> None:
    first = viewer.get("bars", accept="text/csv", symbol="BTC", bar_size="1m", limit=50_000)
    lines = first.body.splitlines()
    assert len(lines) == 50_001
    assert lines[-1].startswith(f"BTC,{(START + timedelta(minutes=49_999)).isoformat().replace('+00:00', 'Z')}")
    second = viewer.get(
        "bars", accept="text/csv", symbol="BTC", bar_size="1m", limit=1, cursor=first.headers["x-next-cursor"]
    )
    assert second.body.splitlines()[1].startswith("BTC,2020-02-04T17:20:00Z")
