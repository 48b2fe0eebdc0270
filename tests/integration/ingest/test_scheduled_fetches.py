"""Schedules against a real database: one fetch for a session, whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from causeway.adapters.storage.fetch_runs import FetchRuns
from causeway.errors import NotFound, Unavailable
from causeway.pipelines.schedules import load_schedules
from containers.ingest.scheduler import Scheduler
from functions.ingest.planner import Planner
from tests.fixtures.databases import Databases

pytestmark = pytest.mark.postgres
FRIDAY_EVENING = datetime(2024, 7, 12, 23, 0, tzinfo=UTC)
DAILY = replace(load_schedules()[0], symbols=("AAPL", "MSFT"))


class Started:
    """A JobRunner that notes what it was handed."""

    def __init__(self, failures: int = 0) -> None:
        self.handed: list[UUID] = []
        self._failures = failures

    def submit(self, job_id: UUID) -> None:
        if self._failures:
            self._failures -= 1
            raise Unavailable("throttled")
        self.handed.append(job_id)

    def cancel(self, job_id: UUID) -> None:
        return None


def queued(databases: Databases) -> list[tuple[Any, ...]]:
    with psycopg.connect(databases.owner_url) as connection:
        return connection.execute(
            "SELECT schedule, session::text, state, (SELECT count(*) FROM fetch_symbols WHERE job_id = id) "
            "FROM fetch_jobs ORDER BY session"
        ).fetchall()


@pytest.fixture
def runs(databases: Databases) -> FetchRuns:
    return FetchRuns(databases.service)


@pytest.fixture
def admin(user_factory: Callable[..., UUID]) -> UUID:
    return user_factory("admin")


def at(moment: datetime, runs: FetchRuns) -> Scheduler:
    return Scheduler(runs, [DAILY], now=lambda: moment)


@pytest.mark.usefixtures("admin")
def test_a_session_is_asked_for_once_however_often_it_looks(databases: Databases, runs: FetchRuns) -> None:
    for minutes in range(3):
        at(FRIDAY_EVENING + timedelta(minutes=minutes), runs).look()
    assert queued(databases) == [("us-daily", "2024-07-12", "queued", 2)]


@pytest.mark.usefixtures("admin")
def test_a_weekend_asks_for_nothing_new_and_downtime_is_caught_up(databases: Databases, runs: FetchRuns) -> None:
    at(FRIDAY_EVENING, runs).look()
    at(FRIDAY_EVENING + timedelta(days=1), runs).look()
    at(FRIDAY_EVENING + timedelta(days=2), runs).look()
    assert len(queued(databases)) == 1
    at(FRIDAY_EVENING + timedelta(days=10, hours=-12), runs).look()  # Monday 22 July, in the morning
    assert [row[1] for row in queued(databases)] == ["2024-07-12", "2024-07-19"]


def test_without_an_admin_it_waits_for_one(
    databases: Databases, runs: FetchRuns, user_factory: Callable[..., UUID]
) -> None:
    scheduler = at(FRIDAY_EVENING, runs)
    scheduler.look()
    assert queued(databases) == []
    user_factory("admin")
    scheduler.look()
    assert len(queued(databases)) == 1


@pytest.mark.usefixtures("admin")
def test_the_function_starts_a_container_once(databases: Databases, runs: FetchRuns) -> None:
    started = Started()
    planner = Planner(runs, started, [DAILY], now=lambda: FRIDAY_EVENING)
    first = planner.run({"schedule": "us-daily"})
    assert first == {
        "schedule": "us-daily", "session": "2024-07-12", "fetch": str(started.handed[0]), "started": True,
    }  # fmt: skip
    assert runs.claim("a container", 15.0) is not None
    second = planner.run({"schedule": "us-daily"})
    assert (second["started"], second["reason"]) == (False, "the fetch of this session is running")
    assert len(started.handed) == len(queued(databases)) == 1


@pytest.mark.usefixtures("admin")
def test_a_container_that_did_not_start_is_started_by_the_next_event(databases: Databases, runs: FetchRuns) -> None:
    started = Started(failures=1)
    planner = Planner(runs, started, [DAILY], now=lambda: FRIDAY_EVENING)
    with pytest.raises(Unavailable):
        planner.run({"schedule": "us-daily"})
    assert planner.run({"schedule": "us-daily"})["started"] is True
    assert len(queued(databases)) == 1


@pytest.mark.usefixtures("admin")
def test_function_and_scheduler_agree_on_the_session(databases: Databases, runs: FetchRuns) -> None:
    at(FRIDAY_EVENING, runs).look()
    started = Started()
    Planner(runs, started, [DAILY], now=lambda: FRIDAY_EVENING).run({"schedule": "us-daily"})
    assert len(queued(databases)) == 1


def test_an_event_without_a_known_schedule_says_what_is_expected(runs: FetchRuns) -> None:
    with pytest.raises(NotFound, match="one of us-daily"):
        Planner(runs, Started(), [DAILY]).run({"schedule": "weekly"})


@pytest.mark.usefixtures("admin")
def test_a_fetch_that_rested_is_started_again_once_its_wait_is_over(databases: Databases, runs: FetchRuns) -> None:
    at(FRIDAY_EVENING, runs).look()
    claimed = runs.claim("a container", 15.0)
    assert claimed is not None
    started = Started()
    planner = Planner(runs, started, [DAILY])
    for hours, resumed in ((1, []), (-1, [str(claimed["id"])])):
        with psycopg.connect(databases.owner_url) as connection:
            connection.execute(
                "UPDATE fetch_jobs SET state = 'waiting', waits_until = now() + make_interval(hours => %s)", [hours]
            )
        assert planner.run({"resume": True}) == {"resumed": resumed}
    assert started.handed == [claimed["id"]]
