"""/v1/data/fetches over API Gateway events: ask, follow, cancel, try again; and what bad input gets."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import get_args
from uuid import UUID, uuid4

import pytest

from causeway.adapters.feeds.wiring import PROVIDERS
from causeway.adapters.storage.fetch_runs import FetchRuns
from causeway.cli.parameters import PROVIDERS as OF_THE_COMMAND_LINE
from causeway.errors import Unavailable
from causeway.web.lambda_handler import http_handler
from containers.ingest.runner import IngestRunner, Pace
from functions.data.app import create_app
from functions.data.fetch_schemas import ProviderName
from tests.fixtures.databases import Databases
from tests.fixtures.gateway import Answer, Gateway, Keys
from tests.fixtures.market_data import data_services
from tests.integration.ingest.fetching import SESSIONS_2024, ScriptedFeed

pytestmark = pytest.mark.postgres
ASKED = {"symbols": ["aapl", "NOPE"], "start": "2024-01-01T00:00:00Z", "end": "2025-01-01T00:00:00Z"}


class Started:
    """A JobRunner that notes what it was handed; ``refuses`` like Batch when it is throttled."""

    def __init__(self) -> None:
        self.handed: list[UUID] = []
        self.refuses = False

    def submit(self, job_id: UUID) -> None:
        if self.refuses:
            raise Unavailable("the fetch could not be started: throttled", retry_after_s=5.0)
        self.handed.append(job_id)

    def cancel(self, job_id: UUID) -> None:
        return None


@pytest.fixture
def started() -> Started:
    return Started()


@pytest.fixture
def ask(databases: Databases, keys: Keys, user_factory: Callable[..., UUID], started: Started) -> Callable[..., Answer]:
    services = replace(data_services(databases.app), runner=started)
    gateway = Gateway(http_handler(lambda: create_app(services, keys.verifier())))
    users = {role: keys.bearer(user_factory(role), role) for role in ("analyst", "viewer")}

    def send(method: str, path: str = "", body: object = None, *, role: str = "analyst") -> Answer:
        where = f"/v1/data/fetches{path}"
        return gateway.get(where, users[role]) if method == "GET" else gateway.post(where, body, users[role])

    return send


def run(databases: Databases) -> None:
    pace = Pace(idle_s=0.01, heartbeat_s=0.02)
    runner = IngestRunner(FetchRuns(databases.service), lambda _: ScriptedFeed(), symbols_at_once=2, pace=pace)
    assert runner.run_one(threading.Event())


def test_a_fetch_is_queued_followed_and_retried(
    ask: Callable[..., Answer], started: Started, databases: Databases
) -> None:
    answer = ask("POST", body=ASKED)
    assert answer.status == 202, answer.body
    queued = answer.json
    assert (queued["state"], queued["symbols_total"], queued["progress"]) == ("queued", 2, 0)
    assert queued["first_symbols"] == ["AAPL", "NOPE"]
    assert (queued["spec"]["bar_size"], queued["spec"]["check_against"]) == ("1d", [])
    assert started.handed == [UUID(queued["id"])]
    run(databases)
    found = ask("GET", f"/{queued['id']}").json
    assert (found["state"], found["symbols_done"], found["symbols_failed"]) == ("partly", 1, 1)
    assert found["rows_inserted"] == SESSIONS_2024
    assert [(one["symbol"], one["state"]) for one in found["symbols"]] == [("AAPL", "succeeded"), ("NOPE", "failed")]
    assert found["symbols"][0]["sources"] == ["scripted"]
    assert found["symbols"][1]["error"]["code"] == "not_found"
    again = ask("POST", f"/{queued['id']}/retry").json
    assert (again["retry_of"], again["symbols_total"]) == (queued["id"], 1)
    assert [one["id"] for one in ask("GET").json["items"]] == [again["id"], queued["id"]]


def test_providers_to_check_against_are_kept_and_at_most_two(ask: Callable[..., Answer]) -> None:
    answer = ask("POST", body={**ASKED, "check_against": ["alphavantage", "yahoo"]})
    assert answer.json["spec"]["check_against"] == ["alphavantage", "yahoo"]
    refused = ask("POST", body={**ASKED, "check_against": ["alphavantage", "yahoo", "alpaca"]})
    assert (refused.status, "check_against" in refused.body) == (422, True)


def test_a_queued_fetch_is_cancelled_once_and_stays_cancelled(ask: Callable[..., Answer]) -> None:
    fetch_id = ask("POST", body=ASKED).json["id"]
    assert ask("POST", f"/{fetch_id}/cancel").json["state"] == "cancelled"
    assert ask("POST", f"/{fetch_id}/cancel").json["state"] == "cancelled"
    assert {one["state"] for one in ask("GET", f"/{fetch_id}").json["symbols"]} == {"cancelled"}


def test_a_fetch_that_cannot_be_started_is_not_left_waiting(ask: Callable[..., Answer], started: Started) -> None:
    started.refuses = True
    assert ask("POST", body=ASKED).status == 503
    assert [one["state"] for one in ask("GET").json["items"]] == ["cancelled"]


def test_without_symbols_there_must_be_some_stored(ask: Callable[..., Answer], databases: Databases) -> None:
    answer = ask("POST", body={"start": "2024-01-01T00:00:00Z"})
    assert (answer.status, answer.json["error"]["details"]) == (422, {"field": "symbols"})
    ask("POST", body=ASKED)
    run(databases)
    assert ask("POST", body={"start": "2024-01-01T00:00:00Z"}).json["symbols_total"] == 1


def test_a_class_that_was_not_given_is_left_to_the_provider_and_the_symbol(ask: Callable[..., Answer]) -> None:
    assert [ask("POST", body=ASKED | given).json["spec"]["asset_class"] for given in ({}, {"asset_class": "fx"})] == [
        "",
        "fx",
    ]
    unknown = ask("POST", body=ASKED | {"exchange": "NYSE"})
    assert (unknown.status, "causeway symbols exchanges" in unknown.body) == (422, True)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"start": None}, "start"),
        ({"end": "2023-01-01T00:00:00Z"}, "end must be after start"),
        ({"symbols": []}, "symbols"),
        ({"symbols": ["A B"]}, "symbols"),
        ({"bar_size": "2d"}, "bar_size"),
        ({"providers": ["bloomberg"]}, "providers"),
        ({"asset_class": "synthetic"}, "asset_class"),
        ({"asset_class": "fx", "exchange": "XLON"}, "exchange"),
        ({"colour": 1}, "colour"),
    ],
)
def test_bad_input_is_refused_by_field(ask: Callable[..., Answer], change: dict[str, object], named: str) -> None:
    answer = ask("POST", body=ASKED | change)
    assert answer.status == 422
    assert named in answer.body


def test_a_viewer_may_look_and_not_ask(ask: Callable[..., Answer]) -> None:
    fetch_id = ask("POST", body=ASKED).json["id"]
    assert ask("POST", body=ASKED, role="viewer").status == 403
    assert ask("POST", f"/{fetch_id}/cancel", role="viewer").status == 403
    assert ask("GET", role="viewer").json["items"] == []
    assert ask("GET", f"/{fetch_id}", role="viewer").status == 404
    assert ask("GET", f"/{uuid4()}").status == 404


def test_the_providers_on_the_wire_and_of_the_command_line_are_those_that_there_are() -> None:
    assert set(get_args(ProviderName)) == set(OF_THE_COMMAND_LINE) == set(PROVIDERS)
