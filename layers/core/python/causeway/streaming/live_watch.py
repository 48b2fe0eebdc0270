"""When a live feed is worth an alert: a long outage, silence, a burst of flagged ticks, trades that are lost for good,
symbols that it does not know, a halt and its end.

Pure: events and times go in, alerts come out. Whether an exchange is open is told by the caller.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from causeway.model.alert import (
    Alert,
    data_stale,
    feed_lost,
    flagged_burst,
    symbols_refused,
    trading_halted,
    trading_resumed,
)
from causeway.model.tick import QuoteTick, TradeTick, TradingStatus
from causeway.ports.feed import Connection, ConnectionChange, FeedEvent, MissedTrades, SymbolRefused
from causeway.streaming.live_checks import CROSSED, JUMP, NOT_POSITIVE
from causeway.streaming.missed_trades import MissedGaps

_FLAGS = (CROSSED, NOT_POSITIVE, JUMP)
_MINUTE = timedelta(minutes=1)
_FEWEST, _SHARE = 50, 0.05


@dataclass(slots=True)
class FeedWatch:
    """``outage_s`` and ``stale_s`` as in the settings. ``backfills``: minutes of missed trades come from history."""

    name: str
    outage_s: float
    stale_s: float
    backfills: bool = False
    lost_at: datetime | None = None
    reason: str = ""
    heard_at: datetime | None = None
    missed: MissedGaps = field(init=False)
    _refused: dict[str, str] = field(default_factory=dict)
    _refusals_told: set[str] = field(default_factory=set)
    _halted: set[str] = field(default_factory=set)
    _halts: dict[str, TradingStatus] = field(default_factory=dict)
    _trading: set[str] = field(default_factory=set)
    _minute_from: datetime | None = None
    _before: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.missed = MissedGaps(self.name, self.backfills)

    def note(self, event: FeedEvent) -> None:
        """Take note of one event."""
        match event:
            case QuoteTick() | TradeTick():
                self.heard_at = event.received_at
            case ConnectionChange(state, at, reason):
                self.lost_at = (self.lost_at or at) if state is Connection.LOST else None
                self.reason = reason
                self.heard_at = at if state is Connection.UP else self.heard_at
            case MissedTrades():
                self.missed.note(event)
            case SymbolRefused(symbol, reason):
                self._refused[symbol] = reason
            case TradingStatus(symbol, halted=bool()):
                self._halts[symbol] = event
            case _:
                pass

    @property
    def told_until(self) -> datetime | None:
        """While the connection is down: when the provider was heard last."""
        return None if self.lost_at is None else min(self.lost_at, self.heard_at or self.lost_at)

    def alerts(self, now: datetime, counts: Mapping[str, int], *, market_open: bool) -> list[Alert]:
        """What is to be told now. The same may come again each time; its quiet time keeps it from being repeated."""
        return [
            *self._connection(now, market_open),
            *self._flagged(now, counts),
            *self.missed.alerts(),
            *self._unknown(),
            *self._halting(),
        ]

    def _connection(self, now: datetime, market_open: bool) -> Iterable[Alert]:
        if self.lost_at is not None:
            if (now - self.lost_at).total_seconds() >= self.outage_s:
                yield feed_lost(self.name, self.lost_at, self.reason)
        elif self.heard_at is not None and market_open:
            silent_s = (now - self.heard_at).total_seconds()
            if silent_s >= self.stale_s:
                yield data_stale(self.name, silent_s)

    def _flagged(self, now: datetime, counts: Mapping[str, int]) -> Iterable[Alert]:
        if self._minute_from is not None and now - self._minute_from < _MINUTE:
            return
        since = Counter({code: number - self._before[code] for code, number in counts.items()})
        self._minute_from, self._before = now, Counter(counts)
        flagged, total = sum(since[code] for code in _FLAGS), since["quotes"] + since["trades"]
        if flagged >= max(_FEWEST, _SHARE * total):
            codes = ", ".join(f"{code} {since[code]}" for code in _FLAGS if since[code])
            yield flagged_burst(self.name, flagged, total, codes)

    def halted_before(self, symbols: Iterable[str]) -> None:
        """These were halted when the feed began: their halt was told, its end was not."""
        self._halted.update(symbols)

    def trade_again(self, symbols: Iterable[str]) -> None:
        """These are not halted: where the end of a halt was missed, their trades told of it."""
        self._trading.update(self._halted.intersection(symbols))

    def _halting(self) -> Iterable[Alert]:
        said, self._halts = self._halts, {}
        trading, self._trading = self._trading, set()
        halts = {symbol: one for symbol, one in said.items() if one.halted and symbol not in self._halted}
        over = trading.difference(said) | {symbol for symbol, one in said.items() if not one.halted}
        resumed = sorted(over & self._halted)
        self._halted = (self._halted | halts.keys()).difference(resumed)
        for reason in sorted({one.reason for one in halts.values()}):
            yield trading_halted(sorted(symbol for symbol, one in halts.items() if one.reason == reason), reason)
        if resumed:
            yield trading_resumed(resumed)

    def _unknown(self) -> Iterable[Alert]:
        refused = {name: why for name, why in self._refused.items() if name not in self._refusals_told}
        self._refused = {}
        self._refusals_told |= refused.keys()
        for reason in sorted(set(refused.values())):
            yield symbols_refused(self.name, sorted(name for name, why in refused.items() if why == reason), reason)
