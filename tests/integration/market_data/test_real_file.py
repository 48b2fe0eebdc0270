"""A real file of 57,716 bars with real errors, taken in twice, on both PostgreSQL versions that we support."""

from __future__ import annotations

import time
import uuid
from pathlib import Path

import psycopg
import pytest

from causeway.adapters.feeds.csv_files import open_table
from causeway.adapters.storage.ingestion_store import IngestionStore
from causeway.adapters.storage.timeseries_db import TimeseriesDb
from causeway.market_data.ingestion import IngestionRequest
from causeway.model.time import BarSize
from tests.fixtures.databases import Databases

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
ROWS, SYMBOLS = 57_716, 48


@pytest.mark.parametrize("server", ["databases", "databases_15"])
def test_twice_changes_nothing(test_data: Path, server: str, request: pytest.FixtureRequest) -> None:
    databases: Databases = request.getfixturevalue(server)
    user = uuid.uuid4()
    with psycopg.connect(databases.owner_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO users (id, email, password_hash, role) VALUES (%s, 'a@example.test', 'none', 'analyst')",
            [user],
        )
    store = IngestionStore(databases.app)
    table = open_table(test_data / "daily/sp500_48sym_ohlcv_2013-2018.csv.gz")
    started = time.perf_counter()
    first = store.take_in(user, table, IngestionRequest("sp500.csv.gz"))
    assert time.perf_counter() - started < 60
    assert (first["rows_read"], first["symbols_count"]) == (ROWS, SYMBOLS)
    assert first["rows_inserted"] + first["rows_quarantined"] == ROWS
    assert 26 <= first["rows_quarantined"] < 0.003 * ROWS  # the errors that other sources show, and little more
    kept = store.quarantined(user, limit=1000)
    assert len(kept) == first["rows_quarantined"]
    second = store.take_in(user, table, IngestionRequest("sp500.csv.gz"))
    assert second["rows_inserted"] == second["rows_updated"] == 0
    assert second["rows_unchanged"] == first["rows_inserted"]
    assert second["rows_quarantined"] == first["rows_quarantined"]
    assert store.quarantined(user, limit=1000) == kept
    assert second["findings"] == first["findings"]
    bars = TimeseriesDb(databases.app).read_bars("MSFT", BarSize.DAY_1)
    written = [float(cells[5]) for _, cells in table.rows() if cells[0] == "MSFT"]
    assert len(bars) >= len(written) - 2
    assert set(bars.close.tolist()) <= set(written), "not one value was changed on the way"
