"""The live feed: a provider's events, checked and conflated, to everybody who listens, and behind that to the database.

Four threads, so that none waits for another. The first takes events. The second, every few milliseconds, puts what
changed into the spool on disk and then publishes it: what a client saw outlives the process. The third writes the
spool to the database, moves the market's clock, and tells of trouble. A fourth fetches minutes that the stream did not
make. Any number of processes may run: one holds the clock, the others stand by.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from causeway.errors import CausewayError, NotFound, Unavailable
from causeway.model.alert import Alert, Resolved, spool_full
from causeway.model.bar import BarColumns
from causeway.model.tick import HaltsTold, TradingState
from causeway.model.time import BarSize, micros, now_utc
from causeway.ports.events import EventBus
from causeway.ports.feed import (
    Connection,
    ConnectionChange,
    FeedEvent,
    Gap,
    HistoricalFeed,
    LiveFeed,
    MissedTrades,
    SymbolRefused,
)
from causeway.ports.spool import Spool, SpoolFull
from causeway.settings import LiveSettings
from causeway.streaming.feed_tally import FeedTally
from causeway.streaming.live_market import Drained, LiveMarket
from causeway.streaming.live_records import pack_bars, pack_quotes, pack_states
from causeway.streaming.live_watch import FeedWatch
from causeway.streaming.wire import BATCH_CHANNEL, quote_json, status_json
from containers.stream.bar_backfill import BarBackfill
from containers.stream.feed import QuoteCache
from containers.stream.live_parts import Resumable, Sink, Store
from containers.stream.live_writer import BARS, QUOTES, STATES, LiveWriter
from containers.stream.trade_journal import TradeJournal
from containers.stream.waiting_alerts import WaitingAlerts

_log = logging.getLogger(__name__)
_CLOCK_S, _SYMBOLS_S, _CACHE_S, _REPORT_S, _DENIED_S = 1.0, 60.0, 0.25, 60.0, 60.0
_EVENT_TIMEOUT_S = 0.25
_BARS_AT_ONCE = 500


class LiveMarketFeed:
    """Drives the market's clock in mode live. ``counts``: steps, published, spool_full, spool_errors."""

    def __init__(
        self,
        feed: LiveFeed,
        store: Store,
        spool: Spool,
        bus: EventBus,
        cache: QuoteCache,
        settings: LiveSettings,
        *,
        history: HistoricalFeed | None = None,
        sinks: Sequence[Sink] = (),
        tell: Callable[[Alert], object] = lambda _: None,
        resolve: Callable[[Resolved], object] = lambda _: None,
        measured: Callable[[Mapping[str, int]], object] = lambda _: None,
        market_open: Callable[[datetime], bool] = lambda _: True,
        now: Callable[[], datetime] = now_utc,
    ) -> None:
        self._feed, self._store, self._spool, self._bus, self._cache = feed, store, spool, bus, cache
        self._settings, self._sinks, self._market_open, self._now = settings, sinks, market_open, now
        self._measured = measured
        self._holder = str(uuid.uuid4())
        self._tally = FeedTally(now(), now())
        self._alerts = WaitingAlerts(tell, resolve)
        self._holding = False
        self._answers = True  # the database, when it was asked last
        self._lock = threading.Lock()  # around the market and the watch
        self.market = LiveMarket(settings.live_max_jump)
        backfills = history is not None and settings.live_backfill_hours > 0
        self._watch = FeedWatch(feed.name, settings.live_outage_s, settings.live_stale_s, backfills)
        self._writer = LiveWriter(spool, store, Path(settings.spool_dir))
        self._backfill = history and BarBackfill(
            history, store, self._keep_history, settings, tell=self._alerts.put, ended=self._backfilled, now=now
        )
        self._journal = TradeJournal(spool, self._append)
        self._resumed_at: datetime | None = None  # until the first connection: what an earlier process was told
        self._uncached: dict[str, dict[str, Any]] = {}
        self._unkept: dict[str, TradingState] = {}
        self._next: dict[str, float] = {}
        self.counts: Counter[str] = Counter()

    def run(self, stop: threading.Event) -> None:
        """Stream until ``stop`` is set; then what waits is written, if the database answers, and the clock is freed."""
        if not self._prepare(stop):
            return
        work = ((self._listen, "live-events"), (self._write, "live-writer"), (self._fill, "live-backfill"))
        parts = [threading.Thread(target=part, args=(stop,), name=name) for part, name in work]
        for part in parts:
            part.start()
        try:
            next_at = time.monotonic()
            while not stop.wait(max(0.0, next_at - time.monotonic())):
                next_at = max(next_at + self._settings.live_step_ms / 1000, time.monotonic())
                self.step()
        finally:
            stop.set()
            for part in parts:
                part.join()
            self._finish()

    def step(self) -> None:
        """Hand on what changed since the last step."""
        now = self._now()
        with self._lock:
            drained, told_until = self.market.drain(now), self._told_until(now)
            self._watch.trade_again(state.symbol for state in drained.states if not state.halted)
        self.counts["steps"] += 1
        if not self._holding:
            return
        self._keep(drained, told_until, now)
        self._publish(drained)
        for sink in self._sinks:
            sink.put(drained)

    # Before it begins

    def _prepare(self, stop: threading.Event) -> bool:
        """Wait until the symbols are known and the clock is ours."""
        while not stop.is_set():
            try:
                self._tally = FeedTally.going_on(self._store.counted(), self._feed.name, self._tally.started_at)
                if self._hold_clock():
                    self._read_symbols()
                    self._seed()
                    self._holding = True
                    return True
            except Unavailable as error:
                _log.warning("the live feed waits: %s", error.message)
            stop.wait(_CLOCK_S)
        return False

    def _read_symbols(self) -> None:
        asked = [name.strip().upper() for name in self._settings.live_symbols.split(",") if name.strip()]
        spans = self._store.spans(asked or None)
        most = self._settings.live_most_symbols
        if len(spans) > most:
            _log.warning("of %d symbols the first %d are streamed (CAUSEWAY_LIVE_MOST_SYMBOLS)", len(spans), most)
        chosen = {symbol: spans[symbol] for symbol in sorted(spans)[:most]}
        if unknown := sorted(set(asked) - set(spans)):
            _log.warning("no instrument has the symbol %s", ", ".join(unknown[:20]))
        with self._lock:
            changed = chosen.keys() != self.market.spans.keys()
            self.market.spans = chosen
        if changed:
            self._feed.subscribe(list(chosen))

    def _seed(self) -> None:
        """Go on from what is stored, and from the trades that the journal holds of a process that ended lately."""
        symbols = list(self.market.spans)
        self.market.seed(self._store.last_quotes(symbols))
        states = self._store.states(symbols)
        self.market.status.seed(states)
        self._watch.halted_before(state.symbol for state in states if state.halted)
        journal = self._journal.load(self._now())
        if journal is None:
            self.market.complete_from_us = micros(self._now())
            if isinstance(self._feed, Resumable):
                self._journal.wait()  # until the gap before the first connection is told
            return
        self.market.complete_from_us = micros(journal.since)
        self.market.restore(journal.trades)
        self._resumed_at = journal.until
        if isinstance(self._feed, Resumable):
            self._feed.resume_from(journal.trades, journal.until)
        for symbol in symbols:
            self._want_bars(symbol, None, journal.since)

    # The first thread

    def _listen(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                for event in self._feed.events(stop.is_set, _EVENT_TIMEOUT_S):
                    if event is not None:
                        self.take(event)
                    if stop.is_set():
                        return
            except CausewayError as error:  # a wrong key: it may be changed while we wait
                _log.error("%s does not stream: %s", self._feed.name, error.message)
                self.take(ConnectionChange(Connection.LOST, self._now(), error.message))
                stop.wait(_DENIED_S)

    def take(self, event: FeedEvent) -> None:
        """Take one event of the provider."""
        with self._lock:
            self._watch.note(event)
            self.market.take(event)
        match event:
            case Gap(symbol, start, end, trades=False) | MissedTrades(symbol, start, end):
                self._journal.begin_at(end)
                self._want_bars(symbol, start, end)
            case ConnectionChange(Connection.UP):
                self._resumed_at = None
            case _:
                pass

    def _told_until(self, now: datetime) -> datetime:
        """Before it nothing is missing that may still come."""
        open_since = [self._resumed_at, self._watch.told_until, self.market.gaps.since]
        return min([now, *(at for at in open_since if at is not None)])

    # The second thread

    def _keep(self, drained: Drained, told_until: datetime, now: datetime) -> None:
        """To disk, before anybody sees it. A disk that does not take it costs the record, not the stream.

        States go first, so that no quote is stored before the halt in which it came, and are tried again until they
        are kept: one that is lost would stand for ever.
        """
        self._keep_states(drained.states)
        if drained.bars:
            self._append(BARS, pack_bars(drained.bars), len(drained.bars))
        if drained.quotes:
            self._append(QUOTES, pack_quotes(drained.quotes), len(drained.quotes))
        self._journal.keep(drained.trades, told_until, now)

    def _keep_states(self, states: Sequence[TradingState]) -> None:
        self._unkept.update((state.symbol, state) for state in states)
        waiting = list(self._unkept.values())
        due = bool(waiting) and (bool(states) or self._due("states", _CLOCK_S))
        if due and self._append(STATES, pack_states(waiting), len(waiting)):
            self._unkept.clear()

    def _append(self, lane: str, payload: bytes, items: int) -> bool:
        try:
            self._spool.append(lane, payload, items)
        except OSError as error:
            self.counts["spool_errors"] += items
            _log.warning("the spool did not take %d %s: %s", items, lane, error)
        except SpoolFull as error:
            self.counts["spool_full"] += items
            _log.error("%d %s are lost: %s", items, lane, error)
        else:
            return True
        return False

    def _publish(self, drained: Drained) -> None:
        messages = [quote_json(quote) for quote in drained.quotes]
        statuses = [status_json(state) for state in drained.states]
        if messages or statuses:
            self.counts["published"] += len(messages)
            more = {"statuses": statuses} if statuses else {}
            self._bus.publish(BATCH_CHANNEL, {"quotes": messages, **more})
            self._uncached.update((message["symbol"], message) for message in messages)
        if self._uncached and self._due("cache", _CACHE_S):
            waiting, self._uncached = self._uncached, {}
            self._cache.put_quotes(list(waiting.values()))

    # The third thread

    def _write(self, stop: threading.Event) -> None:
        while not stop.wait(self._settings.live_flush_ms / 1000):
            try:
                self.write()
            except Exception:
                _log.exception("a write of the live feed failed; the next one tries again")

    def write(self) -> None:
        """One turn behind the stream: database, clock, symbols, alerts, the journal."""
        if self._answers:
            self._answers = self._writer.flush(lambda: self._is_due("clock"))
        if self._due("clock", _CLOCK_S):
            with self._lock:
                told_until = self._told_until(self._now())
                found = self._watch.alerts(self._now(), self.market.counts, market_open=self._market_open(self._now()))
                over = self._watch.missed.resolved()
            self._alerts.collect(found, over)
            self._journal.trim(told_until)
            self._answers = self._behind()
        if self._due("report", _REPORT_S):
            report = self.report()
            _log.info("live: %s", dict(report))
            self._measured(report)

    def report(self) -> Mapping[str, int]:
        """Every counter, by name; docs/operations/streaming.md says what each means."""
        dropped = {f"dropped_{lane}": count for lane, count in self._spool.dropped.items()}
        written = {f"stored_{name}": count for name, count in self._writer.counts.items()}
        waiting = {f"spool_{lane}_bytes": self._spool.waiting(lane) for lane in (QUOTES, BARS)}
        bars = self._backfill.counts if self._backfill else {}
        fetched = {f"backfill_{name}": count for name, count in bars.items()}
        others = {f"sink_{name}": count for sink in self._sinks for name, count in sink.report().items()}
        with self._lock:
            return {**self.market.counts, **self.counts, **dropped, **written, **waiting, **fetched, **others}

    def _behind(self) -> bool:
        """What needs the database besides the data itself; whether it answers."""
        try:
            held = self._hold_clock()
            if held != self._holding:
                _log.warning("the market's clock is %s", "ours again" if held else "driven by another: standing by")
                self._holding = held
                with self._lock:
                    self.market.status.hand_over_all()
            if self._due("symbols", _SYMBOLS_S):
                self._read_symbols()
            if self.counts["spool_full"]:
                self._alerts.collect([spool_full(self.counts["spool_full"])])
            self._alerts.hand_on()
        except Unavailable as error:
            self.counts["database_away"] += 1
            _log.warning("the live feed goes on without the database: %s", error.message)
            return False
        return True

    def _hold_clock(self, *, over: bool = False) -> bool:
        with self._lock:
            since = None if over else self.market.status.since
        halts = HaltsTold(since) if self._feed.tells_halts else None
        tally = self._tally.as_json(self.report())
        return self._store.hold_clock(
            self._holder, self._now(), name=self._feed.name, over=over, tally=tally, halts=halts
        )

    # The fourth thread

    def _fill(self, stop: threading.Event) -> None:
        if self._backfill:
            self._backfill.run(stop, lambda: self._holding)

    def _want_bars(self, symbol: str, start: datetime | None, end: datetime) -> None:
        if self._backfill:
            self._backfill.ask(symbol, start, end)

    def _backfilled(self, symbol: str, end: datetime, error: CausewayError | None) -> None:
        with self._lock:
            if isinstance(error, NotFound):
                self._watch.note(SymbolRefused(symbol, error.message))
            self._watch.missed.backfilled(symbol, end, filled=error is None or isinstance(error, NotFound))

    def _keep_history(self, symbol: str, bar_size: BarSize, columns: BarColumns, source: str) -> None:
        with self._lock:
            bars = self.market.of_history(symbol, bar_size, columns, source)
        for first in range(0, len(bars), _BARS_AT_ONCE):
            part = bars[first : first + _BARS_AT_ONCE]
            self._append(BARS, pack_bars(part), len(part))
            for sink in self._sinks:
                sink.put(Drained((), part, ()))

    def _finish(self) -> None:
        self.step()
        self._writer.flush()
        try:
            self._hold_clock(over=True)
        except Unavailable as error:
            _log.warning("the clock is free again in five seconds: %s", error.message)
        for sink in self._sinks:
            sink.close()

    def _is_due(self, name: str) -> bool:
        return time.monotonic() >= self._next.get(name, 0.0)

    def _due(self, name: str, period_s: float) -> bool:
        """Whether something that is done every ``period_s`` is to be done now."""
        if not self._is_due(name):
            return False
        self._next[name] = time.monotonic() + period_s
        return True
