"""Bars that a live feed stored minute by minute, moved so that those of an instrument lie together."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from causeway.adapters.storage.live_store import LiveStore
from causeway.adapters.storage.series_upkeep import SeriesUpkeep
from causeway.adapters.storage.timeseries_db import TimeseriesDb
from causeway.market_data.trade_stream import TradeBar
from causeway.model.time import BarSize, now_utc
from causeway.streaming.live_market import LiveBar
from tests.fixtures.databases import Databases
from tests.integration.market_data.series import MINUTE_US, add_instrument, bars_from, same

pytestmark = pytest.mark.postgres
MINUTES = 60
SYMBOLS = 30  # more than one step moves
YESTERDAY = now_utc().replace(hour=14, minute=30, second=0, microsecond=0) - timedelta(days=1)


def _live_minutes(databases: Databases, ids: Sequence[int], first: datetime) -> None:
    """As a feed: a minute of every symbol, then the next."""
    store = LiveStore(databases.service)
    first_us = int(first.timestamp()) * 1_000_000
    for minute in range(MINUTES):
        bar = TradeBar(first_us + minute * MINUTE_US, 100.0 + minute, 102.0 + minute, 99.0, 101.0, 5.0, 3)
        store.write([], [LiveBar(f"S{one}", one, BarSize.MINUTE_1, bar, "live") for one in ids])


def _rows(databases: Databases) -> list[Any]:
    with psycopg.connect(databases.owner_url) as connection:
        return connection.execute(
            "SELECT * FROM market_data ORDER BY instrument_id, bar_size, time, known_at"
        ).fetchall()


def _pages(databases: Databases, instrument_id: int) -> int:
    with psycopg.connect(databases.owner_url) as connection:
        row = connection.execute(
            "SELECT count(DISTINCT (ctid::text::point)[0]) FROM market_data WHERE instrument_id = %s", [instrument_id]
        ).fetchone()
    assert row is not None
    return int(row[0])


def _somebody_waits(databases: Databases) -> bool:
    with psycopg.connect(databases.owner_url) as connection:
        query = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        return connection.execute(query).fetchone() is not None


def _instruments(databases: Databases, count: int = SYMBOLS) -> list[int]:
    return [add_instrument(databases, f"S{number}") for number in range(count)]


def test_the_bars_of_a_finished_day_come_to_lie_together(databases: Databases) -> None:
    """A page has 8 KiB and a row about 110 bytes: 60 bars fill one page, and may begin and end within two more."""
    ids = _instruments(databases)
    _live_minutes(databases, ids, YESTERDAY)
    before = _rows(databases)
    assert _pages(databases, ids[0]) > MINUTES / 4
    SeriesUpkeep(databases.service, {}).put_in_order()
    assert max(_pages(databases, one) for one in ids) <= 3
    assert _rows(databases) == before  # every column, when it was known and whence included


def test_a_day_is_put_in_order_once(databases: Databases) -> None:
    ids = _instruments(databases, 3)
    _live_minutes(databases, ids, YESTERDAY)
    upkeep = SeriesUpkeep(databases.service, {})
    upkeep.put_in_order()
    with psycopg.connect(databases.owner_url) as connection:
        query = "SELECT instrument_id, time, ctid::text FROM market_data ORDER BY 1, 2"
        places = connection.execute(query.encode()).fetchall()
        connection.rollback()
        upkeep.put_in_order()
        assert connection.execute(query.encode()).fetchall() == places


def test_the_day_that_is_not_over_is_left(databases: Databases) -> None:
    ids = _instruments(databases)
    midnight = now_utc().replace(hour=0, minute=0, second=0, microsecond=0)
    _live_minutes(databases, ids, midnight)
    pages = _pages(databases, ids[0])
    SeriesUpkeep(databases.service, {}).put_in_order()
    assert _pages(databases, ids[0]) == pages > 3


def test_other_bars_and_days_stay_where_they_are(databases: Databases) -> None:
    (instrument_id,) = _instruments(databases, 1)
    store = TimeseriesDb(databases.app)
    loaded = bars_from(YESTERDAY - timedelta(days=3), 50)
    store.store_bars({instrument_id: loaded}, BarSize.MINUTE_1, source="file")
    _live_minutes(databases, [instrument_id], YESTERDAY)
    SeriesUpkeep(databases.service, {}).put_in_order()
    end = YESTERDAY - timedelta(days=2)
    assert same(store.read_bars("S0", BarSize.MINUTE_1, datetime(2000, 1, 1, tzinfo=UTC), end), loaded)
    assert store.coverage(["S0"], BarSize.MINUTE_1)[0].bars == 50 + MINUTES


def test_a_bar_that_is_amended_meanwhile_is_not_lost(databases: Databases) -> None:
    ids = _instruments(databases, 2)
    _live_minutes(databases, ids, YESTERDAY)
    store = TimeseriesDb(databases.app)
    amended = bars_from(YESTERDAY, 1, base=500.0)
    with psycopg.connect(databases.owner_url) as moving, ThreadPoolExecutor() as pool:
        moving.execute("SELECT series.put_in_order(20)")
        writing = pool.submit(store.store_bars, {ids[0]: amended}, BarSize.MINUTE_1, source="late")
        while not writing.done() and not _somebody_waits(databases):
            time.sleep(0.01)
        assert not writing.done()
        moving.commit()
        assert writing.result(30).updated == 1
    read = store.read_bars("S0", BarSize.MINUTE_1, YESTERDAY, YESTERDAY + timedelta(minutes=1))
    assert same(read, amended)
    assert len(_rows(databases)) == 2 * MINUTES


def test_it_stops_between_two_steps(databases: Databases) -> None:
    ids = _instruments(databases)
    _live_minutes(databases, ids, YESTERDAY)
    answers = iter([False, True])
    SeriesUpkeep(databases.service, {}).put_in_order(lambda: next(answers))
    assert _pages(databases, ids[0]) <= 3
    assert _pages(databases, ids[-1]) > 3


def test_a_step_moves_no_more_bars_than_a_statement_moves_in_its_time(databases: Databases) -> None:
    """A day of trades around the clock has 86,400 seconds: two such instruments are more than 100,000 bars."""
    ids = _instruments(databases, 3)
    with psycopg.connect(databases.owner_url) as connection:
        connection.execute(
            "INSERT INTO market_data (instrument_id, bar_size, time, open, high, low, close, volume, source) "
            "SELECT id, '1s', %s::timestamptz + at * interval '1 second', 1, 1, 1, 1, 1, 'live' "
            "FROM unnest(%s::integer[]) AS id, generate_series(0, 86399) AS at",
            [YESTERDAY.replace(hour=0, minute=0), ids],
        )
        connection.execute("SELECT series.recount()")
        connection.execute("INSERT INTO bars_as_they_came (bar_size, day) VALUES ('1s', %s)", [YESTERDAY.date()])
        moved = []
        for _ in ids:
            connection.execute("SELECT series.put_in_order(20)")
            row = connection.execute("SELECT done FROM bars_as_they_came").fetchone()
            moved.append(row and row[0])
        assert moved == sorted(ids)
        assert connection.execute("SELECT series.put_in_order(20)").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM market_data").fetchone() == (3 * 86_400,)


def test_days_are_noted_before_the_coverage_is_written(databases: Databases) -> None:
    """Two feeds change over: one noted a new day and counts a bust's year again, the other comes to note it too."""
    ids = _instruments(databases, 2)
    first_us = int(YESTERDAY.timestamp()) * 1_000_000
    bars = [
        LiveBar(f"S{one}", one, BarSize.MINUTE_1, TradeBar(first_us, 100.0, 102.0, 99.0, 101.0, 5.0, 3), "live")
        for one in ids
    ]
    with psycopg.connect(databases.owner_url) as counting, ThreadPoolExecutor() as pool:
        counting.execute("INSERT INTO bars_as_they_came (bar_size, day) VALUES ('1m', %s)", [YESTERDAY.date()])
        writing = pool.submit(LiveStore(databases.service).write, [], bars)
        with psycopg.connect(databases.owner_url, autocommit=True) as watching:
            for _ in range(600):
                if watching.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone() != (0,):
                    break
                watching.execute("SELECT pg_sleep(0.05)")
        counting.execute("SELECT series.recount()")
        counting.commit()
        writing.result(30)
    assert len(_rows(databases)) == 2


def test_the_application_cannot_move_bars(databases: Databases) -> None:
    with psycopg.connect(databases.app_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("SELECT series.put_in_order(20)")
