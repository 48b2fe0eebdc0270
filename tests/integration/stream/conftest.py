"""A small market in a fresh database: three instruments, a Thursday, a Friday and a Monday."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.fixtures.databases import Databases

THURSDAY, FRIDAY, MONDAY = (datetime(2012, 3, day, tzinfo=UTC) for day in (1, 2, 5))
Bar = tuple[datetime, float, float, float, float, float]


@pytest.fixture
def add_bars(databases: Databases) -> Callable[..., int]:
    """Store an instrument with bars (time, open, high, low, close, volume); its id."""
    import psycopg

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
