"""What every live feed must do, numbered as in docs/contracts/feed.md."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from queue import Empty, Queue
from typing import TypeVar

import pytest

from causeway.errors import Denied
from causeway.model.tick import PriceBands, QuoteTick, TradeTick, TradingStatus
from causeway.ports.feed import Connection, ConnectionChange, FeedEvent, SymbolRefused, Unreadable
from causeway.simulators.faults import Fault
from tests.contract.feed.providers.bench import Bench

PATIENCE_S = 15.0
E = TypeVar("E")


class Listener:
    """Iterates the live feed in a thread; the test waits for events of a kind."""

    def __init__(self, bench: Bench) -> None:
        assert bench.live is not None
        self._live = bench.live
        self._stop = threading.Event()
        self._heard: Queue[FeedEvent] = Queue()
        self.failed: Exception | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        try:
            for event in self._live.events(self._stop.is_set, 0.05):
                if event is not None:
                    self._heard.put(event)
        except Exception as error:
            self.failed = error

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> float:
        """Seconds until the stream had ended."""
        began = time.monotonic()
        self._stop.set()
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()
        return time.monotonic() - began

    def ended(self) -> None:
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()

    def wait_for(self, kind: type[E], suits: Callable[[E], bool] = lambda _event: True) -> E:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                event = self._heard.get(timeout=0.2)
            except Empty:
                assert self.failed is None, self.failed
                continue
            if isinstance(event, kind) and suits(event):
                return event
        raise AssertionError(f"no {kind.__name__} within {PATIENCE_S} s")


@contextmanager
def listening(bench: Bench, *symbols: str) -> Iterator[Listener]:
    if bench.live is None:
        pytest.skip(f"{bench.feed.name} has no live feed")
    bench.live.subscribe(symbols)
    listener = Listener(bench)
    listener.start()
    try:
        listener.wait_for(ConnectionChange, lambda change: change.state is Connection.UP)
        yield listener
    finally:
        listener.stop()


def push(bench: Bench, symbol: str, price: str, size: str = "100") -> None:
    assert bench.push is not None
    bench.push(symbol, price, size)


def traded(price: str) -> Callable[[TradeTick], bool]:
    return lambda trade: trade.price == Decimal(price)


def test_f30_a_trade_has_the_markets_time_and_the_time_of_receipt(bench: Bench) -> None:
    with listening(bench, "MSFT") as listener:
        push(bench, "MSFT", "101.25", "300")
        trade = listener.wait_for(TradeTick)
    assert (trade.symbol, trade.price, trade.size) == ("MSFT", Decimal("101.25"), Decimal(300))
    assert trade.time.tzinfo is not None
    assert abs((datetime.now(UTC) - trade.received_at).total_seconds()) < 60
    assert trade.source == bench.feed.name


def test_f30_a_vendors_clock_that_is_fast_is_kept_beside_ours(bench: Bench) -> None:
    with listening(bench, "MSFT") as listener:
        if Fault.SKEW not in bench.breaks:
            pytest.skip(f"{bench.feed.name} cannot have the fault skew")
        bench.faults.add(Fault.SKEW)
        push(bench, "MSFT", "101.75")
        trade = listener.wait_for(TradeTick)
    assert timedelta(seconds=40) < trade.time - trade.received_at < timedelta(seconds=61)


def test_f30_a_quote(bench: Bench) -> None:
    with listening(bench, "MSFT") as listener:
        if bench.push_quote is None:
            pytest.skip(f"{bench.feed.name} streams no quotes")
        bench.push_quote("MSFT", "101.20", "101.30")
        quote = listener.wait_for(QuoteTick, lambda one: one.bid == Decimal("101.20"))
    assert quote.ask == Decimal("101.30")


def test_f31_an_unknown_symbol_is_refused_by_name_and_the_others_go_on(bench: Bench) -> None:
    with listening(bench, "MSFT", "NOPE") as listener:
        refused = listener.wait_for(SymbolRefused)
        push(bench, "MSFT", "101.50")
        listener.wait_for(TradeTick, traded("101.50"))
    assert refused.symbol == "NOPE"


def test_f32_a_lost_connection_is_told_opened_and_subscribed_again(bench: Bench) -> None:
    with listening(bench, "MSFT") as listener:
        assert bench.drop_connections is not None
        bench.drop_connections()
        listener.wait_for(ConnectionChange, lambda change: change.state is Connection.LOST)
        listener.wait_for(ConnectionChange, lambda change: change.state is Connection.UP)
        push(bench, "MSFT", "102.00")
        listener.wait_for(TradeTick, traded("102.00"))


def test_f33_a_message_in_pieces_is_the_same_message(bench: Bench) -> None:
    with listening(bench, "MSFT") as listener:
        if Fault.SPLIT not in bench.breaks:
            pytest.skip(f"{bench.feed.name} frames its messages")
        bench.faults.add(Fault.SPLIT)
        push(bench, "MSFT", "103.75", "700")
        trade = listener.wait_for(TradeTick, traded("103.75"))
    assert trade.size == Decimal(700)


def test_f34_an_unreadable_message_is_told_and_dropped(bench: Bench) -> None:
    with listening(bench, "MSFT") as listener:
        if Fault.GARBAGE not in bench.breaks:
            pytest.skip(f"{bench.feed.name} cannot have the fault garbage")
        bench.faults.add(Fault.GARBAGE)
        push(bench, "MSFT", "104.00")
        listener.wait_for(Unreadable)
        push(bench, "MSFT", "104.25")
        listener.wait_for(TradeTick, traded("104.25"))


def test_f35_subscribe_replaces_the_set_while_it_runs(bench: Bench) -> None:
    with listening(bench, "MSFT") as listener:
        assert bench.live is not None
        bench.live.subscribe(["IBM"])
        deadline = time.monotonic() + PATIENCE_S
        heard = None
        while heard is None and time.monotonic() < deadline:
            push(bench, "IBM", "55.50")
            try:
                heard = listener._heard.get(timeout=0.2)
            except Empty:
                continue
            if not isinstance(heard, TradeTick):
                heard = None
        assert isinstance(heard, TradeTick)
        assert heard.symbol == "IBM"
        push(bench, "MSFT", "1.00")
        push(bench, "IBM", "55.75")
        assert listener.wait_for(TradeTick, lambda trade: trade.price != Decimal("55.50")).symbol == "IBM"


def test_f36_the_stream_ends_soon_after_being_told(bench: Bench) -> None:
    with listening(bench, "MSFT") as listener:
        assert listener.stop() < 3.0  # a second, and what a busy machine adds


def test_f37_a_wrong_key_is_denied_once(bench: Bench) -> None:
    if bench.live is None or Fault.UNAUTHORISED not in bench.breaks:
        pytest.skip(f"{bench.feed.name} has no live feed with keys")
    bench.faults.add(Fault.UNAUTHORISED, 100)
    bench.live.subscribe(["MSFT"])
    listener = Listener(bench)
    listener.start()
    listener.ended()
    assert isinstance(listener.failed, Denied)


def test_f38_a_silent_connection_counts_as_lost(bench: Bench) -> None:
    with listening(bench, "MSFT") as listener:
        if Fault.SILENCE not in bench.breaks:
            pytest.skip(f"{bench.feed.name} has no heartbeat")
        bench.faults.add(Fault.SILENCE, 1_000)
        listener.wait_for(ConnectionChange, lambda change: change.state is Connection.LOST)


def test_f39_halts_and_price_bands_are_told(bench: Bench) -> None:
    tells_halts = bench.live is not None and bench.live.tells_halts
    assert tells_halts == (bench.push_status is not None)
    if bench.push_status is None or bench.push_bands is None:
        pytest.skip(f"{bench.feed.name} tells of no halts")
    with listening(bench, "MSFT") as listener:
        bench.push_bands("MSFT", "95.50", "105.50")
        bands = listener.wait_for(PriceBands)
        assert (bands.symbol, bands.lower, bands.upper) == ("MSFT", Decimal("95.5"), Decimal("105.5"))
        bench.push_status("MSFT", "H", "Trading Halt")
        halt = listener.wait_for(TradingStatus)
        assert (halt.symbol, halt.halted, halt.code) == ("MSFT", True, "H")
        bench.push_status("MSFT", "T", "Trading Resumption")
        assert listener.wait_for(TradingStatus).halted is False
