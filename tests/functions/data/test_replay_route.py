"""POST /v1/data/replay: what it stores, whom it refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from causeway.adapters.storage.quote_store import QuoteStore
from causeway.web.lambda_handler import http_handler
from functions.data.app import create_app
from tests.fixtures.databases import Databases
from tests.fixtures.gateway import Answer, Gateway, Keys
from tests.fixtures.market_data import data_services

pytestmark = pytest.mark.postgres
Post = Callable[..., Answer]


@pytest.fixture
def post(databases: Databases, user_factory: Callable[[str], UUID], keys: Keys) -> Post:
    services = data_services(databases.app)
    gateway = Gateway(http_handler(lambda: create_app(services, keys.verifier())))

    def send(body: dict[str, Any], role: str = "trader") -> Answer:
        return gateway.post("/v1/data/replay", body, keys.bearer(user_factory(role), role))

    return send


@pytest.fixture
def one_bar(databases: Databases) -> None:
    with databases.owner.transaction() as transaction:
        transaction.connection.execute("INSERT INTO instruments (asset_class) VALUES ('equity')")
        transaction.connection.execute("INSERT INTO symbols (symbol, instrument_id) SELECT 'AAA', id FROM instruments")
        transaction.connection.execute(
            "INSERT INTO market_data (instrument_id, bar_size, time, open, high, low, close, volume, source) "
            "SELECT id, '1d', '2012-03-01', 1, 1, 1, 1, 1, 'test' FROM instruments"
        )


def test_a_start_is_noted_for_the_feed(post: Post, one_bar: None, databases: Databases) -> None:
    answer = post({"day": "2012-03-01", "speed": 390, "symbols": ["aaa"]})
    assert answer.status == 202
    assert answer.json["mode"] == "closed"  # as it stands before the feed obeys
    requested = QuoteStore(databases.service).clock().requested
    assert {name: requested[name] for name in ("action", "day", "speed", "symbols")} == {
        "action": "start",
        "day": "2012-03-01",
        "speed": 390.0,
        "symbols": ["AAA"],
    }


def test_a_stop_is_noted_for_the_feed(post: Post, databases: Databases) -> None:
    assert post({"action": "stop"}).status == 202
    assert QuoteStore(databases.service).clock().requested["action"] == "stop"


def test_an_analyst_may_not(post: Post, databases: Databases) -> None:
    assert post({"action": "stop"}, role="analyst").status == 403
    assert QuoteStore(databases.service).clock().requested == {}


@pytest.mark.parametrize(
    "body",
    [
        {"day": "2030-01-01"},
        {"day": "1950-01-01"},
        {"symbols": ["NOPE"]},
        {"symbols": ["AAA", "NOPE"], "day": "2012-03-01"},
        {"day": "not a day"},
        {"speed": 0},
        {"speed": -1},
        {"speed": 1e9},
        {"action": "rewind"},
        {"symbols": ["A\x00"]},
        {"unknown": 1},
    ],
)
def test_nonsense_is_refused_and_nothing_is_stored(
    post: Post, one_bar: None, databases: Databases, body: dict[str, Any]
) -> None:
    answer = post(body)
    assert answer.status == 422
    assert answer.error["code"] == "invalid_input"
    assert QuoteStore(databases.service).clock().requested == {}


def test_a_day_outside_the_data_is_answered_with_the_first_and_the_last(post: Post, one_bar: None) -> None:
    for day in ("1950-01-01", "2012-02-29", "2012-03-02"):
        error = post({"day": day, "symbols": ["aaa"]}).error
        assert error["message"].count("2012-03-01") == 2, error
        assert day in error["message"]


def test_unknown_symbols_are_named(post: Post, one_bar: None) -> None:
    error = post({"symbols": ["aaa", "nope", "none"]}).error
    assert "NOPE, NONE" in error["message"]
    assert "AAA" not in error["message"]


def test_without_bars_a_start_is_refused(post: Post) -> None:
    answer = post({})
    assert answer.status == 422
    assert "causeway ingest" in answer.error["message"]
