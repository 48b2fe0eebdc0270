"""POST /v1/analysis/estimate: what a question would cost and could show, from counts; nothing is stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest

from causeway.adapters.compute.local_jobs import LocalJobs
from causeway.adapters.storage.job_store import JobStore
from causeway.adapters.storage.result_store import ResultStore
from causeway.pipelines.cost_model import Machine
from causeway.web.lambda_handler import http_handler
from functions.analysis.app import create_app
from functions.analysis.services import Services
from tests.fixtures.analysis import store_market
from tests.fixtures.databases import Databases
from tests.fixtures.gateway import Gateway, Keys
from tests.unit.pipelines.questions import coupled_market, question

pytestmark = pytest.mark.postgres
ESTIMATE = "/v1/analysis/estimate"
MACHINE = Machine(workers=3, is_here=False, usd_per_vcpu_hour=0.05)


@pytest.fixture
def analyst(databases: Databases, keys: Keys, user_factory: Callable[..., UUID]) -> Gateway:
    services = Services(JobStore(databases.app), ResultStore(databases.app), LocalJobs(), MACHINE)
    handler = http_handler(lambda: create_app(services, keys.verifier()))
    return Gateway(handler, headers=keys.bearer(user_factory("analyst"), "analyst"))


@pytest.fixture
def spec(databases: Databases) -> dict[str, Any]:
    histories = coupled_market()
    store_market(databases, histories)
    return question(histories).as_json()


def test_a_question_is_estimated_and_nothing_is_stored(
    analyst: Gateway, spec: dict[str, Any], databases: Databases
) -> None:
    answer = analyst.post(ESTIMATE, {"spec": spec})
    assert answer.status == 200
    found = answer.json
    assert (found["targets"], found["tests"], found["workers"], found["usd_per_vcpu_hour"]) == (4, 12, 3, 0.05)
    assert found["samples"] == 500 - 1 - 5
    assert 0 < found["cpu_s"] < 60
    assert found["can_be_significant"]
    with psycopg.connect(databases.owner_url) as connection:
        assert connection.execute("SELECT count(*) FROM jobs").fetchone() == (0,)


def test_more_work_costs_more_and_more_tests_show_less(analyst: Gateway, spec: dict[str, Any]) -> None:
    plain = analyst.post(ESTIMATE, {"spec": spec}).json
    resampled = {**spec, "inference": {**spec["inference"], "stability_runs": 400}}
    assert analyst.post(ESTIMATE, {"spec": resampled}).json["cpu_s"] > 1.5 * plain["cpu_s"]
    fewer = analyst.post(ESTIMATE, {"spec": {**spec, "symbols": spec["symbols"][:2]}}).json
    assert fewer["needed_p"] > plain["needed_p"]
    assert fewer["detectable_te_nats"] < plain["detectable_te_nats"]


def test_what_is_conditioned_on_is_no_target(analyst: Gateway, spec: dict[str, Any]) -> None:
    driven = {**spec, "inference": {**spec["inference"], "condition_on": spec["symbols"][:1]}}
    found = analyst.post(ESTIMATE, {"spec": driven}).json
    assert (found["targets"], found["tests"]) == (3, 6)


def test_the_installed_idtxl_is_not_predicted(analyst: Gateway, spec: dict[str, Any]) -> None:
    found = analyst.post(ESTIMATE, {"spec": {**spec, "inference": {**spec["inference"], "engine": "idtxl"}}}).json
    assert [found[name] for name in ("cpu_s", "wall_s", "aws_usd", "spread")] == [None] * 4
    assert found["tests"] == 12


def test_a_question_that_cannot_be_answered_is_refused_as_a_job_is(analyst: Gateway, spec: dict[str, Any]) -> None:
    refused = [analyst.post(path, {"spec": {**spec, "symbols": ["K3A", "NOBODY"]}})
               for path in (ESTIMATE, "/v1/analysis/jobs")]  # fmt: skip
    assert [answer.status for answer in refused] == [422, 422]
    assert refused[0].error["message"] == refused[1].error["message"]
