"""Which trades a live feed missed, and which it told twice. Pure: no thread, no clock.

The stream and history may both report a trade near the edges of a gap; trades are the same where time, price and size
are, as often as they are (a provider's trade ids can differ between the two).
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from causeway.model.tick import QuoteTick, TradeTick
from causeway.ports.feed import Connection, ConnectionChange, FeedEvent, Gap

_REMEMBERED = 256  # live trades of a symbol that history may repeat
_OVERLAP = timedelta(seconds=30)  # backfilled trades so close to the end that the stream may repeat them
_CLOCKS = timedelta(seconds=5)  # by which the market's clock and ours may differ unnoticed
_Key = tuple[datetime, Decimal, Decimal]


@dataclass
class _Seen:
    """What the stream said of one symbol last, and what history said that it may still say."""

    last: datetime | None = None
    live: deque[_Key] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    filled: Counter[_Key] = field(default_factory=Counter)


class GapTracker:
    """``longest``: trades of a longer gap are not fetched. A gap that ends while an earlier one is open replaces it."""

    def __init__(self, longest: timedelta) -> None:
        self._longest = longest
        self._seen: defaultdict[str, _Seen] = defaultdict(_Seen)
        self._streamed: frozenset[str] = frozenset()  # symbols that were watched while the connection was up
        self._known_since: datetime | None = None  # from then on symbols that never traded are known
        self._heard_at: datetime | None = None
        self._ahead = timedelta(0)  # of the market's clock before ours, as far as trades show it
        self._down = True
        self._open: dict[str, Gap] = {}

    def resume(self, trades: Collection[TradeTick], at: datetime, symbols: frozenset[str]) -> None:
        """An earlier process streamed up to ``at`` and told these: the first connection ends a gap since then."""
        for trade in trades:
            self.is_new(trade)
        self._streamed = symbols
        self._known_since, self._heard_at = at - _CLOCKS, at

    def lose(self) -> None:
        """The connection is down; trades that wait for a gap are not told any more."""
        self._down = True

    def heard(self, event: FeedEvent) -> None:
        """The provider said something: it was there."""
        if isinstance(event, QuoteTick):
            self._hear(event.received_at)

    def note(self, change: ConnectionChange, symbols: frozenset[str]) -> list[Gap]:
        """The gaps that end with ``change``."""
        if change.state is Connection.LOST:
            self.lose()
            return []
        if not self._down:
            return []
        self._down = False
        end = change.at + self._ahead + _CLOCKS
        gaps = [self._gap(symbol, end) for symbol in sorted(symbols)]
        self._known_since, self._heard_at = change.at - _CLOCKS, change.at
        self._streamed = symbols
        self._open = {gap.symbol: gap for gap in gaps if gap.trades}
        return gaps

    def added(self, symbols: frozenset[str], clock: Callable[[], datetime]) -> list[Gap]:
        """The gaps of symbols that are watched from now on, while the connection is up. Asked before every event."""
        if self._down or symbols is self._streamed:
            return []
        new, self._streamed = sorted(symbols - self._streamed), symbols
        end = clock() + self._ahead + _CLOCKS
        return [Gap(symbol, None, end, trades=False) for symbol in new]

    def _gap(self, symbol: str, end: datetime) -> Gap:
        if self._known_since is None or self._heard_at is None or symbol not in self._streamed:
            return Gap(symbol, None, end, trades=False)
        start, since = self._seen[symbol].last or self._known_since, self._heard_at
        unfilled = self._open.get(symbol)
        if unfilled is not None and unfilled.start is not None:
            start, since = min(start, unfilled.start), min(since, unfilled.start)
        if end - since > self._longest:
            return Gap(symbol, min(start, since), end, trades=False)
        return Gap(symbol, max(start, end - self._longest), end, trades=True)

    def waits(self, symbol: str) -> bool:
        """Whether trades of ``symbol`` must wait for earlier ones."""
        return symbol in self._open

    def is_new(self, trade: TradeTick) -> bool:
        """Whether a trade of the stream was not backfilled already; it is remembered."""
        seen, key = self._seen[trade.symbol], _key(trade)
        self._hear(trade.received_at)
        self._ahead = max(timedelta(0), trade.time - trade.received_at)
        seen.last = max(seen.last, trade.time) if seen.last else trade.time
        seen.live.append(key)
        if seen.filled[key] > 0:
            seen.filled[key] -= 1
            return False
        return True

    def _hear(self, at: datetime) -> None:
        self._heard_at = at if self._heard_at is None else max(self._heard_at, at)

    def close(self, gap: Gap) -> bool:
        """``gap`` was fetched or given up; False where a later one has replaced it, which brings its trades as well."""
        if self._open.get(gap.symbol) != gap:
            return False
        del self._open[gap.symbol]
        return True

    def missed(self, gap: Gap, trades: list[TradeTick], waiting: Collection[TradeTick] = ()) -> list[TradeTick]:
        """Trades of history that the stream has not told; those that it or ``waiting`` may repeat are remembered."""
        seen = self._seen[gap.symbol]
        told = Counter(seen.live) + seen.filled
        new = []
        for trade in trades:
            key = _key(trade)
            if told[key] > 0:
                told[key] -= 1
            else:
                new.append(trade)
        repeated_from = min([gap.end - _OVERLAP, *(trade.time for trade in waiting)])
        seen.filled.update(_key(trade) for trade in new)
        seen.filled = Counter({key: count for key, count in seen.filled.items() if key[0] >= repeated_from})
        if new:
            seen.last = max(seen.last, new[-1].time) if seen.last else new[-1].time
        return new


def _key(trade: TradeTick) -> _Key:
    return trade.time, trade.price, trade.size
