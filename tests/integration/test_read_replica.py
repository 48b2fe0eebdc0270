"""Where reads go when a replica is set. A second database plays the replica: what it holds shows who answered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from pydantic import SecretStr

from causeway.adapters.storage.database import Database
from causeway.adapters.storage.timeseries_db import TimeseriesDb
from causeway.errors import NotFound
from causeway.model.time import BarSize
from causeway.settings import DatabaseSettings
from local.servers import free_port
from tests.fixtures.databases import Databases, copy_of_template
from tests.integration.market_data.series import add_instrument, bars_from

pytestmark = pytest.mark.postgres
START = datetime(2024, 1, 2, tzinfo=UTC)


@pytest.fixture
def other(template_18: str) -> Iterator[Databases]:
    yield from copy_of_template(template_18)


def _store(databases: Databases, symbol: str, bars: int) -> None:
    instrument_id = add_instrument(databases, symbol)
    TimeseriesDb(databases.app).store_bars({instrument_id: bars_from(START, bars)}, BarSize.MINUTE_1, source="test")


def _settings(url: str, replica_url: str | None) -> DatabaseSettings:
    replica = SecretStr(replica_url) if replica_url else None
    return DatabaseSettings(database_url=SecretStr(url), database_replica_url=replica)


@pytest.fixture
def with_replica(databases: Databases, other: Databases) -> Iterator[TimeseriesDb]:
    """The primary holds two bars of AAA, the replica one."""
    _store(databases, "AAA", 2)
    _store(other, "AAA", 1)
    database = Database.from_settings(_settings(databases.app_url, other.app_url))
    yield TimeseriesDb(database)
    database.close()


def test_series_are_read_from_the_replica(with_replica: TimeseriesDb) -> None:
    assert len(with_replica.read_bars("AAA", BarSize.MINUTE_1)) == 1
    assert with_replica.coverage_map(["AAA"])[0].bars == 1


def test_writes_go_to_the_primary(with_replica: TimeseriesDb, databases: Databases) -> None:
    with_replica.store_bars({1: bars_from(START, 5)}, BarSize.MINUTE_1, source="test")
    assert len(TimeseriesDb(databases.app).read_bars("AAA", BarSize.MINUTE_1)) == 5
    assert len(with_replica.read_bars("AAA", BarSize.MINUTE_1)) == 1


def test_a_symbol_that_the_replica_does_not_know_yet_is_read_from_the_primary(
    with_replica: TimeseriesDb, databases: Databases
) -> None:
    _store(databases, "NEW", 3)
    assert len(with_replica.read_bars("NEW", BarSize.MINUTE_1)) == 3
    with pytest.raises(NotFound, match="'NEVER'"):
        with_replica.read_bars("NEVER", BarSize.MINUTE_1)


def test_the_primary_serves_while_the_replica_is_down(databases: Databases) -> None:
    _store(databases, "AAA", 2)
    nobody = f"postgresql://test_app:none@127.0.0.1:{free_port()}/causeway"
    database = Database.from_settings(_settings(databases.app_url, nobody))
    series = TimeseriesDb(database)
    assert len(series.read_bars("AAA", BarSize.MINUTE_1)) == 2
    assert len(series.read_bars("AAA", BarSize.MINUTE_1)) == 2
    database.close()


def test_a_snapshot_cannot_write_and_leaves_no_trace_in_the_pool(databases: Databases) -> None:
    database = Database(databases.app_url, pool_size=1)
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), database.snapshot() as transaction:
        transaction.connection.execute("CREATE TEMPORARY TABLE anything ()")
    with database.transaction() as transaction:
        assert transaction.connection.execute("SHOW transaction_isolation").fetchone() == {
            "transaction_isolation": "read committed"
        }
        transaction.connection.execute("CREATE TEMPORARY TABLE anything ()")
    database.close()
