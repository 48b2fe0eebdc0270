"""Storing bars in bulk and reading them back: columns in, the same columns out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import psycopg
import pytest

from causeway.adapters.storage import bar_loading, large_reads
from causeway.adapters.storage.database import Database
from causeway.adapters.storage.timeseries_db import TimeseriesDb
from causeway.errors import InvalidInput, NotFound
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize
from tests.fixtures.databases import Databases
from tests.integration.market_data.series import MINUTE_US, add_instrument, bars_from, same

pytestmark = pytest.mark.postgres
NEW_YEAR = datetime(2023, 12, 31, 22, 0, tzinfo=UTC)
INGESTION = UUID("11111111-2222-3333-4444-555555555555")


@pytest.fixture
def store(databases: Databases) -> TimeseriesDb:
    return TimeseriesDb(databases.app)


@pytest.fixture
def ids(databases: Databases) -> tuple[int, int]:
    return add_instrument(databases, "AAA"), add_instrument(databases, "BBB")


def test_bars_of_several_instruments_come_back_as_they_were(store: TimeseriesDb, ids: tuple[int, int]) -> None:
    bars = {ids[0]: bars_from(NEW_YEAR, 300), ids[1]: bars_from(NEW_YEAR, 5, base=7.25)}
    counts = store.store_bars(bars, BarSize.MINUTE_1, source="test")
    assert (counts.inserted, counts.updated, counts.unchanged) == (305, 0, 0)
    assert same(store.read_bars("AAA", BarSize.MINUTE_1), bars[ids[0]])
    many = store.read_many(["bbb", "AAA"], BarSize.MINUTE_1)
    assert list(many) == ["bbb", "AAA"]
    assert same(many["bbb"], bars[ids[1]])
    assert same(many["AAA"], bars[ids[0]])


def test_the_same_bars_again_change_nothing(databases: Databases, store: TimeseriesDb, ids: tuple[int, int]) -> None:
    bars = {ids[0]: bars_from(NEW_YEAR, 50)}
    store.store_bars(bars, BarSize.MINUTE_1, source="first")
    counts = store.store_bars(bars, BarSize.MINUTE_1, source="second")
    assert (counts.inserted, counts.updated, counts.unchanged) == (0, 0, 50)
    with psycopg.connect(databases.owner_url) as connection:
        assert connection.execute("SELECT DISTINCT source FROM market_data").fetchall() == [("first",)]


def test_only_what_differs_is_written(databases: Databases, store: TimeseriesDb, ids: tuple[int, int]) -> None:
    first = bars_from(NEW_YEAR, 10)
    store.store_bars({ids[0]: first}, BarSize.MINUTE_1, source="first")
    longer = bars_from(NEW_YEAR, 12)
    changed = replace(longer, close=longer.close + (np.arange(12) == 3))
    counts = store.store_bars({ids[0]: changed}, BarSize.MINUTE_1, source="second", ingestion_id=INGESTION)
    assert (counts.inserted, counts.updated, counts.unchanged) == (2, 1, 9)
    assert same(store.read_bars("AAA", BarSize.MINUTE_1), changed)
    with psycopg.connect(databases.owner_url) as connection:
        found = connection.execute(
            "SELECT source, ingestion_id, count(*) FROM market_data GROUP BY 1, 2 ORDER BY 1"
        ).fetchall()
    assert found == [("first", None, 9), ("second", INGESTION, 3)]


def test_a_load_carries_its_ingestion(databases: Databases, store: TimeseriesDb, ids: tuple[int, int]) -> None:
    store.store_bars({ids[0]: bars_from(NEW_YEAR, 3)}, BarSize.DAY_1, source="x", ingestion_id=INGESTION)
    with psycopg.connect(databases.owner_url) as connection:
        found = connection.execute("SELECT DISTINCT ingestion_id, bar_size, source FROM market_data").fetchall()
    assert found == [(INGESTION, "1d", "x")]


def test_a_load_of_many_statements_is_one_load(
    store: TimeseriesDb, ids: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bar_loading, "STATEMENT_BARS", 7)
    bars = {ids[0]: bars_from(NEW_YEAR, 20), ids[1]: bars_from(NEW_YEAR, 3)}
    assert store.store_bars(bars, BarSize.MINUTE_1, source="test").inserted == 23
    more = {ids[0]: bars_from(NEW_YEAR, 25), ids[1]: bars_from(NEW_YEAR, 3)}
    counts = store.store_bars(more, BarSize.MINUTE_1, source="test")
    assert (counts.inserted, counts.unchanged) == (5, 23)
    assert same(store.read_bars("AAA", BarSize.MINUTE_1), more[ids[0]])


def test_bars_that_do_not_ascend_are_refused(store: TimeseriesDb, ids: tuple[int, int]) -> None:
    bars = bars_from(NEW_YEAR, 3)
    twice = replace(bars, time_us=bars.time_us[[0, 1, 1]])
    with pytest.raises(InvalidInput, match="must ascend"):
        store.store_bars({ids[0]: twice}, BarSize.MINUTE_1, source="test")
    with pytest.raises(InvalidInput, match="NaN"):
        store.store_bars({ids[0]: replace(bars, high=bars.high * np.nan)}, BarSize.MINUTE_1, source="test")


def test_bars_of_an_unknown_instrument_are_refused(store: TimeseriesDb, ids: tuple[int, int]) -> None:
    with pytest.raises(NotFound, match="no instrument 4711"):
        store.store_bars({4711: bars_from(NEW_YEAR, 3)}, BarSize.MINUTE_1, source="test")
    assert len(store.read_bars("AAA", BarSize.MINUTE_1)) == 0


def test_nothing_to_store_is_nothing(store: TimeseriesDb, ids: tuple[int, int]) -> None:
    empty = bars_from(NEW_YEAR, 0)
    assert store.store_bars({ids[0]: empty}, BarSize.MINUTE_1, source="test").inserted == 0


def test_a_stream_brings_the_range_in_chunks(store: TimeseriesDb, ids: tuple[int, int]) -> None:
    bars = bars_from(NEW_YEAR, 25)
    store.store_bars({ids[0]: bars}, BarSize.MINUTE_1, source="test")
    chunks = list(store.stream_bars("AAA", BarSize.MINUTE_1, chunk_bars=10))
    assert [len(chunk) for chunk in chunks] == [10, 10, 5]
    assert np.concatenate([chunk.time_us for chunk in chunks]).tolist() == bars.time_us.tolist()
    part = list(store.stream_bars("AAA", BarSize.MINUTE_1, NEW_YEAR, NEW_YEAR + timedelta(minutes=20), chunk_bars=10))
    assert [len(chunk) for chunk in part] == [10, 10]


def test_a_stream_sees_one_moment(store: TimeseriesDb, ids: tuple[int, int]) -> None:
    store.store_bars({ids[0]: bars_from(NEW_YEAR, 20)}, BarSize.MINUTE_1, source="test")
    stream = store.stream_bars("AAA", BarSize.MINUTE_1, chunk_bars=10)
    first = next(stream)
    store.store_bars({ids[0]: bars_from(NEW_YEAR, 20, base=500)}, BarSize.MINUTE_1, source="test")
    assert next(stream).open[0] == first.open[0] + 10
    stream.close()


def test_bars_as_an_arrow_table(store: TimeseriesDb, ids: tuple[int, int]) -> None:
    from causeway.adapters.storage.arrow_bars import arrow_table

    bars = {ids[0]: bars_from(NEW_YEAR, 2), ids[1]: bars_from(NEW_YEAR, 1, base=7)}
    store.store_bars(bars, BarSize.MINUTE_1, source="test")
    table = arrow_table(store.read_many(["AAA", "BBB"], BarSize.MINUTE_1))
    assert table.column_names == ["symbol", "time", "open", "high", "low", "close", "volume"]
    assert table.column("symbol").to_pylist() == ["AAA", "AAA", "BBB"]
    assert table.column("time").to_pylist() == [NEW_YEAR, NEW_YEAR + timedelta(minutes=1), NEW_YEAR]
    assert table.column("open").to_pylist() == [100, 101, 7]
    assert len(arrow_table({})) == 0


def test_no_bars_are_empty_columns(store: TimeseriesDb, ids: tuple[int, int]) -> None:
    none = store.read_many(["AAA"], BarSize.DAY_1)["AAA"]
    assert isinstance(none, BarColumns)
    assert len(none) == 0


def test_a_large_range_is_read_on_two_connections(
    store: TimeseriesDb, ids: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_reads, "LARGE_BARS", 100)
    bars = bars_from(NEW_YEAR, 900, step_us=20 * MINUTE_US)
    store.store_bars({ids[0]: bars}, BarSize.MINUTE_1, source="test")
    assert same(store.read_bars("AAA", BarSize.MINUTE_1), bars)


def test_a_large_range_needs_no_second_connection(
    databases: Databases, store: TimeseriesDb, ids: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_reads, "LARGE_BARS", 100)
    bars = bars_from(NEW_YEAR, 900, step_us=20 * MINUTE_US)
    store.store_bars({ids[0]: bars}, BarSize.MINUTE_1, source="test")
    alone = Database(databases.app_url, pool_size=1)
    assert same(TimeseriesDb(alone).read_bars("AAA", BarSize.MINUTE_1), bars)
    alone.close()
