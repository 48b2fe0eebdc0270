"""A small market in a fresh database: three instruments, a Thursday, a Friday and a Monday."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest

from tests.fixtures.databases import Databases
from tests.fixtures.gateway import Keys
from tests.fixtures.stream import Served

NO_REDIS = "redis://127.0.0.1:1/0"  # nothing listens there: what follows must work without
THURSDAY, FRIDAY, MONDAY = (datetime(2012, 3, day, tzinfo=UTC) for day in (1, 2, 5))
Bar = tuple[datetime, float, float, float, float, float]


@pytest.fixture
def add_bars(databases: Databases) -> Callable[..., int]:
    """Store an instrument with bars (time, open, high, low, close, volume); its id."""

    def add(symbol: str, bars: list[Bar], bar_size: str = "1d") -> int:
        with psycopg.connect(databases.owner_url) as connection:
            row = connection.execute(
                "WITH i AS (INSERT INTO instruments (asset_class) VALUES ('equity') RETURNING id) "
                "INSERT INTO symbols (symbol, instrument_id) SELECT %s, id FROM i RETURNING instrument_id",
                [symbol],
            ).fetchone()
            assert row is not None
            for bar in bars:
                connection.execute(
                    "INSERT INTO market_data (instrument_id, bar_size, time, open, high, low, close, volume, source) "
                    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 'test')",
                    [row[0], bar_size, *bar],
                )
        return int(row[0])

    return add


@pytest.fixture
def small_market(add_bars: Callable[..., int]) -> dict[str, int]:
    return {
        "AAA": add_bars("AAA", [(day, 10.0, 12.0, 9.0, 11.0, 7800.0) for day in (THURSDAY, FRIDAY, MONDAY)]),
        "BBB": add_bars("BBB", [(day, 50.0, 50.5, 49.5, 50.0, 1000.0) for day in (THURSDAY, MONDAY)]),
    }


@pytest.fixture
def served(databases: Databases, redis_url: str) -> Iterator[Served]:
    made = Served(databases, redis_url, Keys.generate())
    yield made
    made.stop()


@pytest.fixture
def served_without_redis(databases: Databases) -> Iterator[Served]:
    made = Served(databases, NO_REDIS, Keys.generate())
    yield made
    made.stop()


@pytest.fixture
def account(databases: Databases) -> Callable[[UUID], UUID]:
    def make(user_id: UUID) -> UUID:
        with psycopg.connect(databases.owner_url) as connection:
            row = connection.execute(
                "INSERT INTO accounts (user_id, broker, name) VALUES (%s, 'paper', 'Paper') RETURNING id", [user_id]
            ).fetchone()
        assert row is not None
        account_id: UUID = row[0]
        return account_id

    return make
