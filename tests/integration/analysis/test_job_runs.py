"""Running jobs as workers see them: wake-ups, ownership, and the SQL on PostgreSQL 15."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from causeway.adapters.storage.job_runs import JobRuns
from causeway.model.job import JobState, Stage
from tests.fixtures.analysis import answer_here, store_market, submit, work_here
from tests.fixtures.databases import Databases
from tests.unit.pipelines.questions import MemoryBlobs, coupled_market, question

pytestmark = pytest.mark.postgres


class Heard:
    """An event bus that remembers."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, dict[str, Any]]] = []

    def publish(self, channel: str, message: dict[str, Any]) -> None:
        self.messages.append((channel, message))

    def listen(self, patterns: Any, timeout_s: float) -> Any:
        raise NotImplementedError


def test_every_change_wakes_the_jobs_user(databases: Databases, user_factory: Callable[..., UUID]) -> None:
    histories, user, bus = coupled_market(), user_factory("analyst"), Heard()
    job = submit(databases, user, question(histories))
    runs = JobRuns(databases.service, bus)
    runs.claim("one", 60.0)
    runs.progress(job, Stage.SHARDS, 0.5, "half")
    runs.finish(job, JobState.SUCCEEDED, "done", runner="one")
    assert {channel for channel, _ in bus.messages} == {f"jobs:{user}"}
    assert [message["state"] for _, message in bus.messages] == ["running", "running", "succeeded"]
    assert all(message["type"] == "job" and message["job_id"] == str(job) for _, message in bus.messages)


def test_only_the_owner_of_a_job_may_end_it(databases: Databases, user_factory: Callable[..., UUID]) -> None:
    job = submit(databases, user_factory("analyst"), question(coupled_market()))
    runs = JobRuns(databases.service)
    assert runs.claim("one", 60.0) is not None
    assert runs.claim("two", 60.0) is None
    assert runs.heartbeat(job, "two") is None
    assert not runs.finish(job, JobState.FAILED, "no", runner="two")
    taken = runs.claim("two", -1.0)  # as if the first had been silent for longer than allowed
    assert taken is not None
    assert not runs.finish(job, JobState.SUCCEEDED, "late", runner="one")
    assert runs.finish(job, JobState.SUCCEEDED, "done", runner="two")


def test_the_whole_way_on_postgresql_15(databases_15: Databases) -> None:
    histories, user = coupled_market(), uuid4()
    with psycopg.connect(databases_15.owner_url) as connection:
        connection.execute(
            "INSERT INTO users (id, email, password_hash, role) VALUES (%s, 'a@example.test', 'none', 'analyst')",
            [user],
        )
    store_market(databases_15, histories)
    job = submit(databases_15, user, question(histories))
    answer_here(work_here(databases_15, MemoryBlobs()))
    assert JobRuns(databases_15.service).read(job)["state"] == "succeeded"
