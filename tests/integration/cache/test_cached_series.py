"""Last quotes and minutes of the last session through the ladder: right, shared, and fresh after every kind of change.

The session is Thursday 2024-03-14 of NYSE: 9:30 in New York is 13:30 UTC, as summer time began on the 10th.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
import pytest
from redis import Redis

from causeway.adapters.storage.cache_manager import CacheManager
from causeway.adapters.storage.cached_series import CachedSeries, drop_minutes
from causeway.adapters.storage.installation import Installation, write_installation
from causeway.adapters.storage.live_store import LiveStore
from causeway.adapters.storage.repair_store import RepairStore
from causeway.adapters.storage.series_upkeep import SeriesUpkeep
from causeway.adapters.storage.timeseries_db import TimeseriesDb
from causeway.cli.wiring import import_symbol_history
from causeway.errors import InvalidInput, NotFound, Unavailable
from causeway.market_data.corporate_actions import Adjustment
from causeway.market_data.repairs import Proposal
from causeway.market_data.symbol_history import read_map_rows
from causeway.market_data.trade_stream import TradeBar
from causeway.model.bar import Bar, BarColumns
from causeway.model.corporate_action import ActionKind, CorporateAction
from causeway.model.time import BarSize, micros, now_utc
from causeway.streaming.live_market import LiveBar
from tests.fixtures.databases import Databases

pytestmark = [pytest.mark.redis, pytest.mark.postgres]
OPEN = datetime(2024, 3, 14, 13, 30, tzinfo=UTC)
DAY_BEFORE = OPEN - timedelta(days=1)
RAW, SPLIT = Adjustment.RAW, Adjustment.SPLIT


@pytest.fixture
def cache(redis_url: str) -> Iterator[CacheManager]:
    made = CacheManager(redis_url)
    yield made
    made.close()


@pytest.fixture
def series(databases: Databases, cache: CacheManager) -> CachedSeries:
    """Reads as a function does; the database tells it of changes, as in its wiring."""
    for database in (databases.app, databases.service):
        database.series_changed = drop_minutes(cache)
    return CachedSeries(databases.app, cache)


class Transactions:
    """How many transactions a database ran."""

    def __init__(self, databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        database, snapshot, transaction = databases.app, databases.app.snapshot, databases.app.transaction

        def counted(real: Callable[..., Any]) -> Callable[..., Any]:
            def run(*args: Any, **options: Any) -> Any:
                self.count += 1
                return real(*args, **options)

            return run

        monkeypatch.setattr(database, "snapshot", counted(snapshot))
        monkeypatch.setattr(database, "transaction", counted(transaction))


@pytest.fixture
def spy(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> Transactions:
    return Transactions(databases, monkeypatch)


def minutes(start: datetime, count: int, close: float = 100.0) -> BarColumns:
    times = np.array([micros(start + timedelta(minutes=n)) for n in range(count)], dtype=np.int64)
    closes = close + np.arange(count) / 8
    return BarColumns(times, closes, closes + 1, closes - 1, closes, np.full(count, 100.0))


@pytest.fixture
def instrument(databases: Databases) -> int:
    """AAPL with ten minutes of Wednesday and of Thursday."""
    with psycopg.connect(databases.owner_url) as connection:
        (found,) = connection.execute(
            "INSERT INTO instruments (asset_class, name, calendar) VALUES ('equity', 'Apple', 'XNYS') RETURNING id"
        ).fetchall()
        connection.execute("INSERT INTO symbols (symbol, instrument_id) VALUES ('AAPL', %s)", found)
    instrument_id = int(found[0])
    plain = TimeseriesDb(databases.service)
    for start in (DAY_BEFORE, OPEN):
        plain.store_bars({instrument_id: minutes(start, 10)}, BarSize.MINUTE_1, source="test")
    return instrument_id


def closes(series: TimeseriesDb, start: datetime = OPEN, adjustment: Adjustment = RAW, **more: Any) -> list[float]:
    found: list[float] = series.read_adjusted(
        "aapl", BarSize.MINUTE_1, start, adjustment=adjustment, **more
    ).close.tolist()
    return found


def equal(left: BarColumns, right: BarColumns) -> bool:
    return all(np.array_equal(getattr(left, name), getattr(right, name)) for name in ("time_us", "close", "volume"))


@pytest.mark.usefixtures("instrument")
def test_the_minutes_are_those_of_the_database_from_any_start_and_in_any_number(
    databases: Databases, series: CachedSeries
) -> None:
    plain = TimeseriesDb(databases.app)
    for start in (
        DAY_BEFORE,
        OPEN - timedelta(hours=2),
        OPEN,
        OPEN + timedelta(minutes=3, seconds=1),
        OPEN + timedelta(1),
    ):
        for limit in (None, 1, 4, 100):
            for adjustment in Adjustment:
                asked: Any = {"adjustment": adjustment, "limit": limit}
                expected = plain.read_adjusted("AAPL", BarSize.MINUTE_1, start, **asked)
                assert equal(series.read_adjusted("AAPL", BarSize.MINUTE_1, start, **asked), expected)


@pytest.mark.usefixtures("instrument")
def test_the_second_reader_asks_no_database_and_the_key_is_the_one_of_the_architecture(
    series: CachedSeries, spy: Transactions, redis_url: str
) -> None:
    closes(series)
    asked = spy.count
    assert asked > 0
    for _ in range(3):
        closes(series)
    assert spy.count == asked
    with Redis.from_url(redis_url) as client:
        assert 0 < client.pttl("market_data:AAPL:1m") <= 30_000


@pytest.mark.usefixtures("instrument")
def test_a_thousand_that_miss_at_once_make_one_load(series: CachedSeries, spy: Transactions) -> None:
    closes(series)
    one_load = spy.count
    series._cache.invalidate(["market_data:AAPL:1m"])
    barrier = threading.Barrier(100)

    def read() -> list[float]:
        barrier.wait()
        return [closes(series)[-1] for _ in range(10)]

    with ThreadPoolExecutor(100) as pool:
        answers = [pool.submit(read) for _ in range(100)]
        assert {one for answer in answers for one in answer.result()} == {101.125}
    assert spy.count == 2 * one_load


def test_a_symbol_that_is_not_known_is_asked_for_once(series: CachedSeries, spy: Transactions) -> None:
    for _ in range(5):
        with pytest.raises(NotFound, match="NOPE"):
            series.read_adjusted("NOPE", BarSize.MINUTE_1, OPEN, adjustment=RAW)
    assert spy.count == 1


def load_more(databases: Databases, instrument: int) -> None:
    """As a fetch or a file does."""
    more = minutes(OPEN + timedelta(minutes=10), 1, close=200.0)
    TimeseriesDb(databases.service).store_bars({instrument: more}, BarSize.MINUTE_1, source="test")


def correct(databases: Databases, instrument: int) -> None:
    changed = minutes(OPEN + timedelta(minutes=9), 1, close=300.0)
    TimeseriesDb(databases.service).store_bars({instrument: changed}, BarSize.MINUTE_1, source="test")


def live(databases: Databases, instrument: int) -> None:
    bar = TradeBar(micros(OPEN + timedelta(minutes=10)), 7.0, 8.0, 6.0, 7.5, 1.0, 1)
    LiveStore(databases.service).write([], [LiveBar("AAPL", instrument, BarSize.MINUTE_1, bar, "live")])


def retire(databases: Databases, _instrument: int) -> None:
    SeriesUpkeep(databases.service, {BarSize.MINUTE_1: 1}).drop_expired()


@pytest.mark.parametrize(
    ("change", "last"),
    [(load_more, 200.0), (correct, 300.0), (live, 7.5), (retire, None)],
    ids=["loaded", "corrected", "live", "retired"],
)
def test_whoever_changes_the_minutes_drops_them(
    databases: Databases,
    series: CachedSeries,
    instrument: int,
    change: Callable[[Databases, int], None],
    last: float | None,
) -> None:
    assert closes(series)[-1] == 101.125
    change(databases, instrument)
    assert closes(series)[-1:] == ([] if last is None else [last])


def test_an_accepted_repair_drops_them(
    databases: Databases, series: CachedSeries, instrument: int, user_factory: Callable[..., UUID]
) -> None:
    assert instrument
    user_id, at = user_factory("analyst"), OPEN + timedelta(minutes=9)
    found = Bar(at, 101.125, 102.125, 100.125, 101.125, 100.0)
    store = RepairStore(databases.app)
    proposal = Proposal(found=found, proposed=replace(found, high=103.0, close=102.5), code="unit_error", reason="r")
    (repair_id,) = store.propose(user_id, "AAPL", BarSize.MINUTE_1, [proposal])
    assert closes(series)[-1] == 101.125
    store.accept(user_id, [repair_id])
    assert closes(series)[-1] == 102.5


def test_the_close_before_a_dividend_adjusts_the_cached_minutes(series: CachedSeries, instrument: int) -> None:
    """Of 100 before the ex-date 2 are paid: prices before it are multiplied by 1 - 2/(98 + 2), CRSP's factor."""
    dividend = CorporateAction(ActionKind.DIVIDEND, date(2024, 3, 15), Decimal(2))
    series.add_corporate_actions({"AAPL": [dividend]}, source="test")
    assert closes(series, adjustment=Adjustment.TOTAL)[0] == 100
    days = np.array([micros(datetime(2024, 3, day, tzinfo=UTC)) for day in (14, 15)], dtype=np.int64)
    close = np.array([100.0, 98.0])
    series.store_bars(
        {instrument: BarColumns.of(days, np.stack([close] * 4, axis=1), close)}, BarSize.DAY_1, source="test"
    )
    assert closes(series, adjustment=Adjustment.TOTAL)[0] == pytest.approx(98, abs=1e-9)


def test_a_split_to_come_adjusts_the_cached_minutes(series: CachedSeries, instrument: int) -> None:
    """Two for one on the day after the last session: its minutes count half, and twice the volume."""
    assert instrument
    assert closes(series, adjustment=SPLIT)[0] == 100
    split = CorporateAction(ActionKind.SPLIT, date(2024, 3, 15), Decimal(2))
    series.add_corporate_actions({"AAPL": [split]}, source="test")
    assert closes(series, adjustment=SPLIT)[0] == 50
    assert closes(series)[0] == 100


def test_a_symbol_that_ends_on_a_day_to_come_has_its_minutes_until_then(
    databases: Databases, series: CachedSeries, instrument: int
) -> None:
    assert instrument
    with psycopg.connect(databases.owner_url) as connection:
        connection.execute("UPDATE symbols SET valid_to = now() + interval '30 days' WHERE symbol = 'AAPL'")
    assert closes(series, end=now_utc() + timedelta(days=29))[-1] == 101.125
    with pytest.raises(NotFound):
        closes(series, end=now_utc() + timedelta(days=31))


def test_bars_from_the_end_on_are_left_out_where_the_market_runs_ahead_of_the_clock(
    databases: Databases, series: CachedSeries, instrument: int
) -> None:
    ahead = (now_utc() + timedelta(days=2)).replace(hour=18, minute=0, second=0, microsecond=0)
    TimeseriesDb(databases.service).store_bars({instrument: minutes(ahead, 10)}, BarSize.MINUTE_1, source="test")
    assert closes(series, ahead - timedelta(hours=1), end=ahead + timedelta(minutes=4)) == [
        100,
        100.125,
        100.25,
        100.375,
    ]


def test_an_end_before_the_start_is_refused(series: CachedSeries, instrument: int) -> None:
    assert instrument
    ahead = now_utc() + timedelta(days=2)
    with pytest.raises(InvalidInput, match="end"):
        closes(series, ahead, end=ahead - timedelta(days=1))


def test_the_import_of_a_symbol_history_on_the_command_line_drops_them(
    databases: Databases, redis_url: str, series: CachedSeries, instrument: int, tmp_path: Path
) -> None:
    """The company is delisted at the end of 2024."""
    assert instrument
    urls = (databases.owner_url, databases.service_url, databases.app_url, redis_url)
    write_installation(tmp_path, Installation("http://127.0.0.1", *urls, blob_url="", project_dir=""))
    assert closes(series)[-1] == 101.125
    import_symbol_history(
        tmp_path, read_map_rows([["apple", day, "AAPL"] for day in ("1998-01-02", "2024-12-31")]), "test"
    )
    of_another_process = CacheManager(redis_url, listens=False)
    with closing(of_another_process), pytest.raises(NotFound):
        closes(CachedSeries(databases.app, of_another_process))


def test_a_change_whose_commit_got_no_answer_drops_them(
    databases: Databases, series: CachedSeries, instrument: int
) -> None:
    """It may be stored. The connection ends in the commit itself: a deferred trigger ends it."""
    told: list[list[str]] = []
    databases.service.series_changed = lambda symbols: told.append([*symbols])
    with psycopg.connect(databases.owner_url) as connection:
        connection.execute("CREATE TABLE last_words (said text); GRANT INSERT ON last_words TO causeway_service")
        connection.execute(
            "CREATE FUNCTION hang_up() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'"
        )
        connection.execute(
            "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON last_words DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW EXECUTE FUNCTION hang_up()"
        )

    def change() -> None:
        with databases.service.transaction() as transaction:
            transaction.connection.execute("INSERT INTO last_words VALUES ('bye')")
            transaction.changed_series.add(instrument)

    with pytest.raises(Unavailable, match="during a commit"):
        change()
    assert told == [["AAPL"]]
    assert closes(series)[-1] == 101.125


def test_a_change_that_is_rolled_back_drops_nothing(
    databases: Databases, series: CachedSeries, instrument: int
) -> None:
    told: list[str] = []
    databases.service.series_changed = told.extend

    def fail() -> None:
        with databases.service.transaction() as transaction:
            transaction.changed_series.add(instrument)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert told == []
    load_more(databases, instrument)
    assert told == ["AAPL"]


def quote(databases: Databases, instrument: int, last: str) -> None:
    with psycopg.connect(databases.owner_url) as connection:
        connection.execute(
            "INSERT INTO latest_quotes VALUES (%s, 'AAPL', 10.10, 10.20, %s, 1, 1, 7, '2024-03-14Z', now(), 'test') "
            "ON CONFLICT (instrument_id) DO UPDATE SET last = excluded.last",
            [instrument, last],
        )


def test_quotes_are_those_of_the_database_and_the_second_reader_asks_none(
    databases: Databases, series: CachedSeries, instrument: int, spy: Transactions
) -> None:
    quote(databases, instrument, "10.150")
    for _ in range(3):
        (found,) = series.quotes(["none", "aapl", "AAPL"])
        assert {name: found[name] for name in ("symbol", "bid", "last", "market_time")} == {
            "symbol": "AAPL", "bid": "10.1", "last": "10.15", "market_time": "2024-03-14T00:00:00Z",
        }  # fmt: skip
    assert spy.count == 1


def test_a_quote_of_the_feed_is_newer_than_one_that_was_loaded(
    databases: Databases, series: CachedSeries, cache: CacheManager, instrument: int
) -> None:
    """The feed writes while a load of the older quote is under way."""
    quote(databases, instrument, "10")
    newer = {"symbol": "AAPL", "last": "11"}

    def load(symbols: Any) -> Any:
        loaded = series._loader.quotes_json(symbols)
        cache.put_quotes([newer])
        return loaded

    assert cache.latest_quotes(["AAPL"], load)[0]["last"] == "10"
    deadline = time.monotonic() + 5
    while cache.latest_quotes(["AAPL"], load)[0]["last"] != "11":  # what the process keeps is over in a quarter second
        assert time.monotonic() < deadline


def test_a_hundred_that_ask_for_the_same_quotes_at_once_share_one_load(
    databases: Databases, series: CachedSeries, instrument: int, spy: Transactions
) -> None:
    quote(databases, instrument, "10")
    barrier = threading.Barrier(100)

    def read() -> int:
        barrier.wait()
        return len(series.quotes(["AAPL", "NONE"]))

    with ThreadPoolExecutor(100) as pool:
        assert {answer.result() for answer in [pool.submit(read) for _ in range(100)]} == {1}
    assert spy.count == 1
