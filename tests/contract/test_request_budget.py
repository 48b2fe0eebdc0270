"""Budgets of requests: in this process, and in PostgreSQL. Numbers follow from the definition: so many a window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psycopg
import pytest

from causeway.adapters.feeds.process_budget import ProcessBudget
from causeway.adapters.storage.provider_budget import StoredBudget
from causeway.ports.request_budget import RequestBudget
from tests.fixtures.databases import Databases

MINUTE, DAY = 60.0, 86_400.0


@dataclass
class Kept:
    """A budget, and time that the test lets pass."""

    budget: RequestBudget
    pass_time: Callable[[float], None]


@pytest.fixture(params=["process", "postgresql"])
def kept(request: pytest.FixtureRequest) -> Iterator[Kept]:
    if request.param == "process":
        now = [1000.0]

        def pass_time(seconds: float) -> None:
            now[0] += seconds

        yield Kept(ProcessBudget(lambda: now[0]), pass_time)
        return
    databases: Databases = request.getfixturevalue("databases")

    def age(seconds: float) -> None:
        with psycopg.connect(databases.owner_url, autocommit=True) as connection:
            connection.execute(
                "UPDATE provider_requests SET requested_at = requested_at - make_interval(secs => %s)", [seconds]
            )

    yield Kept(StoredBudget(databases.service), age)


def test_a_minute_has_its_requests_and_then_waits(kept: Kept) -> None:
    waits = [kept.budget.take("a", per_minute=3, per_day=100) for _ in range(4)]
    assert waits[:3] == [0, 0, 0]
    assert waits[3] == pytest.approx(MINUTE, abs=5)
    kept.pass_time(waits[3] + 0.1)
    assert kept.budget.take("a", per_minute=3, per_day=100) == 0


def test_a_day_has_its_requests_whatever_the_minutes_allow(kept: Kept) -> None:
    for _ in range(2):
        assert kept.budget.take("a", per_minute=1, per_day=2) == 0
        kept.pass_time(2 * MINUTE)
    assert kept.budget.take("a", per_minute=1, per_day=2) == pytest.approx(DAY - 4 * MINUTE, abs=5)
    kept.pass_time(DAY - 3 * MINUTE)
    assert kept.budget.take("a", per_minute=1, per_day=2) == 0


def test_a_refusal_is_not_counted(kept: Kept) -> None:
    waits = [kept.budget.take("a", per_minute=1, per_day=100) for _ in range(5)]
    assert waits[4] <= waits[1] + 0.001 <= MINUTE + 0.001


def test_providers_are_apart(kept: Kept) -> None:
    assert kept.budget.take("a", per_minute=1, per_day=1) == 0
    assert kept.budget.take("b", per_minute=1, per_day=1) == 0
    assert kept.budget.take("a", per_minute=1, per_day=1) > 0


def test_requests_at_the_same_time_share_one_budget(kept: Kept) -> None:
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: kept.budget.take("a", per_minute=7, per_day=100), range(30)))
    assert sum(wait == 0 for wait in waits) == 7


@pytest.mark.postgres
def test_a_restart_forgets_nothing(databases: Databases) -> None:
    assert StoredBudget(databases.service).take("a", per_minute=1, per_day=1) == 0
    assert StoredBudget(databases.service).take("a", per_minute=1, per_day=1) == pytest.approx(DAY, abs=30)


@pytest.mark.postgres
def test_what_no_window_needs_is_forgotten(databases: Databases) -> None:
    budget = StoredBudget(databases.service)
    budget.take("a", per_minute=5, per_day=5)
    with psycopg.connect(databases.owner_url, autocommit=True) as connection:
        connection.execute("UPDATE provider_requests SET requested_at = requested_at - interval '26 hours'")
        assert budget.take("a", per_minute=5, per_day=5) == 0
        assert connection.execute("SELECT count(*) FROM provider_requests").fetchone() == (1,)
