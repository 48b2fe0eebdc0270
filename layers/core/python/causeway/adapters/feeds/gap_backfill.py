"""Trades that a live feed missed while its connection was down, fetched from history and put in before newer ones.

Works with any live feed and any history of trades. A gap that is too long for that is told as a Gap without trades:
whoever keeps bars reads those of that time from history.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from queue import Empty, SimpleQueue

from causeway.adapters.feeds.gap_tracker import GapTracker
from causeway.model.tick import TickColumns, TradeTick
from causeway.model.time import now_utc
from causeway.ports.feed import (
    LONGEST_GAP,
    ConnectionChange,
    FeedEvent,
    FetchCancelled,
    FetchControl,
    Gap,
    GapFilled,
    LiveFeed,
    MissedTrades,
    TradeHistory,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REQUESTS_AT_ONCE = 4
_Found = list[TradeTick] | MissedTrades


class BackfilledFeed:
    """A LiveFeed that is ``live`` with its gaps filled from ``history``; such trades have the source NAME history.

    History is asked in threads of its own. Meanwhile new trades of a symbol wait for its missed ones; the rest goes
    on. What history cannot give is told as MissedTrades; gaps of more than ``longest``, and what came before a symbol
    was streamed at all, as a Gap without trades.
    """

    def __init__(
        self,
        live: LiveFeed,
        history: TradeHistory,
        *,
        longest: timedelta = LONGEST_GAP,
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        self.name, self.tells_halts = live.name, live.tells_halts
        self._live, self._history, self._clock = live, history, clock
        self._symbols: frozenset[str] = frozenset()
        self._tracker = GapTracker(longest)
        self._waiting: defaultdict[str, list[TradeTick]] = defaultdict(list)

    def resume_from(self, trades: Collection[TradeTick], at: datetime) -> None:
        """Before ``events`` runs, after ``subscribe``: an earlier process streamed up to ``at``, ``trades`` at the end.

        What came after them is fetched from history.
        """
        self._tracker.resume(trades, at, self._symbols)

    def subscribe(self, symbols: Collection[str]) -> None:
        """See the port."""
        self._symbols = frozenset(symbols)
        self._live.subscribe(symbols)

    def events(self, should_stop: Callable[[], bool], timeout_s: float) -> Iterator[FeedEvent | None]:
        """See the port."""
        worker = _Worker(lambda gap: self._fetch(gap, should_stop))
        try:
            for event in self._live.events(should_stop, timeout_s):
                for gap, found in worker.finished():
                    yield from self._filled(gap, found)
                yield from self._tracker.added(self._symbols, self._clock)
                yield from self._passed_on(event, worker)
        finally:
            worker.end()
            self._waiting.clear()
            self._tracker.lose()

    def _passed_on(self, event: FeedEvent | None, worker: _Worker) -> Iterator[FeedEvent | None]:
        if isinstance(event, TradeTick):
            if self._tracker.waits(event.symbol):
                self._waiting[event.symbol].append(event)
            elif self._tracker.is_new(event):
                yield event
            return
        if isinstance(event, ConnectionChange):
            gaps = self._tracker.note(event, self._symbols)
            for gap in gaps:
                if gap.trades:
                    worker.ask(gap)
                else:
                    self._waiting.pop(gap.symbol, None)  # bars of history hold them
            yield from gaps
        elif event is not None:
            self._tracker.heard(event)
        yield event

    def _filled(self, gap: Gap, found: _Found) -> Iterator[FeedEvent]:
        if not self._tracker.close(gap):
            return
        waiting = self._waiting.pop(gap.symbol, [])
        if isinstance(found, MissedTrades):
            yield found
        else:
            yield from self._tracker.missed(gap, found, waiting)
            yield GapFilled(gap.symbol)
        yield from (trade for trade in waiting if self._tracker.is_new(trade))

    def _fetch(self, gap: Gap, should_stop: Callable[[], bool]) -> _Found:
        start = gap.start or gap.end
        try:
            pages = self._history.trades(gap.symbol, start, gap.end, FetchControl(should_stop=should_stop))
            return [trade for page in pages for trade in self._ticks(gap.symbol, page)]
        except FetchCancelled:
            return MissedTrades(gap.symbol, start, gap.end, "the stream was told to end")
        except Exception as error:  # a thread that died of it would hold up the symbol's trades for ever
            return MissedTrades(gap.symbol, start, gap.end, str(error) or type(error).__name__)

    def _ticks(self, symbol: str, trades: TickColumns) -> Iterator[TradeTick]:
        columns = (trades.time_us, trades.price, trades.size, trades.eligible, trades.trade_id)
        received_at, source = self._clock(), f"{self._history.name} history"
        for time_us, price, size, eligible, number in zip(*(column.tolist() for column in columns), strict=True):
            yield TradeTick(
                symbol=symbol,
                time=_EPOCH + timedelta(microseconds=time_us),
                price=Decimal(str(price)),
                size=Decimal(str(size)),
                received_at=received_at,
                source=source,
                trade_id=str(number) if number else "",
                eligible=eligible,
            )


class _Worker:
    """Fills gaps, a few at once; threads begin with the first gap."""

    def __init__(self, fetch: Callable[[Gap], _Found]) -> None:
        self._fetch = fetch
        self._gaps: SimpleQueue[Gap | None] = SimpleQueue()
        self._results: SimpleQueue[tuple[Gap, _Found]] = SimpleQueue()
        self._threads: list[threading.Thread] = []

    def ask(self, gap: Gap) -> None:
        self._gaps.put(gap)
        if len(self._threads) < _REQUESTS_AT_ONCE:
            self._threads.append(threading.Thread(target=self._run, name="gap-backfill", daemon=True))
            self._threads[-1].start()

    def finished(self) -> Iterator[tuple[Gap, _Found]]:
        while True:
            try:
                yield self._results.get_nowait()
            except Empty:
                return

    def end(self) -> None:
        for _ in self._threads:
            self._gaps.put(None)

    def _run(self) -> None:
        while (gap := self._gaps.get()) is not None:
            self._results.put((gap, self._fetch(gap)))
