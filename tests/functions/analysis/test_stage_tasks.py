"""Stages of the state machine as the function runs them: an execution ends its own job and nobody else's."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from causeway.adapters.storage.job_runs import JobRuns
from causeway.adapters.storage.job_store import JobStore
from causeway.errors import Conflict
from functions.analysis.stage_tasks import run_stage
from tests.fixtures.analysis import store_market
from tests.fixtures.databases import Databases
from tests.unit.pipelines.questions import coupled_market, question

pytestmark = pytest.mark.postgres


@pytest.fixture
def runs(databases: Databases) -> JobRuns:
    return JobRuns(databases.service)


@pytest.fixture
def job(databases: Databases, user_factory: Callable[..., UUID]) -> str:
    histories = coupled_market()
    store_market(databases, histories)
    row = JobStore(databases.app).submit(user_factory("analyst"), "", question(histories), actor="a@example.org")
    return str(row["id"])


def event(stage: str, job: str, execution: str, **more: Any) -> dict[str, Any]:
    return {"stage": stage, "job_id": job, "execution": execution, **more}


def test_a_second_execution_neither_takes_nor_ends_the_job(runs: JobRuns, job: str) -> None:
    """A job that was cancelled and retried before its first execution began has two."""
    run_stage(event("validate", job, "first"), runs)
    with pytest.raises(Conflict):
        run_stage(event("validate", job, "second"), runs)
    run_stage(event("failed", job, "second", cause={"Error": "Conflict"}), runs)
    assert runs.read(UUID(job))["state"] == "running"
    run_stage(event("succeeded", job, "first"), runs)
    assert runs.read(UUID(job))["state"] == "succeeded"


def test_a_job_that_never_began_fails_instead_of_waiting_for_ever(runs: JobRuns, job: str) -> None:
    run_stage(event("failed", job, "first", cause={"Error": "States.Timeout"}), runs)
    found = runs.read(UUID(job))
    assert (found["state"], found["error"]["code"]) == ("failed", "unavailable")
    assert "States.Timeout" in found["error"]["message"]


def test_an_execution_that_died_is_told_by_its_input(runs: JobRuns, job: str) -> None:
    """EventBridge knows an execution's name and its input as text, and nothing of the job."""
    run_stage(event("validate", job, "first"), runs)
    told = {
        "stage": "failed",
        "execution": "first",
        "input": json.dumps({"job_id": job}),
        "cause": {"Error": "TIMED_OUT"},
    }
    run_stage(told, runs)
    found = runs.read(UUID(job))
    assert (found["state"], "TIMED_OUT" in found["error"]["message"]) == ("failed", True)
