"""The live feeds of IQFeed and Alpaca against their simulated vendors, beyond what the contract asks of every feed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from queue import Empty, Queue

import pytest
from pydantic import SecretStr

from causeway.adapters.feeds.gap_backfill import BackfilledFeed
from causeway.adapters.feeds.iqfeed.admin import read_stats
from causeway.adapters.feeds.iqfeed.derivative_bars import bar_events
from causeway.adapters.feeds.iqfeed_client import IqfeedHistory, IqfeedLive
from causeway.errors import NotFound, Unavailable
from causeway.model.tick import TradeTick
from causeway.model.time import BarSize
from causeway.ports.feed import (
    Connection,
    ConnectionChange,
    FeedEvent,
    FetchCancelled,
    FetchControl,
    LiveFeed,
    SymbolRefused,
    TradeHistory,
)
from causeway.settings import AlpacaDataSettings, FeedSettings, IqfeedSettings
from causeway.simulators.alpaca import AlpacaSimulator
from causeway.simulators.faults import Fault, Faults
from causeway.simulators.iqfeed import IqfeedSimulator
from causeway.simulators.market import SimulatedMarket
from causeway.simulators.registry import Streaming, open_simulator
from tests.contract.feed.providers import alpaca, iqfeed
from tests.contract.feed.providers.bench import Bench

PATIENCE_S = 20.0
VENDORS = {"iqfeed": iqfeed, "alpaca": alpaca}


@pytest.fixture(params=VENDORS)
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with VENDORS[request.param].open_bench(SimulatedMarket(seed=1)) as opened:
        yield opened


class Heard:
    """Everything that a live feed tells, from a thread."""

    def __init__(self, live: LiveFeed) -> None:
        self._events: Queue[FeedEvent] = Queue()
        self.all: list[FeedEvent] = []
        self._stop = threading.Event()
        self._live = live
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        for event in self._live.events(self._stop.is_set, 0.05):
            if event is not None:
                self._events.put(event)

    def until(self, suits: Callable[[FeedEvent], bool]) -> FeedEvent:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                event = self._events.get(timeout=0.2)
            except Empty:
                continue
            self.all.append(event)
            if suits(event):
                return event
        raise AssertionError(f"not among {self.all}")

    def until_state(self, state: Connection) -> None:
        self.until(lambda event: isinstance(event, ConnectionChange) and event.state is state)

    def until_price(self, price: str) -> None:
        self.until(lambda event: isinstance(event, TradeTick) and event.price == Decimal(price))

    @contextmanager
    def running(self) -> Iterator[Heard]:
        self._thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            self._thread.join(PATIENCE_S)


@pytest.mark.parametrize("skewed", [False, True])
def test_trades_of_a_lost_connection_come_from_history_once_and_in_order(bench: Bench, skewed: bool) -> None:
    assert bench.live is not None
    assert bench.push is not None
    assert bench.drop_connections is not None
    assert isinstance(bench.feed, TradeHistory)
    bench.faults.add(Fault.SKEW, 3 if skewed else 0)
    feed = BackfilledFeed(bench.live, bench.feed)
    feed.subscribe(["MSFT"])
    with Heard(feed).running() as heard:
        heard.until_state(Connection.UP)
        bench.push("MSFT", "101.25", "100")
        heard.until_price("101.25")
        bench.drop_connections()
        bench.push("MSFT", "101.50", "200")
        heard.until_state(Connection.UP)
        bench.push("MSFT", "101.75", "300")
        heard.until_price("101.75")
    pushed = {Decimal("101.25"), Decimal("101.50"), Decimal("101.75")}
    trades = [event for event in heard.all if isinstance(event, TradeTick) and event.price in pushed]
    assert [str(trade.price.quantize(Decimal("0.01"))) for trade in trades] == ["101.25", "101.50", "101.75"]
    name = bench.feed.name
    assert [trade.source for trade in trades[:2]] == [name, f"{name} history"]


def test_made_traffic_reaches_whoever_watches(bench: Bench) -> None:
    assert bench.live is not None
    assert bench.push is not None
    simulator = bench.push.__self__  # type: ignore[attr-defined]
    simulator.stream(200.0)
    bench.live.subscribe(["IBM"])
    with Heard(bench.live).running() as heard:
        trade = heard.until(lambda event: isinstance(event, TradeTick))
    assert isinstance(trade, TradeTick)
    assert trade.symbol == "IBM"


def test_one_symbol_too_many_is_refused_and_the_others_go_on(bench: Bench) -> None:
    assert bench.live is not None
    assert bench.push is not None
    simulator = bench.push.__self__  # type: ignore[attr-defined]
    port = simulator.level1 if isinstance(simulator, IqfeedSimulator) else simulator.stream_port
    port.most_symbols = 1
    bench.live.subscribe(["IBM"])
    with Heard(bench.live).running() as heard:
        heard.until_state(Connection.UP)
        bench.live.subscribe(["IBM", "MSFT"])
        refused = heard.until(lambda event: isinstance(event, SymbolRefused))
        bench.push("IBM", "55.25", "100")
        heard.until_price("55.25")
    assert isinstance(refused, SymbolRefused)
    assert refused.symbol == "MSFT"


@pytest.fixture
def simulator() -> Iterator[IqfeedSimulator]:
    with IqfeedSimulator(SimulatedMarket(seed=1), Faults(), heartbeat_s=0.1) as opened:
        yield opened


def test_iqconnect_that_loses_its_own_server_is_a_loss_and_is_watched_again(simulator: IqfeedSimulator) -> None:
    live = IqfeedLive(iqfeed.settings_of(simulator))
    live.subscribe(["MSFT"])
    with Heard(live).running() as heard:
        heard.until_state(Connection.UP)
        simulator.level1.say("S,SERVER DISCONNECTED")
        heard.until_state(Connection.LOST)
        simulator.level1.say("S,SERVER CONNECTED")
        heard.until_state(Connection.UP)
        simulator.push("MSFT", "102.25", "100")
        heard.until_price("102.25")


def test_iqconnects_state(simulator: IqfeedSimulator) -> None:
    settings = iqfeed.settings_of(simulator)
    simulator.connected = False
    stats = read_stats(settings.iqfeed_host, settings.iqfeed_admin_port)
    assert (stats.connected, stats.most_symbols, stats.login) == (False, 500, "simulated")


def test_no_iqconnect_is_unavailable_and_says_where_it_looked() -> None:
    with pytest.raises(Unavailable, match="IQConnect does not answer at"):
        read_stats("127.0.0.1", 1)


def test_live_bars_begin_with_history_and_grow_with_trades(simulator: IqfeedSimulator) -> None:
    settings, stop = iqfeed.settings_of(simulator), threading.Event()
    now, market = datetime.now(UTC), SimulatedMarket(seed=1)
    week = market.bars("MSFT", BarSize.MINUTE_1, now - timedelta(days=7), now)
    since = datetime.fromtimestamp(int(week.time_us[-9]) / 1e6, UTC)
    served = market.bars("MSFT", BarSize.MINUTE_1, since, now)
    stream = bar_events(settings, "MSFT", BarSize.MINUTE_1, since, stop.is_set, 0.05)
    past = list(islice(filter(None, stream), 3))
    assert [bar.bar.close for bar in past] == served.close[:3].tolist()
    assert [round(bar.bar.time.timestamp() * 1e6) for bar in past] == served.time_us[:3].tolist()
    assert all(bar.complete for bar in past)
    for bar in stream:
        if bar is None:  # history is over
            simulator.push("MSFT", "103.25", "100")
        elif not bar.complete:
            break
    assert bar is not None
    assert (bar.bar.close, bar.complete) == (103.25, False)
    assert datetime.now(UTC) - bar.bar.time < timedelta(minutes=2)
    stop.set()
    with pytest.raises(NotFound, match="NOPE"):
        list(bar_events(settings, "NOPE", BarSize.MINUTE_1, since, lambda: False, 0.05))


def test_the_latest_bars_and_trades(simulator: IqfeedSimulator) -> None:
    history, control = IqfeedHistory(iqfeed.settings_of(simulator)), FetchControl()
    market, now = SimulatedMarket(seed=1), datetime.now(UTC)
    days = history.latest_bars("MSFT", BarSize.DAY_1, 5, control)
    before_today = market.bars("MSFT", BarSize.DAY_1, now - timedelta(days=30), now.replace(hour=0, minute=0, second=0))
    assert days.close.tolist() == before_today.close[-5:].tolist()
    minutes = history.latest_bars("MSFT", BarSize.MINUTE_1, 7, control)
    assert len(minutes) == 7
    assert minutes.time_us[-1] < now.timestamp() * 1e6
    simulator.push("MSFT", "104.25", "300")
    trades = history.latest_trades("MSFT", 1, control)
    assert (trades.price.tolist(), trades.size.tolist()) == ([104.25], [300.0])


def test_a_cancel_is_heard_while_iqfeed_is_silent() -> None:
    faults = Faults()
    faults.add(Fault.SILENCE)
    with IqfeedSimulator(SimulatedMarket(seed=1), faults) as simulator:
        history, asked = IqfeedHistory(iqfeed.settings_of(simulator), timeout_s=60.0), iter([False] * 3)
        with pytest.raises(FetchCancelled):
            history.latest_trades("MSFT", 1, FetchControl(should_stop=lambda: next(asked, True)))


def test_made_trades_add_up_to_made_bars(bench: Bench) -> None:
    """The odd lots beyond the high are among the trades and do not count."""
    assert isinstance(bench.feed, TradeHistory)
    start = datetime(2024, 3, 5, 15, 0, tzinfo=UTC)
    (trades,) = bench.feed.trades("MSFT", start, start + timedelta(minutes=1), FetchControl())
    bar = bench.market.bars("MSFT", BarSize.MINUTE_1, start, start + timedelta(minutes=1))
    prices = trades.price[trades.eligible]
    assert (prices[0], prices.max(), prices.min(), prices[-1]) == (bar.open[0], bar.high[0], bar.low[0], bar.close[0])
    assert trades.size[trades.eligible].sum() == bar.volume[0]
    assert trades.price.max() > bar.high[0]


@pytest.mark.parametrize(("vendor", "kind"), [("iqfeed", IqfeedSimulator), ("alpaca", AlpacaSimulator)])
def test_what_a_simulator_says_to_set_is_what_the_settings_read(
    vendor: str, kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_simulator(vendor, SimulatedMarket(), Faults()) as opened:
        assert isinstance(opened, kind)
        assert isinstance(opened, Streaming)
        for name, value in opened.settings.items():
            monkeypatch.setenv(name, value)
        read = {**FeedSettings().model_dump(), **IqfeedSettings().model_dump(), **AlpacaDataSettings().model_dump()}
        for name, value in opened.settings.items():
            found = read[name.removeprefix("CAUSEWAY_").lower()]
            assert (found.get_secret_value() if isinstance(found, SecretStr) else str(found)) == value
