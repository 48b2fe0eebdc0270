"""The schema on both PostgreSQL versions that we support."""

from __future__ import annotations

import psycopg
import pytest

from causeway.adapters.storage.migrator import migrate, pending
from causeway.errors import CorruptData
from tests.fixtures.databases import Databases


@pytest.fixture(params=["databases", "databases_15"])
def either(request: pytest.FixtureRequest) -> Databases:
    found: Databases = request.getfixturevalue(request.param)
    return found


def test_a_second_run_changes_nothing(either: Databases) -> None:
    assert pending(either.owner_url) == []
    assert migrate(either.owner_url) == []


def test_a_changed_migration_stops_everything(either: Databases) -> None:
    with psycopg.connect(either.owner_url, autocommit=True) as connection:
        connection.execute("UPDATE schema_migrations SET checksum = 'other' WHERE version = '0001'")
    with pytest.raises(CorruptData, match="0001"):
        migrate(either.owner_url)


def test_a_bar_reaches_the_partition_of_its_year(either: Databases) -> None:
    with psycopg.connect(either.owner_url, autocommit=True) as connection:
        connection.execute("INSERT INTO market_data VALUES (1, '1d', '1998-05-04', 1, 1, 1, 1, 0, 'test', NULL, now())")
        connection.execute("SELECT series.ensure_partitions('market_data', '1998-01-01', '1998-12-31')")
        held = connection.execute("SELECT tableoid::regclass::text FROM market_data").fetchall()
    assert held == [("market_data_1998",)]


def test_the_application_role_is_neither_superuser_nor_owner(either: Databases) -> None:
    with psycopg.connect(either.app_url) as connection:
        role = connection.execute(
            "SELECT rolsuper, rolbypassrls, (SELECT count(*) FROM pg_class WHERE relowner = r.oid) "
            "FROM pg_roles r WHERE rolname = current_user"
        ).fetchone()
    assert role == (False, False, 0)
