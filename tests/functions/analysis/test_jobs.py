"""/v1/analysis over API Gateway events: questions, jobs and answers."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from causeway.adapters.compute.local_jobs import LocalJobs
from causeway.adapters.storage.job_runs import JobRuns
from causeway.adapters.storage.job_store import JobStore
from causeway.adapters.storage.result_store import ResultStore
from causeway.errors import Unavailable
from causeway.market_data.known_market import known_market, null_market
from causeway.model.job import JobState, Stage
from causeway.pipelines.data_pipeline import History
from causeway.web.lambda_handler import http_handler
from functions.analysis.app import create_app
from functions.analysis.services import Services
from tests.fixtures.analysis import answer_here, store_market, work_here
from tests.fixtures.databases import Databases
from tests.fixtures.gateway import Gateway, Keys
from tests.unit.pipelines.questions import MemoryBlobs, coupled_market, question, rows_of

pytestmark = pytest.mark.postgres
MakeUser = Callable[..., UUID]
JOBS = "/v1/analysis/jobs"


def gateway_over(databases: Databases, keys: Keys, user: UUID, role: str = "analyst", runner: Any = None) -> Gateway:
    services = Services(JobStore(databases.app), ResultStore(databases.app), runner or LocalJobs())
    handler = http_handler(lambda: create_app(services, keys.verifier()))
    return Gateway(handler, headers=keys.bearer(user, role))


@pytest.fixture
def analyst(databases: Databases, keys: Keys, user_factory: MakeUser) -> Gateway:
    return gateway_over(databases, keys, user_factory("analyst"))


@pytest.fixture
def asked(databases: Databases) -> dict[str, Any]:
    """A stored market, and a question about it as a request."""
    histories = coupled_market()
    store_market(databases, histories)
    return {"name": "coupled", "spec": question(histories).as_json()}


def count_jobs(databases: Databases) -> int:
    with psycopg.connect(databases.owner_url) as connection:
        row = connection.execute("SELECT count(*) FROM jobs").fetchone()
    assert row is not None
    return int(row[0])


def test_a_question_becomes_a_job_and_an_answer(analyst: Gateway, asked: dict[str, Any], databases: Databases) -> None:
    made = analyst.post(JOBS, asked)
    assert made.status == 202
    job = made.json
    assert (job["state"], job["stage"], job["progress"], job["name"]) == ("queued", "validate", 0, "coupled")
    assert analyst.get(f"{JOBS}/{job['id']}/result").status == 404
    answer_here(work_here(databases, MemoryBlobs()))
    assert analyst.get(f"{JOBS}/{job['id']}").json["state"] == "succeeded"
    result = analyst.get(f"{JOBS}/{job['id']}/result").json
    assert result["spec"] == asked["spec"]
    assert result["symbols"] == asked["spec"]["symbols"]
    assert result["targets_tested"] == 4
    assert any(link["significant"] for link in result["links"])
    assert all(link["significant"] == (link["q"] < 0.05) for link in result["links"])
    assert result["evaluation"] == analyst.get(f"{JOBS}/{job['id']}/evaluation").json
    assert sum(abs(weight["weight"]) for weight in result["signal"]) <= 1


def test_every_link_of_an_answer_is_described(analyst: Gateway, asked: dict[str, Any], databases: Databases) -> None:
    rolling = {**asked["spec"]["inference"], "window_bars": 250, "stability_runs": 6}
    job = analyst.post(JOBS, {"spec": {**asked["spec"], "inference": rolling}}).json
    answer_here(work_here(databases, MemoryBlobs()))
    path = f"{JOBS}/{job['id']}"
    links, details = analyst.get(f"{path}/links").json, analyst.get(f"{path}/details").json
    assert [(link["source"], link["target"]) for link in details["links"]] == [
        (link["source"], link["target"]) for link in links
    ]
    assert all(0 <= link["stability_time"] <= 1 and link["linear_share"] == 1 for link in links)
    assert {target["stability_runs"] for target in details["targets"]} <= {0, 6}
    best = links[0]
    local = analyst.get(f"{path}/local", source=best["source"], target=best["target"]).json
    assert local["samples"] == analyst.get(f"{path}/result").json["samples"]
    # The mean of the local values is the transfer entropy (Lizier 2014, equation 9).
    assert local["mean_nats"] == pytest.approx(best["te_nats"], rel=1e-4)
    windows = analyst.get(f"{path}/windows").json
    assert windows["window_bars"] == 250
    assert any(link["significant"] for window in windows["windows"] for link in window["links"])


def test_links_are_filtered_and_exported(analyst: Gateway, asked: dict[str, Any], databases: Databases) -> None:
    job = analyst.post(JOBS, asked).json
    answer_here(work_here(databases, MemoryBlobs()))
    links = analyst.get(f"{JOBS}/{job['id']}/links", max_q=0.01).json
    assert links
    assert all(link["q"] <= 0.01 for link in links)
    exported = analyst.get(f"{JOBS}/{job['id']}/links.csv", max_q=0.01)
    assert exported.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(exported.body)))
    assert [(row["source"], row["target"], float(row["te_nats"])) for row in rows] == [
        (link["source"], link["target"], link["te_nats"]) for link in links
    ]


def test_the_known_market_comes_with_its_truth(analyst: Gateway, databases: Databases) -> None:
    market = known_market(seed=3)
    histories = {symbol: History(rows_of(bars, slice(1300, None))) for symbol, bars in market.bars.items()}
    store_market(databases, histories)
    job = analyst.post(JOBS, {"spec": question(histories).as_json()}).json
    answer_here(work_here(databases, MemoryBlobs()))
    assert analyst.get(f"{JOBS}/{job['id']}/result").json["truth"] == market.truth_as_json()["links"]


def test_a_market_without_links_is_answered_honestly(analyst: Gateway, databases: Databases) -> None:
    histories = {symbol: History(bars) for symbol, bars in null_market(4, 700, seed=5).bars.items()}
    store_market(databases, histories)
    job = analyst.post(JOBS, {"spec": question(histories).as_json()}).json
    answer_here(work_here(databases, MemoryBlobs()))
    result = analyst.get(f"{JOBS}/{job['id']}/result").json
    assert (result["evaluation"]["verdict"], result["evaluation"]["tradable"]) == ("no_links", False)
    assert (result["signal"], result["truth"]) == ([], None)
    assert not any(link["significant"] for link in result["links"])


@pytest.mark.parametrize(
    ("change", "status", "named"),
    [
        ({"symbols": ["K3A", "NOBODY"]}, 422, "NOBODY"),
        ({"symbols": ["K3A", "k3a"]}, 422, "K3A"),
        ({"symbols": ["K3A"]}, 422, "symbols"),
        ({"end": "2009-01-01T00:00:00Z"}, 422, "end must be after start"),
        ({"train_end": "1999-01-01T00:00:00Z"}, 422, "train_end"),
        ({"start": "1990-01-01T00:00:00Z", "train_end": "1991-01-01T00:00:00Z", "end": "1992-01-01T00:00:00Z"},
         422, "no 1d bars"),
        ({"start": "2012-05-01T00:00:00Z"}, 422, "are needed"),
        ({"start": "2010-06-01T00:00:00"}, 422, "time zone"),
        ({"start": "0001-01-01T00:00:00+23:59"}, 422, "years"),
        ({"end": "9999-12-31T23:59:59-23:59"}, 422, "years"),
        ({"symbols": ["K3A", "K3\x00"]}, 422, "symbols"),
        ({"estimator": "magic"}, 422, "estimator"),
        ({"surprise": 1}, 422, "surprise"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_and_stores_nothing(
    analyst: Gateway, asked: dict[str, Any], databases: Databases, change: dict[str, Any], status: int, named: str
) -> None:
    answer = analyst.post(JOBS, {**asked, "spec": {**asked["spec"], **change}})
    assert answer.status == status
    assert named in answer.body
    assert count_jobs(databases) == 0


def test_a_queued_job_is_cancelled_at_once_and_can_be_retried(analyst: Gateway, asked: dict[str, Any]) -> None:
    job = analyst.post(JOBS, asked).json
    cancelled = analyst.post(f"{JOBS}/{job['id']}/cancel")
    assert (cancelled.status, cancelled.json["state"]) == (202, "cancelled")
    assert analyst.post(f"{JOBS}/{job['id']}/cancel").status == 202
    again = analyst.post(f"{JOBS}/{job['id']}/retry")
    assert (again.status, again.json["state"], again.json["finished_at"]) == (202, "queued", None)
    assert analyst.post(f"{JOBS}/{job['id']}/retry").status == 409


def test_a_running_job_says_that_it_is_cancelling_and_how_long_it_may_take(
    analyst: Gateway, asked: dict[str, Any], databases: Databases
) -> None:
    job, runs = analyst.post(JOBS, asked).json, JobRuns(databases.service)
    runs.claim("here", 60.0)
    runs.progress(UUID(job["id"]), Stage.SHARDS, 0.5, "2 of 4 targets")
    assert analyst.get(f"{JOBS}/{job['id']}").json["eta_s"] >= 0
    cancelling = analyst.post(f"{JOBS}/{job['id']}/cancel").json
    assert (cancelling["state"], cancelling["message"]) == ("running", "cancelling")
    assert runs.heartbeat(UUID(job["id"]), "here") is True


def test_a_finished_job_can_neither_be_cancelled_nor_retried(
    analyst: Gateway, asked: dict[str, Any], databases: Databases
) -> None:
    job, runs = analyst.post(JOBS, asked).json, JobRuns(databases.service)
    runs.claim("here", 60.0)
    runs.finish(UUID(job["id"]), JobState.SUCCEEDED, "done", runner="here")
    assert analyst.post(f"{JOBS}/{job['id']}/cancel").status == 409
    assert analyst.post(f"{JOBS}/{job['id']}/retry").status == 409


def test_a_job_belongs_to_its_user(
    analyst: Gateway, asked: dict[str, Any], databases: Databases, keys: Keys, user_factory: MakeUser
) -> None:
    job = analyst.post(JOBS, asked).json
    answer_here(work_here(databases, MemoryBlobs()))
    other = gateway_over(databases, keys, user_factory("admin"), "admin")
    for path in ("", "/result", "/links", "/links.csv", "/evaluation"):
        assert other.get(f"{JOBS}/{job['id']}{path}").status == 404
    for action in ("cancel", "retry"):
        assert other.post(f"{JOBS}/{job['id']}/{action}").status == 404
    assert other.get(JOBS).json["items"] == []


def test_a_viewer_reads_and_does_not_ask(
    databases: Databases, asked: dict[str, Any], keys: Keys, user_factory: MakeUser
) -> None:
    viewer = gateway_over(databases, keys, user_factory("viewer"), "viewer")
    assert viewer.get(JOBS).status == 200
    for path in (JOBS, f"{JOBS}/{uuid4()}/cancel", f"{JOBS}/{uuid4()}/retry"):
        assert viewer.post(path, asked).status == 403
    assert Gateway(viewer.handler).get(JOBS).status == 401


def test_pages_hold_every_job_once(analyst: Gateway, asked: dict[str, Any]) -> None:
    made = [analyst.post(JOBS, asked).json["id"] for _ in range(5)]
    seen, cursor = [], None
    while True:
        page = analyst.get(JOBS, limit=2, cursor=cursor).json
        seen += [job["id"] for job in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == made[::-1]
    assert analyst.get(JOBS, state="running").json["items"] == []
    assert analyst.get(JOBS, cursor="nonsense").status == 422


def test_every_change_of_state_is_audited_in_the_users_chain(
    analyst: Gateway, asked: dict[str, Any], databases: Databases
) -> None:
    job = analyst.post(JOBS, asked).json
    analyst.post(f"{JOBS}/{job['id']}/cancel")
    analyst.post(f"{JOBS}/{job['id']}/retry")
    answer_here(work_here(databases, MemoryBlobs()))
    with psycopg.connect(databases.owner_url) as connection:
        rows = connection.execute("SELECT action, audit_first_broken(chain) FROM audit_log ORDER BY seq").fetchall()
    actions = ["job.submitted", "job.cancel_requested", "job.retried", "job.started", "job.succeeded"]
    assert rows == [(action, None) for action in actions]


def test_a_stored_question_is_shown_whatever_is_asked_of_new_ones(
    analyst: Gateway, asked: dict[str, Any], databases: Databases
) -> None:
    """A later version may refuse what an earlier one took; the list of jobs must not fail for it."""
    job = analyst.post(JOBS, asked).json
    with psycopg.connect(databases.owner_url, autocommit=True) as connection:
        connection.execute(
            """UPDATE jobs SET spec = spec || '{"start": "0001-01-01T00:00:00Z", "max_lag": 0, "old": 1}'"""
        )
    shown = analyst.get(JOBS).json["items"]
    assert [(item["id"], item["spec"]["start"]) for item in shown] == [(job["id"], "0001-01-01T00:00:00Z")]


def test_a_job_that_cannot_be_started_does_not_wait_for_ever(
    asked: dict[str, Any], databases: Databases, keys: Keys, user_factory: MakeUser
) -> None:
    class Down:
        def submit(self, job_id: UUID) -> None:
            raise Unavailable("the analysis could not be started")

    analyst = gateway_over(databases, keys, user_factory("analyst"), runner=Down())
    assert analyst.post(JOBS, asked).status == 503
    assert [job["state"] for job in analyst.get(JOBS).json["items"]] == ["cancelled"]
