"""What a live feed has of the time in which it did not run or was not connected, against simulated vendors."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from causeway.adapters.feeds.alpaca_data import AlpacaHistory, AlpacaLive
from causeway.adapters.feeds.gap_backfill import BackfilledFeed
from causeway.adapters.feeds.iqfeed_client import IqfeedHistory, IqfeedLive
from causeway.adapters.feeds.reconnecting import Backoff
from causeway.adapters.messaging.pubsub import InProcessEventBus
from causeway.adapters.storage.quote_store import QuoteStore
from causeway.model.time import now_utc
from causeway.simulators.alpaca import AlpacaSimulator
from causeway.simulators.faults import Faults
from causeway.simulators.iqfeed import IqfeedSimulator
from causeway.simulators.market import SimulatedMarket
from causeway.streaming.live_records import pack_trades
from containers.stream.live_feed import LiveMarketFeed
from containers.stream.live_writer import TRADES
from tests.contract.feed.providers import alpaca, iqfeed
from tests.fixtures.databases import Databases
from tests.fixtures.live_feed import opened_spool, running_feed, until

PROJECT = Path(__file__).parents[3]
AHEAD = timedelta(seconds=70)  # by so much the feed's clock is fast, so that the present minute is over
QUICK = Backoff(first_s=0.01, longest_s=0.05)
pytestmark = [pytest.mark.postgres, pytest.mark.redis]
Vendor = IqfeedSimulator | AlpacaSimulator
Parts = tuple[IqfeedLive | AlpacaLive, IqfeedHistory | AlpacaHistory]


def _later() -> datetime:
    return now_utc() + AHEAD


def _of_iqfeed(vendor: IqfeedSimulator) -> Parts:
    settings = iqfeed.settings_of(vendor)
    return IqfeedLive(settings, backoff=QUICK), IqfeedHistory(settings, clock=_later)


def _of_alpaca(vendor: AlpacaSimulator) -> Parts:
    settings = alpaca.settings_of(vendor)
    history = AlpacaHistory(settings, clock=_later)
    return AlpacaLive(settings, history, backoff=QUICK), history


@dataclass
class World:
    """A vendor in which only what is pushed trades, a database that knows AAPL, and feeds between them."""

    vendor: Vendor
    parts: Callable[[Any], Parts]
    databases: Databases
    directory: Path
    redis_url: str

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.databases.owner_url) as connection:
            return connection.execute(query.encode()).fetchall()

    def minutes(self) -> list[tuple[float, float, float, float]]:
        return self.rows("SELECT open, high, close, volume FROM market_data WHERE bar_size = '1m' ORDER BY time")

    @contextmanager
    def running(self, **options: Any) -> Iterator[LiveMarketFeed]:
        """A feed that is connected and subscribed."""
        live, history = self.parts(self.vendor)
        between, bus = BackfilledFeed(live, history, **options), InProcessEventBus()
        with running_feed(
            between, self.databases, self.redis_url, self.directory, bus=bus, history=history, now=_later
        ) as feed:
            until(lambda: "AAPL" in self.vendor.watched())
            yield feed


@pytest.fixture(params=["iqfeed", "alpaca"])
def world(
    request: pytest.FixtureRequest, databases: Databases, redis_url: str, add_bars: Any, tmp_path: Path
) -> Iterator[World]:
    market = SimulatedMarket(seed=1, symbols=("AAPL",), until=datetime(2020, 2, 1, tzinfo=UTC))
    add_bars("AAPL", [])
    simulator = IqfeedSimulator if request.param == "iqfeed" else AlpacaSimulator
    parts = _of_iqfeed if request.param == "iqfeed" else _of_alpaca
    with simulator(market, Faults()) as vendor:
        yield World(vendor, parts, databases, tmp_path, redis_url)


def _room_in_this_minute() -> None:
    """Wait for the next minute where this one is nearly over, so that all that follows lies in one."""
    while datetime.now(UTC).second >= 50:
        time.sleep(0.1)


def test_the_minute_in_which_the_feed_starts_is_whole_in_the_database(world: World) -> None:
    """Trades before the start come from history, and what the stream alone had of the minute is not stored for it."""
    _room_in_this_minute()
    world.vendor.push("AAPL", "100.10", "100")
    world.vendor.push("AAPL", "100.30", "100")
    with world.running() as feed:
        until(lambda: bool(world.minutes()))
        assert world.minutes() == [(100.10, 100.30, 100.30, 200.0)]
        world.vendor.push("AAPL", "100.20", "100")
        until(lambda: feed.report().get("partial_bars", 0) > 0)
    assert world.minutes() == [(100.10, 100.30, 100.30, 200.0)]


def test_a_restart_after_more_than_the_journal_holds_fetches_what_came_since_the_last_stored_bar(world: World) -> None:
    _room_in_this_minute()
    stopped = _later() - timedelta(minutes=16)
    with opened_spool(world.directory) as spool:
        spool.append(TRADES, pack_trades([], stopped))
    minute = datetime.now(UTC).replace(second=0, microsecond=0)
    world.rows(
        "INSERT INTO market_data (instrument_id, bar_size, time, open, high, low, close, volume, source) SELECT "
        f"instrument_id, '1m', '{minute - timedelta(minutes=20)}', 1, 1, 1, 1, 1, 'iqfeed' FROM symbols RETURNING 1"
    )
    world.vendor.push("AAPL", "100.10", "100")
    with world.running():
        until(lambda: len(world.minutes()) == 2)
    assert world.minutes() == [(1.0, 1.0, 1.0, 1.0), (100.10, 100.10, 100.10, 100.0)]


def test_a_gap_that_is_too_long_for_its_trades_is_filled_with_minutes(world: World) -> None:
    """What the stream had of the minute before the loss and what history has of all of it is one bar."""
    _room_in_this_minute()
    with world.running(longest=timedelta(0)) as feed:
        until(lambda: feed.report().get("backfill_fetched", 0) == 1)
        world.vendor.push("AAPL", "100.10", "100")
        until(lambda: feed.report().get("trades") == 1)
        world.vendor.drop_connections()
        world.vendor.push("AAPL", "100.50", "100")
        until(lambda: feed.report().get("backfill_fetched", 0) == 2)
        until(lambda: bool(world.minutes()))
    assert world.minutes() == [(100.10, 100.50, 100.50, 200.0)]


def _start(env: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "containers.stream.main"], env=env, cwd=PROJECT)


@pytest.mark.slow
def test_a_process_that_is_killed_loses_nothing(
    databases: Databases, redis_url: str, add_bars: Any, tmp_path: Path
) -> None:
    """kill -9 within a bar, a trade while nobody runs, a new process: the bars of seconds hold all of them."""
    aapl = add_bars("AAPL", [])
    market = SimulatedMarket(seed=1, symbols=("AAPL",), until=datetime(2020, 2, 1, tzinfo=UTC))
    store = QuoteStore(databases.service)
    with opened_spool(tmp_path / "spool") as spool:  # of a process that ended just now: all bars of this one are whole
        spool.append(TRADES, pack_trades([], now_utc()))

    def stored() -> tuple[Any, ...]:
        query = "SELECT max(high), sum(volume) FROM market_data WHERE bar_size = '1s'"
        with psycopg.connect(databases.owner_url) as connection:
            row = connection.execute(query).fetchone()
        assert row is not None
        return row

    with IqfeedSimulator(market, Faults()) as vendor:
        env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{PROJECT / 'layers/core/python'}{os.pathsep}{PROJECT}",
            "CAUSEWAY_DATABASE_URL": databases.service_url,
            "CAUSEWAY_REDIS_URL": redis_url,
            "CAUSEWAY_STREAM_ROLE": "feed",
            "CAUSEWAY_LIVE_FEED": "iqfeed",
            "CAUSEWAY_SPOOL_DIR": str(tmp_path / "spool"),
            **vendor.settings,
        }
        first = _start(env)
        try:
            until(lambda: "AAPL" in vendor.watched())
            _start_of_a_second()
            for price in ("100.10", "100.20", "100.30"):
                vendor.push("AAPL", price, "100")
            vendor.push_quote("AAPL", "100.00", "100.40")
            until(lambda: bool(store.latest(["AAPL"])))
        finally:
            first.send_signal(signal.SIGKILL)
            first.wait()
        vendor.push("AAPL", "100.50", "100")
        second = _start(env)
        try:
            until(lambda: "AAPL" in vendor.watched())
            vendor.push("AAPL", "100.25", "100")
            until(lambda: stored()[1] == 500.0)
            assert stored()[0] == 100.50
            assert store.clock().mode == "live"
            assert store.latest(["AAPL"])[0].instrument_id == aapl
        finally:
            second.send_signal(signal.SIGTERM)
            second.wait(timeout=30)


def _start_of_a_second() -> None:
    """So that the bar is still in the making when the process is killed."""
    time.sleep(1.0 - datetime.now(UTC).microsecond / 1e6)
