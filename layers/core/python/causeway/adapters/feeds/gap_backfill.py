"""Trades that a live feed missed while its connection was down, fetched from history and put in before newer ones.

Works with any live feed and any history of trades. Both may report a trade near the edges of a gap; trades are the
same where time, price and size are, as often as they are (a provider's trade ids can differ between the two).
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from queue import Empty, SimpleQueue

from causeway.model.tick import TickColumns, TradeTick
from causeway.model.time import now_utc
from causeway.ports.feed import (
    Connection,
    ConnectionChange,
    FeedEvent,
    FetchCancelled,
    FetchControl,
    LiveFeed,
    MissedTrades,
    TradeHistory,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REMEMBERED = 256  # live trades of a symbol that history may repeat
_OVERLAP = timedelta(seconds=30)  # backfilled trades so close to the end that the stream may repeat them
_CLOCKS = timedelta(seconds=5)  # by which the market's clock and ours may differ unnoticed
_Key = tuple[datetime, Decimal, Decimal]


@dataclass(frozen=True, slots=True)
class Gap:
    symbol: str
    start: datetime
    end: datetime


@dataclass
class _Seen:
    """What the stream said of one symbol last, and what history said that it may still say."""

    last: datetime | None = None
    live: deque[_Key] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    filled: Counter[_Key] = field(default_factory=Counter)


class GapTracker:
    """Which gaps there are and which trades are repeats. Pure: no thread, no clock."""

    def __init__(self) -> None:
        self._seen: defaultdict[str, _Seen] = defaultdict(_Seen)
        self._up_since: datetime | None = None
        self._ahead = timedelta(0)  # of the market's clock before ours, as far as trades show it
        self._lost = False

    def note(self, change: ConnectionChange, symbols: Collection[str]) -> list[Gap]:
        """The gaps that end with ``change``: from each symbol's last trade, or from when the stream came up."""
        if change.state is Connection.LOST:
            self._lost = self._up_since is not None
            return []
        began, was_lost = self._up_since, self._lost
        self._up_since, self._lost = change.at, False
        if not was_lost or began is None:
            return []
        end = change.at + self._ahead + _CLOCKS
        return [Gap(symbol, self._seen[symbol].last or began - _CLOCKS, end) for symbol in sorted(symbols)]

    def resume(self, trades: Collection[TradeTick]) -> None:
        """These were told before this process began: the first connection ends a gap that began after them."""
        for trade in trades:
            self.is_new(trade)
        if trades:
            self._up_since, self._lost = max(trade.received_at for trade in trades), True

    def is_new(self, trade: TradeTick) -> bool:
        """Whether a trade of the stream was not backfilled already; it is remembered."""
        seen, key = self._seen[trade.symbol], _key(trade)
        self._ahead = max(timedelta(0), trade.time - trade.received_at)
        seen.last = max(seen.last, trade.time) if seen.last else trade.time
        if seen.filled[key] > 0:
            seen.filled[key] -= 1
            return False
        seen.live.append(key)
        return True

    def missed(self, gap: Gap, trades: list[TradeTick]) -> list[TradeTick]:
        """Those trades of history that the stream has not told; the last ones are remembered."""
        seen = self._seen[gap.symbol]
        told = Counter(seen.live)
        new = []
        for trade in trades:
            key = _key(trade)
            if told[key] > 0:
                told[key] -= 1
            else:
                new.append(trade)
        seen.filled = Counter(_key(trade) for trade in new if trade.time > gap.end - _OVERLAP)
        if new:
            seen.last = max(seen.last, new[-1].time) if seen.last else new[-1].time
        return new


class BackfilledFeed:
    """A LiveFeed that is ``live`` with its gaps filled from ``history``; such trades have the source NAME history.

    History is asked in a thread of its own. Meanwhile new trades of a symbol wait for its missed ones; the rest goes
    on. What history cannot give is told as MissedTrades.
    """

    def __init__(self, live: LiveFeed, history: TradeHistory, *, clock: Callable[[], datetime] = now_utc) -> None:
        self.name = live.name
        self._live, self._history, self._clock = live, history, clock
        self._symbols: frozenset[str] = frozenset()
        self._told_before: Collection[TradeTick] = ()

    def resume_from(self, trades: Collection[TradeTick]) -> None:
        """What an earlier process was told last, before ``events`` runs: what came after it is fetched from history."""
        self._told_before = trades

    def subscribe(self, symbols: Collection[str]) -> None:
        """See the port."""
        self._symbols = frozenset(symbols)
        self._live.subscribe(symbols)

    def events(self, should_stop: Callable[[], bool], timeout_s: float) -> Iterator[FeedEvent | None]:
        """See the port."""
        tracker, held = GapTracker(), _Held()
        tracker.resume(self._told_before)
        worker = _Worker(lambda gap: self._fetch(gap, should_stop))
        try:
            for event in self._live.events(should_stop, timeout_s):
                for gap, found in worker.finished():
                    new = tracker.missed(gap, found) if isinstance(found, list) else [found]
                    yield from new
                    yield from (trade for trade in held.release(gap.symbol) if tracker.is_new(trade))
                if isinstance(event, TradeTick):
                    if not held.take(event) and tracker.is_new(event):
                        yield event
                    continue
                yield event
                if isinstance(event, ConnectionChange):
                    for gap in tracker.note(event, self._symbols):
                        held.hold(gap.symbol)
                        worker.ask(gap)
        finally:
            worker.end()

    def _fetch(self, gap: Gap, should_stop: Callable[[], bool]) -> list[TradeTick] | MissedTrades:
        try:
            pages = self._history.trades(gap.symbol, gap.start, gap.end, FetchControl(should_stop=should_stop))
            return [trade for page in pages for trade in self._ticks(gap.symbol, page)]
        except FetchCancelled:
            return MissedTrades(gap.symbol, gap.start, gap.end, "the stream was told to end")
        except Exception as error:  # a thread that died of it would hold up the symbol's trades for ever
            return MissedTrades(gap.symbol, gap.start, gap.end, str(error) or type(error).__name__)

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


class _Held:
    """New trades of symbols whose gap is being filled."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self._trades: defaultdict[str, list[TradeTick]] = defaultdict(list)

    def hold(self, symbol: str) -> None:
        self._open[symbol] += 1

    def take(self, trade: TradeTick) -> bool:
        """Whether it must wait."""
        if self._open[trade.symbol] == 0:
            return False
        self._trades[trade.symbol].append(trade)
        return True

    def release(self, symbol: str) -> list[TradeTick]:
        """One gap is filled; the trades that waited, once none is open."""
        self._open[symbol] -= 1
        return self._trades.pop(symbol, []) if self._open[symbol] == 0 else []


class _Worker:
    """Fills gaps one after the other."""

    def __init__(self, fetch: Callable[[Gap], list[TradeTick] | MissedTrades]) -> None:
        self._fetch = fetch
        self._gaps: SimpleQueue[Gap | None] = SimpleQueue()
        self._results: SimpleQueue[tuple[Gap, list[TradeTick] | MissedTrades]] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def ask(self, gap: Gap) -> None:
        self._gaps.put(gap)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="gap-backfill", daemon=True)
            self._thread.start()

    def finished(self) -> Iterator[tuple[Gap, list[TradeTick] | MissedTrades]]:
        while True:
            try:
                yield self._results.get_nowait()
            except Empty:
                return

    def end(self) -> None:
        self._gaps.put(None)

    def _run(self) -> None:
        while (gap := self._gaps.get()) is not None:
            self._results.put((gap, self._fetch(gap)))


def _key(trade: TradeTick) -> _Key:
    return trade.time, trade.price, trade.size
