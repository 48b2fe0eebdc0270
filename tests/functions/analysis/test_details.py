"""What an answer tells beyond its links, over API Gateway events."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.errors import IntegrityConstraintViolation

from causeway.adapters.compute.local_jobs import LocalJobs
from causeway.adapters.storage.job_runs import JobRuns
from causeway.adapters.storage.job_store import JobStore
from causeway.adapters.storage.result_store import ResultStore
from causeway.model.answer import Answer
from causeway.model.job import JobState
from causeway.model.signal import Link
from causeway.web.lambda_handler import http_handler
from functions.analysis.app import create_app
from functions.analysis.routes.details import thinned_rows
from functions.analysis.services import Services
from tests.fixtures.analysis import store_market
from tests.fixtures.databases import Databases
from tests.fixtures.gateway import Gateway, Keys
from tests.unit.pipelines.questions import coupled_market, question

pytestmark = pytest.mark.postgres
JOBS = "/v1/analysis/jobs"
START = datetime(2020, 1, 6, tzinfo=UTC)
LINK = {
    "source": "K3A",
    "lag_profile": [{"lag_bars": 1, "te_nats": 0.04, "p": 0.001}, {"lag_bars": 2, "te_nats": 0.0, "p": 0.9}],
    "effective_lag": 1.2, "lag_interval": [1, 2], "linear_share": 0.75, "linear_coefficient": -0.3,
    "stability_time": 0.9, "stability_assets": 0.6, "needs": ["K3C"],
    "null": {"kind": "exact", "edges": [0.0, 0.01, 0.02], "counts": [900.0, 100.0], "observed": 0.04, "n": 1000},
    "local_te_nats": [0.5, -0.25, 0.125],
}  # fmt: skip
POWER = {"detectable_te_nats": 0.01, "detectable_r2": 0.02, "power": 0.8, "needed_p": 1e-4, "method": "noncentral F"}
TARGET = {
    "target": "K3B", "rows": [2, 3, 5], "ais_nats": 0.02, "ais_p": 0.3, "power": POWER, "stability_runs": 50,
    "links": [LINK], "own_lags": [1], "te_nats": 0.04, "omnibus_p": 0.001,
}  # fmt: skip
BARE = TARGET | {"target": "K3A", "links": [], "rows": []}
FOUND = {"source": "K3A", "target": "K3B", "lag_bars": 1, "lags": [1], "te_nats": 0.04, "p": 0.001, "q": 0.01,
         "coefficient": -0.3}  # fmt: skip
WINDOWS = {
    "window_bars": 3,
    "windows": [{"start": "2020-01-06T00:00:00Z", "end": "2020-01-08T00:00:00Z", "links": [FOUND, FOUND | {"q": 0.2}],
                 "skipped": ["K3C"]}],
}  # fmt: skip


@pytest.fixture
def answered(databases: Databases, user_factory: Callable[..., UUID]) -> Callable[..., tuple[UUID, UUID]]:
    """Stores an answer, and a job of a new user that it answers: (user, job)."""

    def store(**parts: Any) -> tuple[UUID, UUID]:
        histories = coupled_market()
        store_market(databases, histories)
        spec, user = question(histories), user_factory("viewer")
        job, runs = JobStore(databases.app).submit(user, "", spec, actor="t")["id"], JobRuns(databases.service)
        runs.claim("here", 60.0)
        runs.set_result(job, "r1")
        ResultStore(databases.service).add(answer_of(spec, **parts))
        runs.finish(job, JobState.SUCCEEDED, "done", runner="here")
        return user, job

    return store


def answer_of(spec: Any, **parts: Any) -> Answer:
    links = [Link("K3A", "K3B", 1, (1,), 0.04, 0.001, 0.01, -0.3), Link("K3C", "K3B", 2, (2,), 0.01, 0.01, 0.2)]
    return Answer("r1", spec, "d", "c", "e", {}, {}, links, [], 1, **parts)


def everything() -> dict[str, Any]:
    times = [START + timedelta(days=i) for i in range(6)]
    return {"times": times, "details": [BARE, TARGET], "windows": WINDOWS}


def gateway(databases: Databases, keys: Keys, user: UUID) -> Gateway:
    services = Services(JobStore(databases.app), ResultStore(databases.app), LocalJobs())
    return Gateway(http_handler(lambda: create_app(services, keys.verifier())), headers=keys.bearer(user, "viewer"))


def test_details_come_per_link_and_per_target(answered: Any, databases: Databases, keys: Keys) -> None:
    user, job = answered(**everything())
    found = gateway(databases, keys, user).get(f"{JOBS}/{job}/details").json
    apart = {name: value for name, value in LINK.items() if name != "local_te_nats"}
    assert found["links"] == [apart | {"target": "K3B", "lag_interval": {"low": 1, "high": 2}}]
    assert [target["target"] for target in found["targets"]] == ["K3A", "K3B"]
    assert found["targets"][1] == {name: value for name, value in TARGET.items() if name not in ("rows", "links")}


def test_tables_need_one_request(answered: Any, databases: Databases, keys: Keys) -> None:
    user, job = answered(**everything())
    first, second = gateway(databases, keys, user).get(f"{JOBS}/{job}/links").json
    inline = ("stability_time", "stability_assets", "linear_share", "effective_lag")
    assert [first[name] for name in inline] == [0.9, 0.6, 0.75, 1.2]
    assert [second[name] for name in inline] == [None] * 4  # kept, but without details


def test_local_values_stand_at_the_starts_of_their_bars(answered: Any, databases: Databases, keys: Keys) -> None:
    user, job = answered(**everything())
    local = gateway(databases, keys, user).get(f"{JOBS}/{job}/local", source="K3A", target="K3B").json
    assert local["times"] == ["2020-01-08T00:00:00Z", "2020-01-09T00:00:00Z", "2020-01-11T00:00:00Z"]
    assert local["te_nats"] == [0.5, -0.25, 0.125]
    assert (local["samples"], local["thinned"], local["mean_nats"]) == (3, False, 0.125)
    missing = gateway(databases, keys, user).get(f"{JOBS}/{job}/local", source="K3B", target="K3A")
    assert (missing.status, "K3B to K3A" in missing.body) == (404, True)


def test_windows_mark_what_is_significant(answered: Any, databases: Databases, keys: Keys) -> None:
    user, job = answered(**everything())
    found = gateway(databases, keys, user).get(f"{JOBS}/{job}/windows").json
    assert found["window_bars"] == 3
    assert [link["significant"] for link in found["windows"][0]["links"]] == [True, False]
    assert found["windows"][0]["skipped"] == ["K3C"]


def test_an_answer_of_an_older_version_has_no_details(answered: Any, databases: Databases, keys: Keys) -> None:
    user, job = answered()
    reader = gateway(databases, keys, user)
    assert reader.get(f"{JOBS}/{job}/details").json == {"job_id": str(job), "links": [], "targets": []}
    assert reader.get(f"{JOBS}/{job}/windows").json == {"window_bars": None, "windows": []}


@pytest.mark.parametrize("path", ["details", "local?source=K3A&target=K3B", "windows"])
def test_another_users_details_do_not_exist(
    answered: Any, databases: Databases, keys: Keys, user_factory: Callable[..., UUID], path: str
) -> None:
    _, job = answered(**everything())
    other = user_factory("viewer")
    name, _, query = path.partition("?")
    parts: dict[str, Any] = dict(part.split("=") for part in query.split("&")) if query else {}
    assert gateway(databases, keys, other).get(f"{JOBS}/{job}/{name}", **parts).status == 404
    with databases.app.transaction(user_id=other) as transaction:
        for table in ("result_times", "target_details", "link_details", "result_windows"):
            assert transaction.connection.execute(f"SELECT count(*) AS n FROM {table}".encode()).fetchone() == {"n": 0}


@pytest.mark.parametrize("table", ["result_times", "target_details", "link_details", "result_windows"])
def test_details_never_change(answered: Any, databases: Databases, table: str) -> None:
    answered(**everything())
    with psycopg.connect(databases.owner_url) as connection, pytest.raises(IntegrityConstraintViolation):
        connection.execute(f"UPDATE {table} SET result_id = 'r2'".encode())


@pytest.mark.parametrize("count", [0, 1, 10, 11, 997])
def test_thinning_keeps_every_extreme_and_the_order(count: int) -> None:
    values = [((i * 7919) % 1009) / 1009 for i in range(count)]
    kept = thinned_rows(values, 10)
    assert kept == sorted(set(kept))
    assert len(kept) == min(count, 10)
    if count:
        chosen = [values[i] for i in kept]
        assert (min(chosen), max(chosen)) == (min(values), max(values))
