"""Two answers side by side, over API Gateway events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from causeway.adapters.compute.local_jobs import LocalJobs
from causeway.adapters.storage.job_runs import JobRuns
from causeway.adapters.storage.job_store import JobStore
from causeway.adapters.storage.result_store import ResultStore
from causeway.model.answer import Answer
from causeway.model.job import AnalysisSpec, JobState
from causeway.model.signal import Link
from causeway.web.lambda_handler import http_handler
from functions.analysis.app import create_app
from functions.analysis.services import Services
from tests.fixtures.analysis import store_market
from tests.fixtures.databases import Databases
from tests.fixtures.gateway import Answer as Response
from tests.fixtures.gateway import Gateway, Keys
from tests.unit.pipelines.questions import coupled_market, question

pytestmark = pytest.mark.postgres
FIRST = [Link("K3A", "K3B", 1, (1,), 0.04, 0.001, 0.01, -0.3), Link("K3C", "K3B", 2, (2,), 0.01, 0.01, 0.2)]
SECOND = [Link("K3A", "K3B", 2, (1, 2), 0.06, 0.001, 0.02, -0.3)]
SUMMARY = {"symbols": ["K3A", "K3B", "K3C", "K3D"]}
EVALUATION = {
    "verdict": "distinguishable", "start": "2021-06-01T00:00:00Z", "end": "2022-01-03T00:00:00Z", "bars": 150,
    "sharpe": 1.5, "sharpe_interval_95": {"low": 0.1, "high": 2.9}, "total_return": 0.1, "max_drawdown": -0.05,
    "turnover_per_bar": 0.2, "equity": [],
}  # fmt: skip


@pytest.fixture
def market(databases: Databases) -> Callable[..., AnalysisSpec]:
    """Questions about a stored market."""
    histories = coupled_market()
    store_market(databases, histories)
    return lambda **changes: question(histories, **changes)


def answered(databases: Databases, user: UUID, spec: AnalysisSpec, links: list[Link], **parts: Any) -> UUID:
    """A job of the user, and its stored answer."""
    job: UUID = JobStore(databases.app).submit(user, f"seed {spec.seed}", spec, actor="t")["id"]
    runs, found = JobRuns(databases.service), uuid4().hex
    runs.claim("here", 60.0)
    runs.set_result(job, found)
    told = {"summary": {}, "evaluation": {}, "data_hash": "d"} | parts
    answer = Answer(
        result_id=found, spec=spec, code_version="c", engine_version="e", links=links, weights=[],
        processing_time_ms=1, **told,
    )  # fmt: skip
    ResultStore(databases.service).add(answer)
    runs.finish(job, JobState.SUCCEEDED, "done", runner="here")
    return job


def asked(databases: Databases, keys: Keys, user: UUID, a: UUID, b: UUID) -> Response:
    services = Services(JobStore(databases.app), ResultStore(databases.app), LocalJobs())
    reader = Gateway(http_handler(lambda: create_app(services, keys.verifier())), headers=keys.bearer(user, "viewer"))
    return reader.get("/v1/analysis/compare", a=str(a), b=str(b))


def test_two_answers_stand_side_by_side(
    databases: Databases, keys: Keys, user_factory: Callable[..., UUID], market: Callable[..., AnalysisSpec]
) -> None:
    user = user_factory("viewer")
    a = answered(databases, user, market(), FIRST, summary=SUMMARY | {"samples": 498}, evaluation=EVALUATION)
    b = answered(databases, user, market(seed=2, max_lag=3), SECOND, data_hash="d2", summary=SUMMARY)
    found = asked(databases, keys, user, a, b).json
    assert (found["a"]["job_id"], found["b"]["name"], found["data"]) == (str(a), "seed 2", "other")
    assert (found["a"]["samples"], found["b"]["samples"], found["b"]["evaluation"]) == (498, None, None)
    assert found["a"]["evaluation"]["sharpe_interval_95"] == {"low": 0.1, "high": 2.9}
    assert [(one["field"], one["a"], one["b"]) for one in found["question"]] == [("max_lag", 5, 3), ("seed", 1, 2)]
    kept, dropped = found["links"]
    assert (kept["found"], kept["changes"], kept["te_ratio"]) == ("both", ["lag"], pytest.approx(1.5))
    assert (kept["a"]["lags"], kept["b"]["lags"], kept["b"]["significant"]) == ([1], [1, 2], True)
    assert (dropped["source"], dropped["found"], dropped["b"]) == ("K3C", "neither", None)
    assert found["overlap"] == {
        "pairs": 12, "found_a": 1, "found_b": 1, "shared": 1, "jaccard": 1.0, "expected_shared": 1 / 12, "same_lag": 0,
    }  # fmt: skip


def test_both_answers_must_be_ones_own(
    databases: Databases, keys: Keys, user_factory: Callable[..., UUID], market: Callable[..., AnalysisSpec]
) -> None:
    owner, other = user_factory("viewer"), user_factory("analyst")
    theirs, mine = answered(databases, owner, market(), FIRST), answered(databases, other, market(), SECOND)
    for a, b in ((theirs, mine), (mine, theirs)):
        refused = asked(databases, keys, other, a, b)
        assert (refused.status, str(theirs) in refused.error["message"]) == (404, True)


def test_a_job_without_an_answer_has_nothing_to_compare(
    databases: Databases, keys: Keys, user_factory: Callable[..., UUID], market: Callable[..., AnalysisSpec]
) -> None:
    user = user_factory("viewer")
    done = answered(databases, user, market(), FIRST)
    waiting = JobStore(databases.app).submit(user, "", market(seed=2), actor="t")["id"]
    refused = asked(databases, keys, user, done, waiting)
    assert (refused.status, "has no result yet" in refused.error["message"]) == (404, True)


def test_what_is_no_id_is_refused(databases: Databases, keys: Keys, user_factory: Callable[..., UUID]) -> None:
    refused = asked(databases, keys, user_factory("viewer"), "x", uuid4())  # type: ignore[arg-type]  # on purpose
    assert refused.status == 422
