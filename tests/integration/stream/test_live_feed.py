"""The live feed: what is good goes out at once, and all of it reaches the database, whatever happens meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import psycopg
import pytest

from causeway.adapters.messaging.pubsub import InProcessEventBus
from causeway.adapters.messaging.spool import Spool
from causeway.adapters.storage.alert_store import AlertStore
from causeway.adapters.storage.cache_manager import CacheManager
from causeway.adapters.storage.database import Database
from causeway.adapters.storage.live_store import LiveStore
from causeway.adapters.storage.quote_store import QuoteStore
from causeway.market_data.trade_stream import TradeBar
from causeway.model.tick import PriceBands, QuoteTick, TradeCorrection, TradeTick, TradingStatus
from causeway.model.time import BarSize, micros
from causeway.ports.feed import Connection, ConnectionChange, FeedEvent
from causeway.settings import LiveSettings
from causeway.streaming.live_market import LiveBar
from containers.stream.live_feed import LiveMarketFeed
from containers.stream.live_writer import LANES, QUOTES, TRADES
from tests.fixtures.databases import Databases

PATIENCE_S = 60.0
pytestmark = [pytest.mark.postgres, pytest.mark.redis]


class ScriptedFeed:
    """A provider that tells what the test puts in."""

    name = "scripted"
    tells_halts = True

    def __init__(self) -> None:
        self.waiting: Queue[FeedEvent] = Queue()
        self.subscribed: set[str] = set()

    def subscribe(self, symbols: Collection[str]) -> None:
        self.subscribed = set(symbols)

    def events(self, should_stop: Callable[[], bool], timeout_s: float) -> Iterator[FeedEvent | None]:
        yield ConnectionChange(Connection.UP, datetime.now(UTC))
        while not should_stop():
            try:
                yield self.waiting.get(timeout=timeout_s)
            except Empty:
                yield None


@dataclass
class Stage:
    """A feed over a real database, a real Redis and a spool on disk."""

    databases: Databases
    directory: Path
    redis_url: str
    market: dict[str, int]
    feed: ScriptedFeed = field(default_factory=ScriptedFeed)
    bus: InProcessEventBus = field(default_factory=InProcessEventBus)

    def __post_init__(self) -> None:
        self.heard = self.bus.listen(["market_data:*"], 0.05)
        self.cache = CacheManager(self.redis_url)

    @contextmanager
    def running(self, max_bytes: int = 1 << 24) -> Iterator[LiveMarketFeed]:
        spool = Spool(self.directory, LANES, droppable=(QUOTES, TRADES), max_bytes=max_bytes)
        settings = LiveSettings(live_flush_ms=50, live_step_ms=5, spool_dir=self.directory, live_outage_s=0.5)
        database = Database(self.databases.service_url, pool_size=4)
        tell = AlertStore(database, self.bus).raise_for_all
        live = LiveMarketFeed(self.feed, LiveStore(database), spool, self.bus, self.cache, settings, tell=tell)
        stop = threading.Event()
        thread = threading.Thread(target=live.run, args=(stop,))
        thread.start()
        try:
            yield live
        finally:
            stop.set()
            thread.join(PATIENCE_S)
            database.close()
            spool.close()

    def say(self, *events: FeedEvent) -> None:
        for event in events:
            self.feed.waiting.put(event)

    def published(self, count: int) -> list[dict[str, Any]]:
        """The next ``count`` quotes that listeners got."""
        found: list[dict[str, Any]] = []
        deadline = time.monotonic() + PATIENCE_S
        while len(found) < count and time.monotonic() < deadline:
            event = next(self.heard)
            found += event[1]["quotes"] if event else []
        return found

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.databases.owner_url) as connection:
            return connection.execute(query.encode()).fetchall()

    def until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.fixture
def stage(databases: Databases, tmp_path: Path, redis_url: str, small_market: dict[str, int]) -> Iterator[Stage]:
    made = Stage(databases, tmp_path, redis_url, small_market)
    yield made
    made.cache.close()
    made.heard.close()  # type: ignore[attr-defined]  # a generator


def _quote(symbol: str, bid: str, ask: str) -> QuoteTick:
    now, size = datetime.now(UTC), Decimal(100)
    return QuoteTick(symbol, now, Decimal(bid), Decimal(ask), size, size, now, "scripted")


def _trade(symbol: str, price: str, size: str = "10", *, at: datetime | None = None, number: int = 0) -> TradeTick:
    now = datetime.now(UTC)
    trade_id = str(number) if number else ""
    return TradeTick(symbol, at or now, Decimal(price), Decimal(size), now, "scripted", trade_id=trade_id)


def test_a_quote_reaches_listeners_the_cache_and_the_database_and_the_clock_is_live(stage: Stage) -> None:
    with stage.running():
        stage.say(_trade("AAA", "11.00", "50"), _quote("AAA", "10.99", "11.01"))
        (shown,) = stage.published(1)
        assert (shown["bid"], shown["ask"], shown["last"], shown["volume"]) == ("10.99", "11.01", "11", "50")
        assert stage.feed.subscribed == {"AAA", "BBB"}
        store = QuoteStore(stage.databases.service)
        stage.until(lambda: bool(store.latest()))
        assert (store.latest()[0].bid, store.latest()[0].instrument_id) == (Decimal("10.99"), stage.market["AAA"])
        stage.until(lambda: bool(stage.cache.latest_quotes(["AAA"], lambda symbols: [])))
        clock = store.clock()
        assert (clock.mode, clock.replay["live_feed"]) == ("live", "scripted")
    clock = store.clock()
    assert (clock.mode, "holder" in clock.replay) == ("live", False)


def test_flagged_ticks_are_counted_and_shown_to_nobody(stage: Stage) -> None:
    with stage.running() as live:
        stage.say(_quote("AAA", "10.00", "10.02"))
        stage.published(1)
        stage.say(_quote("AAA", "10.05", "10.03"), _quote("AAA", "-1", "10"), _quote("AAA", "100", "100.1"))
        stage.say(_quote("AAA", "10.01", "10.03"))
        assert stage.published(1)[0]["bid"] == "10.01"
        counts = live.report()
    assert (counts["crossed_quote"], counts["non_positive"], counts["jump"]) == (1, 1, 1)


def test_a_dead_database_slows_nobody_and_everything_is_there_when_it_is_back(stage: Stage) -> None:
    with stage.running() as live:
        stage.until(lambda: bool(live.counts["steps"]))
        second = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
        name = stage.databases.owner_url.rpartition("/")[2]
        maintenance = stage.databases.owner_url.rpartition("/")[0] + "/postgres"
        with psycopg.connect(maintenance, autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            waits = []
            for number in range(300):
                at = second + timedelta(seconds=number // 30, milliseconds=number % 30)
                began = time.monotonic()
                stage.say(_trade("BBB", f"{50 + number / 100:.2f}", "1", at=at), _quote("BBB", "49", f"{51 + number}"))
                shown = stage.published(1)
                waits.append(time.monotonic() - began)
                assert shown
            stage.until(lambda: live.counts["database_away"] > 0)
            stored = live.report().get("stored_bars", 0)
            connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())
        assert sorted(waits)[len(waits) // 2] < 0.5
        assert stored == 0
        query = f"SELECT volume, open FROM market_data WHERE bar_size = '1s' AND time >= '{second}' ORDER BY time"
        stage.until(lambda: len(stage.rows(query)) == 10)
        assert live.report().get("dropped_quotes", 0) == 0
    bars = stage.rows(query)
    assert [volume for volume, _ in bars] == [30.0] * 10
    assert [opening for _, opening in bars] == pytest.approx([50 + 0.3 * number for number in range(10)])
    assert QuoteStore(stage.databases.service).latest(["BBB"])[0].ask == Decimal(350)


def test_at_the_bound_of_the_disk_old_quotes_go_and_bars_stay(stage: Stage) -> None:
    """The database is away, the spool small: what is dropped is counted, the newest quotes and every bar arrive."""
    second = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=60)
    broken = Database("postgresql://nobody@127.0.0.1:1/none", pool_size=1)
    spool = Spool(stage.directory, LANES, droppable=(QUOTES, TRADES), max_bytes=48 * 1024)
    clock = [second]
    settings = LiveSettings(spool_dir=stage.directory)
    live = LiveMarketFeed(stage.feed, LiveStore(broken), spool, stage.bus, stage.cache, settings, now=lambda: clock[0])
    live.market.spans = LiveStore(stage.databases.service).spans(None)
    live._holding = True
    for number in range(500):
        clock[0] = second + timedelta(milliseconds=40 * number)
        live.take(_trade("AAA", "10", "1", at=clock[0]))
        live.take(_quote("AAA", "9.5", f"{10.5 + number / 1000:.3f}"))
        live.step()
    clock[0] = second + timedelta(seconds=21)
    live.step()
    assert live.report()["dropped_quotes"] > 0
    assert spool.size_bytes <= 48 * 1024
    spool.close()
    broken.close()
    with stage.running(max_bytes=48 * 1024):
        stage.until(lambda: bool(QuoteStore(stage.databases.service).latest(["AAA"])))
        query = "SELECT count(*), sum(volume) FROM market_data WHERE bar_size = '1s'"
        stage.until(lambda: stage.rows(query)[0][0] >= 20)
        assert stage.rows(query) == [(20, 500.0)]
    assert QuoteStore(stage.databases.service).latest(["AAA"])[0].ask == Decimal("10.999")


def test_a_late_correction_amends_the_stored_bar_and_a_bust_takes_it_away(stage: Stage) -> None:
    with stage.running() as live:
        stage.until(lambda: bool(live.counts["steps"]))
        second = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
        query = f"SELECT high, volume FROM market_data WHERE bar_size = '1s' AND time = '{second}'"
        stage.say(_trade("AAA", "10", at=second, number=1), _trade("AAA", "11", at=second, number=2))
        stage.say(_trade("AAA", "10", at=second + timedelta(seconds=3), number=3))
        stage.until(lambda: stage.rows(query) == [(11.0, 20.0)])
        now = datetime.now(UTC)
        stage.say(TradeCorrection("AAA", "2", None, now, "scripted"))
        stage.until(lambda: stage.rows(query) == [(10.0, 10.0)])
        stage.say(TradeCorrection("AAA", "1", None, now, "scripted"))
        stage.until(lambda: stage.rows(query) == [])


def test_a_long_outage_is_an_alert_for_every_user(stage: Stage, user_factory: Any) -> None:
    user_id = user_factory()
    with stage.running():
        stage.say(ConnectionChange(Connection.LOST, datetime.now(UTC), "cable cut"))
        stage.until(lambda: bool(stage.rows("SELECT FROM alerts")))
    ((told, kind, severity, text),) = stage.rows("SELECT user_id, kind, severity, text FROM alerts")
    assert (told, kind, severity) == (user_id, "feed_outage", "critical")
    assert "cable cut" in text


def test_a_halt_reaches_listeners_the_database_and_every_user(stage: Stage, user_factory: Any) -> None:
    user_id, now = user_factory(), datetime.now(UTC)
    with stage.running():
        stage.say(TradingStatus("AAA", now, True, "H", "Trading Halt; News pending", now, "scripted"))
        stage.say(PriceBands("AAA", now, Decimal("9.5"), Decimal("10.5"), "B", now, "scripted"))
        stage.until(lambda: bool(stage.rows("SELECT FROM alerts")))
        stage.until(lambda: stage.rows("SELECT lower FROM trading_states") == [(Decimal("9.5"),)])
        heard = next(event for event in stage.heard if event and event[1].get("statuses"))
    assert heard[1]["statuses"][0]["halted"] is True
    query = "SELECT instrument_id, halted, code, reason, upper FROM trading_states"
    assert stage.rows(query) == [(stage.market["AAA"], True, "H", "Trading Halt; News pending", Decimal("10.5"))]
    assert stage.rows("SELECT user_id, kind, subject FROM alerts") == [(user_id, "trading_halt", "AAA")]
    with stage.running():
        stage.say(TradingStatus("AAA", now + timedelta(seconds=1), False, "T", "", datetime.now(UTC), "scripted"))
        stage.until(lambda: len(stage.rows("SELECT FROM alerts")) == 2)
        stage.until(lambda: stage.rows("SELECT halted, upper FROM trading_states") == [(False, Decimal("10.5"))])


def test_the_feeds_counters_stand_beside_the_clock(stage: Stage) -> None:
    clock = QuoteStore(stage.databases.service).clock
    with stage.running():
        stage.say(_trade("AAA", "11.00"), _quote("AAA", "10.99", "11.01"), _quote("AAA", "10.99", "10.98"))
        stage.until(lambda: clock().replay.get("counts", {}).get("crossed_quote") == 1)
    counts = clock().replay["counts"]
    assert (counts["quotes"], counts["trades"], counts["published"], counts["stored_quotes"]) == (2, 1, 1, 1)
    assert counts["spool_quotes_bytes"] == 0
    before = LiveStore(stage.databases.service).feed()
    with stage.running():
        stage.say(_trade("AAA", "11.00"))
        stage.until(lambda: clock().replay.get("totals", {}).get("trades") == 2)
    after = LiveStore(stage.databases.service).feed()
    assert (after.totals["quotes"], after.totals["trades"], after.since) == (2, 2, before.since)
    assert after.started_at is not None
    assert before.started_at is not None
    assert after.started_at > before.started_at


def test_the_first_seconds_and_minutes_of_an_instrument_are_stored_and_counted_in_one_batch(stage: Stage) -> None:
    at = micros(datetime(2026, 3, 2, 15, 0, tzinfo=UTC))
    sizes = (BarSize.SECOND_1, BarSize.SECOND_1, BarSize.MINUTE_1)
    starts = (at, at + 1_000_000, at)
    bars = [
        LiveBar("AAA", stage.market["AAA"], size, TradeBar(start, 10.0, 10.0, 10.0, 10.0, 1.0, 1), "test")
        for size, start in zip(sizes, starts, strict=True)
    ]
    LiveStore(stage.databases.service).write([], bars)
    query = "SELECT bar_size, total FROM bar_coverage WHERE bar_size IN ('1s', '1m') ORDER BY bar_size"
    assert stage.rows(query) == [("1m", 1), ("1s", 2)]
