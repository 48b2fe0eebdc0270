"""Partitions ahead of time and retention."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from causeway.adapters.storage.bar_loading import BarLoad
from causeway.adapters.storage.series_upkeep import SeriesUpkeep
from causeway.adapters.storage.timeseries_db import TimeseriesDb
from causeway.model.time import BarSize, now_utc
from tests.fixtures.databases import Databases
from tests.integration.market_data.series import add_instrument, bars_from

pytestmark = pytest.mark.postgres
DAY_US = 86_400_000_000


def _partitions(databases: Databases) -> set[str]:
    with psycopg.connect(databases.owner_url) as connection:
        rows = connection.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "WHERE i.inhparent = 'market_data'::regclass"
        )
        return {row[0] for row in rows}


def test_the_year_to_come_has_its_partition(databases: Databases) -> None:
    following = f"market_data_{now_utc().year + 1}"
    assert following in _partitions(databases)
    with psycopg.connect(databases.owner_url, autocommit=True) as connection:
        connection.execute(f"DROP TABLE {following}".encode())
    upkeep = SeriesUpkeep(databases.service, {})
    assert upkeep.ensure_ahead() == 1
    assert upkeep.ensure_ahead() == 0
    assert following in _partitions(databases)


def test_the_application_can_neither_drop_nor_recount(databases: Databases) -> None:
    for call in ("drop_before('market_data', now())", "recount()", "refresh_rollups()", "ensure_ahead()"):
        with psycopg.connect(databases.app_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"SELECT series.{call}".encode())


def test_what_is_past_its_retention_goes_and_nothing_else(databases: Databases) -> None:
    store = TimeseriesDb(databases.app)
    instrument_id = add_instrument(databases, "AAA", calendar="24/7")
    start = datetime(now_utc().year - 3, 6, 1, tzinfo=UTC)
    kept_days = (now_utc() - start).days - 400  # 400 days of the bars are older
    minutes = bars_from(start, 800, step_us=DAY_US)
    store.store_bars({instrument_id: minutes}, BarSize.MINUTE_1, source="test")
    store.store_bars({instrument_id: bars_from(start, 800, step_us=DAY_US)}, BarSize.DAY_1, source="test")
    upkeep = SeriesUpkeep(databases.service, {BarSize.MINUTE_1: kept_days})
    upkeep.refresh_rollups()
    boundary = now_utc().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=kept_days)
    older = int((minutes.time_us < boundary.timestamp() * 1e6).sum())
    assert upkeep.drop_expired() == {BarSize.MINUTE_1: older}
    assert upkeep.drop_expired() == {BarSize.MINUTE_1: 0}
    left = store.read_bars("AAA", BarSize.MINUTE_1)
    assert len(left) == 800 - older
    assert left.time_us[0] >= boundary.timestamp() * 1e6
    assert len(store.read_bars("AAA", BarSize.DAY_1)) == 800
    covered = {one.bar_size: one for one in store.coverage_map(["AAA"])}
    assert (covered[BarSize.MINUTE_1].bars, covered[BarSize.DAY_1].bars) == (800 - older, 800)
    assert len(store.read_bars("AAA", BarSize.HOUR_1)) == 800 - older


def test_a_year_that_holds_nothing_else_goes_whole(databases: Databases) -> None:
    store = TimeseriesDb(databases.app)
    instrument_id = add_instrument(databases, "AAA")
    old, new = datetime(2011, 3, 1, tzinfo=UTC), datetime(2013, 3, 1, tzinfo=UTC)
    for start in (old, new):
        store.store_bars({instrument_id: bars_from(start, 10)}, BarSize.MINUTE_1, source="test")
    assert "market_data_2011" in _partitions(databases)
    days = (now_utc() - datetime(2012, 6, 1, tzinfo=UTC)).days
    assert SeriesUpkeep(databases.service, {BarSize.MINUTE_1: days}).drop_expired() == {BarSize.MINUTE_1: 10}
    assert "market_data_2011" not in _partitions(databases)
    assert len(store.read_bars("AAA", BarSize.MINUTE_1)) == 10
    store.store_bars({instrument_id: bars_from(old, 4)}, BarSize.MINUTE_1, source="again")
    assert "market_data_2011" in _partitions(databases)
    assert len(store.read_bars("AAA", BarSize.MINUTE_1)) == 14


def test_no_day_is_made_of_the_half_that_retention_left(databases: Databases) -> None:
    """A day of New York begins at 4 or 5 in UTC; retention ends at a midnight of UTC."""
    store = TimeseriesDb(databases.app)
    instrument_id = add_instrument(databases, "AAA", calendar="XNYS")
    today = now_utc().replace(hour=0, minute=0, second=0, microsecond=0)
    minutes = bars_from(today - timedelta(days=9, hours=12), 6 * 1440)
    store.store_bars({instrument_id: minutes}, BarSize.MINUTE_1, source="test")
    whole = store.read_bars("AAA", BarSize.DAY_1)
    assert SeriesUpkeep(databases.service, {BarSize.MINUTE_1: 8}).drop_expired() == {BarSize.MINUTE_1: 36 * 60}
    left = store.read_bars("AAA", BarSize.DAY_1)
    assert left.time_us[0] == (today - timedelta(days=8)).timestamp() * 1e6
    assert left.volume.tolist() == whole.volume[-len(left) :].tolist()


def test_a_bar_stored_while_a_year_goes_is_not_lost(databases: Databases) -> None:
    """A daily bar is on its way when retention of minutes finds nothing else in its year."""
    store = TimeseriesDb(databases.app)
    instrument_id = add_instrument(databases, "AAA")
    old = datetime(2000, 3, 1, tzinfo=UTC)  # the first partition to go
    store.store_bars({instrument_id: bars_from(old, 10)}, BarSize.MINUTE_1, source="test")
    days = (now_utc() - datetime(2001, 6, 1, tzinfo=UTC)).days
    upkeep = SeriesUpkeep(databases.service, {BarSize.MINUTE_1: days})
    with ThreadPoolExecutor(1) as other, databases.app.transaction() as transaction:
        BarLoad({instrument_id: bars_from(old, 1)}, BarSize.DAY_1, "test").store(transaction)
        dropping = other.submit(upkeep.drop_expired)
        _until_somebody_waits(databases)
        transaction.connection.commit()
        assert dropping.result(30) == {BarSize.MINUTE_1: 10}
    assert len(store.read_bars("AAA", BarSize.DAY_1)) == 1
    assert len(store.read_bars("AAA", BarSize.MINUTE_1)) == 0


@pytest.mark.parametrize("alone", [True, False], ids=["a year goes whole", "others stay in the year"])
def test_a_load_and_retention_do_not_deadlock(databases: Databases, alone: bool) -> None:
    """A load has looked at what is stored and not written yet when retention comes to remove a year."""
    store = TimeseriesDb(databases.app)
    instrument_id = add_instrument(databases, "AAA")
    old = datetime(2000, 3, 1, tzinfo=UTC)
    store.store_bars({instrument_id: bars_from(old, 10)}, BarSize.MINUTE_1, source="test")
    if not alone:
        store.store_bars({instrument_id: bars_from(old, 1)}, BarSize.DAY_1, source="test")
    days = (now_utc() - datetime(2001, 6, 1, tzinfo=UTC)).days
    upkeep = SeriesUpkeep(databases.service, {BarSize.MINUTE_1: days})
    with ThreadPoolExecutor(1) as other, databases.app.transaction() as transaction:
        assert transaction.connection.execute("SELECT count(*) FROM market_data").fetchone() is not None
        BarLoad({instrument_id: bars_from(now_utc(), 1)}, BarSize.DAY_1, "test").store(transaction)
        dropping = other.submit(upkeep.drop_expired)
        _until_somebody_waits(databases)
        # A second load, of the year in question and of one that has no partition yet.
        later = bars_from(old + timedelta(hours=1), 3)
        BarLoad({instrument_id: later}, BarSize.MINUTE_1, "test").store(transaction)
        BarLoad({instrument_id: bars_from(datetime(1995, 3, 1, tzinfo=UTC), 1)}, BarSize.DAY_1, "test").store(
            transaction
        )
        transaction.connection.commit()
        assert dropping.result(30) == {BarSize.MINUTE_1: 13}
    assert len(store.read_bars("AAA", BarSize.MINUTE_1)) == 0
    assert len(store.read_bars("AAA", BarSize.DAY_1)) == (2 if alone else 3)
    covered = {one.bar_size: one.bars for one in store.coverage_map(["AAA"])}
    assert covered == {BarSize.DAY_1: 2 if alone else 3}


def test_counting_again_and_retention_do_not_deadlock(databases: Databases) -> None:
    """Retention holds the table of bars and goes on to what is derived from it, where the count has begun meanwhile."""
    store = TimeseriesDb(databases.app)
    store.store_bars({add_instrument(databases, "AAA"): bars_from(now_utc(), 10)}, BarSize.MINUTE_1, source="test")

    def count() -> int:
        with psycopg.connect(databases.owner_url) as connection:
            row = connection.execute("SELECT series.recount()").fetchone()
            return int(row[0]) if row else 0

    with ThreadPoolExecutor(1) as other, psycopg.connect(databases.owner_url) as retention:
        retention.execute("LOCK TABLE ONLY market_data IN ACCESS EXCLUSIVE MODE")
        counting = other.submit(count)
        _until_somebody_waits(databases)
        retention.execute("SELECT series.forget_before(now() - interval '10 years', NULL)")
        retention.commit()
        assert counting.result(30) == 1
    assert [one.bars for one in store.coverage_map(["AAA"])] == [10]


def test_counting_again_and_a_load_that_makes_a_part_do_not_deadlock(databases: Databases) -> None:
    """The load holds the default part and goes on to bar_coverage, where the count has begun meanwhile."""
    store, years_ago = TimeseriesDb(databases.app), datetime(1995, 3, 1, tzinfo=UTC)
    instrument_id = add_instrument(databases, "AAA")
    store.store_bars({instrument_id: bars_from(now_utc(), 10)}, BarSize.MINUTE_1, source="test")

    def count() -> None:
        with psycopg.connect(databases.owner_url) as connection:
            connection.execute("SELECT series.recount()")

    with ThreadPoolExecutor(1) as other, databases.app.transaction() as transaction:
        transaction.all("bars_ensure_partitions", first=years_ago, last=years_ago)
        counting = other.submit(count)
        _until_somebody_waits(databases)
        BarLoad({instrument_id: bars_from(years_ago, 1)}, BarSize.MINUTE_1, "test").store(transaction)
        transaction.connection.commit()
        counting.result(30)
    assert [one.bars for one in store.coverage_map(["AAA"])] == [11]


def test_rollups_and_a_load_that_makes_a_part_do_not_deadlock(databases: Databases) -> None:
    """Rollups have done the first instrument and wait for the second, which the load holds."""
    store, years_ago = TimeseriesDb(databases.app), datetime(1995, 3, 1, tzinfo=UTC)
    ids = [add_instrument(databases, name) for name in ("AAA", "BBB")]
    store.store_bars({one: bars_from(now_utc(), 10) for one in ids}, BarSize.MINUTE_1, source="test")
    upkeep = SeriesUpkeep(databases.service, {})
    with ThreadPoolExecutor(1) as other, databases.app.transaction() as transaction:
        transaction.all("bars_lock_instruments", ids=ids[1:])
        rolling = other.submit(upkeep.refresh_rollups)
        _until_somebody_waits(databases)
        BarLoad({ids[1]: bars_from(years_ago, 1)}, BarSize.DAY_1, "test").store(transaction)
        transaction.connection.commit()
        rolling.result(30)
    assert {one.bar_size for one in store.coverage_map(["BBB"])} == {BarSize.MINUTE_1, BarSize.DAY_1}


def test_two_loads_that_come_first_to_a_year_at_once(databases: Databases) -> None:
    store, years_ago = TimeseriesDb(databases.app), datetime(1995, 3, 1, tzinfo=UTC)
    ids = [add_instrument(databases, name) for name in ("AAA", "BBB")]
    with ThreadPoolExecutor(1) as other, databases.app.transaction() as transaction:
        BarLoad({ids[0]: bars_from(years_ago, 1)}, BarSize.DAY_1, "test").store(transaction)
        loading = other.submit(store.store_bars, {ids[1]: bars_from(years_ago, 1)}, BarSize.DAY_1, source="test")
        _until_somebody_waits(databases)
        transaction.connection.commit()
        assert loading.result(30).inserted == 1
    assert [one.bars for one in store.coverage_map(["AAA", "BBB"])] == [1, 1]


def test_a_reader_that_becomes_a_writer_while_a_year_goes(databases: Databases) -> None:
    store = TimeseriesDb(databases.app)
    instrument_id = add_instrument(databases, "AAA")
    old = datetime(2000, 3, 1, tzinfo=UTC)
    store.store_bars({instrument_id: bars_from(old, 10)}, BarSize.MINUTE_1, source="test")
    days = (now_utc() - datetime(2001, 6, 1, tzinfo=UTC)).days
    upkeep = SeriesUpkeep(databases.service, {BarSize.MINUTE_1: days})
    with ThreadPoolExecutor(1) as other, databases.app.transaction() as transaction:
        assert transaction.connection.execute("SELECT count(*) FROM market_data").fetchone() is not None
        dropping = other.submit(upkeep.drop_expired)
        _until_somebody_waits(databases)
        BarLoad({instrument_id: bars_from(old + timedelta(hours=1), 3)}, BarSize.MINUTE_1, "test").store(transaction)
        transaction.connection.commit()
        assert dropping.result(30) == {BarSize.MINUTE_1: 13}
    assert store.coverage_map(["AAA"]) == []


def test_bars_stored_while_older_ones_go_are_counted(databases: Databases) -> None:
    """Retention by rows, as daily bars share the year: minutes of before it arrive and are not yet committed."""
    store = TimeseriesDb(databases.app)
    instrument_id = add_instrument(databases, "AAA", calendar="24/7")
    old = datetime(2000, 3, 1, tzinfo=UTC)
    store.store_bars({instrument_id: bars_from(old, 10)}, BarSize.MINUTE_1, source="test")
    store.store_bars({instrument_id: bars_from(old, 1)}, BarSize.DAY_1, source="test")
    days = (now_utc() - datetime(2001, 6, 1, tzinfo=UTC)).days
    upkeep = SeriesUpkeep(databases.service, {BarSize.MINUTE_1: days})
    with ThreadPoolExecutor(1) as other, databases.app.transaction() as transaction:
        BarLoad({instrument_id: bars_from(old + timedelta(hours=1), 5)}, BarSize.MINUTE_1, "test").store(transaction)
        dropping = other.submit(upkeep.drop_expired)
        _until_somebody_waits(databases)
        transaction.connection.commit()
        removed = dropping.result(30)[BarSize.MINUTE_1]
    left = len(store.read_bars("AAA", BarSize.MINUTE_1))
    counted = {one.bar_size: one.bars for one in store.coverage_map(["AAA"])}.get(BarSize.MINUTE_1, 0)
    assert (removed + left, counted) == (15, left)


def _until_somebody_waits(databases: Databases) -> None:
    with psycopg.connect(databases.owner_url, autocommit=True) as connection:
        for _ in range(600):
            waiting = connection.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
            if waiting != (0,):
                return
            connection.execute("SELECT pg_sleep(0.05)")
    raise AssertionError("nobody waits for a lock")
