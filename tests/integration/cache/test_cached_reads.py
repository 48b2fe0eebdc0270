"""Summaries and results through the ladder: fresh after a booking, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from redis import Redis

from causeway.adapters.messaging.dropping_bus import DroppingBus
from causeway.adapters.messaging.pubsub import InProcessEventBus
from causeway.adapters.storage.cache_manager import CacheManager
from causeway.adapters.storage.cached_reads import CachedPortfolio, CachedResults, summary_key
from causeway.adapters.storage.result_store import ResultStore
from causeway.errors import InvalidInput, NotFound
from tests.fixtures.databases import Databases

pytestmark = [pytest.mark.redis, pytest.mark.postgres]
MakeUser = Callable[..., UUID]


@pytest.fixture
def cache(redis_url: str) -> Iterator[CacheManager]:
    made = CacheManager(redis_url)
    yield made
    made.close()


@pytest.fixture
def portfolio(databases: Databases, cache: CacheManager) -> CachedPortfolio:
    return CachedPortfolio(databases.app, cache)


def deposit(databases: Databases, user_id: UUID, amounts: Sequence[int], account_id: UUID | None = None) -> UUID:
    """Into a new account where none is named."""
    with psycopg.connect(databases.owner_url, autocommit=True) as connection:
        if account_id is None:
            account_id = uuid4()
            connection.execute(
                "INSERT INTO accounts (id, user_id, broker, name) VALUES (%s, %s, 'paper', %s)",
                [account_id, user_id, str(account_id)[:8]],
            )
        for amount in amounts:
            connection.execute(
                "INSERT INTO ledger (account_id, user_id, kind, amount, reference, at) "
                "VALUES (%s, %s, 'deposit', %s, %s, %s)",
                [account_id, user_id, amount, uuid4().hex, datetime(2024, 1, 2, tzinfo=UTC)],
            )
    return account_id


def cash(portfolio: CachedPortfolio, user_id: UUID, account_id: UUID | None = None) -> Decimal:
    return Decimal(portfolio.account_summary(user_id, account_id)["cash"])


def test_a_summary_is_the_one_of_the_database_under_the_key_of_the_architecture(
    databases: Databases, portfolio: CachedPortfolio, user_factory: MakeUser, redis_url: str
) -> None:
    user_id = user_factory()
    account_id = deposit(databases, user_id, [100])
    plain = portfolio.summary(user_id, account_id)
    for _ in range(2):
        row = portfolio.account_summary(user_id, None)
        assert row["account"]["id"] == account_id
        assert {name: row[name] for name in plain} == {
            name: str(value) if isinstance(value, Decimal) else value for name, value in plain.items()
        }
    with Redis.from_url(redis_url) as client:
        assert 0 < client.pttl(f"portfolio:{user_id}:summary") <= 1000


def test_a_booking_is_seen_by_whoever_its_wake_up_reaches(
    databases: Databases, portfolio: CachedPortfolio, cache: CacheManager, user_factory: MakeUser
) -> None:
    user_id = user_factory()
    account_id = deposit(databases, user_id, [100])
    bus = InProcessEventBus()
    told = bus.listen(["portfolio:*"], timeout_s=5)
    events = DroppingBus(bus, lambda user: cache.invalidate([summary_key(user)]))
    for booked in range(1, 6):
        assert cash(portfolio, user_id) == 100 * booked
        deposit(databases, user_id, [100], account_id)
        events.publish(f"portfolio:{user_id}", {"account_id": str(account_id)})
        assert next(told) is not None
        assert cash(portfolio, user_id) == 100 * (booked + 1)


def test_each_user_sees_its_own_accounts_alone(
    databases: Databases, portfolio: CachedPortfolio, user_factory: MakeUser
) -> None:
    first, second = user_factory(), user_factory()
    account_of_first = deposit(databases, first, [100])
    deposit(databases, second, [7])
    assert [cash(portfolio, one) for one in (first, second)] == [100, 7]
    with pytest.raises(NotFound, match="no such account"):
        portfolio.account_summary(second, account_of_first)


def test_of_several_accounts_one_must_be_named(
    databases: Databases, portfolio: CachedPortfolio, user_factory: MakeUser
) -> None:
    user_id = user_factory()
    accounts = [deposit(databases, user_id, [amount]) for amount in (1, 2)]
    assert [cash(portfolio, user_id, one) for one in accounts] == [1, 2]
    with pytest.raises(InvalidInput, match="several accounts"):
        portfolio.account_summary(user_id, None)


class OneResult:
    """Stands in the place of the table: a job of one user, and how often it was asked for."""

    def __init__(self, owner: UUID, job_id: UUID) -> None:
        self.owner, self.job_id, self.asked = owner, job_id, 0

    def of_job(self, _store: object, user_id: UUID, job_id: UUID) -> dict[str, Any]:
        self.asked += 1
        if (user_id, job_id) != (self.owner, self.job_id):
            raise NotFound("no analysis of yours is known")
        return {"job_id": job_id, "result_id": "r", "created_at": datetime(2024, 1, 2, tzinfo=UTC)}

    def links(self, _store: object, user_id: UUID, _result_id: str, _max_q: float = 1.0) -> list[dict[str, Any]]:
        self.asked += 1
        return [{"q": 0.01}, {"q": 0.5}] if user_id == self.owner else []


def test_a_result_is_read_once_and_by_its_owner_alone(
    databases: Databases, cache: CacheManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, other, job_id = uuid4(), uuid4(), uuid4()
    table = OneResult(owner, job_id)
    monkeypatch.setattr(ResultStore, "of_job", lambda *given: table.of_job(*given))
    monkeypatch.setattr(ResultStore, "links", lambda *given: table.links(*given))
    results = CachedResults(databases.app, cache)
    with pytest.raises(NotFound):
        results.of_job(other, job_id)
    asked = table.asked
    for _ in range(3):
        assert results.of_job(owner, job_id)["created_at"] == "2024-01-02T00:00:00Z"
        assert [link["q"] for link in results.links(owner, "r", 0.05)] == [0.01]
    assert table.asked == asked + 2
    with pytest.raises(NotFound):
        results.of_job(other, job_id)
    assert results.links(other, "r") == []
