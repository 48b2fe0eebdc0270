"""The connection pool when PostgreSQL ends its connections: dead ones are replaced, nothing is run twice."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier

import psycopg
import pytest

from causeway.adapters.storage.database import Database
from causeway.errors import Unavailable
from tests.fixtures.databases import Databases

pytestmark = pytest.mark.postgres
POOL_SIZE = 4


@pytest.fixture
def pool(databases: Databases) -> Iterator[Database]:
    """A pool whose connections are all open and idle."""
    made = Database(databases.service_url, pool_size=POOL_SIZE)
    with ExitStack() as open_together:
        for _ in range(POOL_SIZE):
            open_together.enter_context(made.transaction())
    yield made
    made.close()


def _end_connections(databases: Databases) -> int:
    with psycopg.connect(databases.owner_url) as connection:
        found = connection.execute(
            "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid, 5000)) FROM pg_stat_activity "
            "WHERE usename = 'test_service' AND datname = current_database()"
        ).fetchone()
    return int(found[0]) if found else 0


def _backend(transaction_of: Database) -> int:
    with transaction_of.transaction() as transaction:
        return transaction.connection.info.backend_pid


def test_a_living_idle_connection_is_used_again(pool: Database) -> None:
    used = {_backend(pool) for _ in range(3 * POOL_SIZE)}
    assert len(used) <= POOL_SIZE


def test_connections_that_died_while_idle_cost_no_transaction(databases: Databases, pool: Database) -> None:
    assert _end_connections(databases) == POOL_SIZE
    for _ in range(2 * POOL_SIZE):
        with pool.transaction() as transaction:
            assert transaction.connection.execute("SELECT 1 AS one").fetchone() == {"one": 1}


def test_a_connection_that_is_lost_midway_is_not_tried_again(databases: Databases, pool: Database) -> None:
    entered = []

    def lose_it_midway() -> None:
        with pool.transaction() as transaction:
            entered.append(transaction)
            _end_connections(databases)
            transaction.connection.execute("SELECT 1")

    with pytest.raises(Unavailable, match="did not answer"):
        lose_it_midway()
    assert len(entered) == 1


def test_a_loss_during_the_commit_is_said_to_be_uncertain(databases: Databases, pool: Database) -> None:
    def lose_it_before_the_commit_is_answered() -> None:
        with pool.transaction() as transaction:
            transaction.connection.execute("SELECT 1")
            _end_connections(databases)

    with pytest.raises(Unavailable, match="may or may not be stored"):
        lose_it_before_the_commit_is_answered()


def test_threads_that_come_first_at_once_share_one_pool(databases: Databases) -> None:
    database = Database(databases.app_url)
    barrier = Barrier(8)

    def pool_of(_: int) -> int:
        barrier.wait()
        return id(database._open_pool())

    try:
        with ThreadPoolExecutor(8) as threads:
            assert len(set(threads.map(pool_of, range(8)))) == 1
    finally:
        database.close()
