"""Trades to bars as they arrive: late trades, corrections and busts amend a bar that was handed out already.

The last version of each bar equals what ``trade_bars`` makes of all trades at once, to the bit, whatever the order of
arrival, as long as no trade comes later than ``keep`` allows (one that does is handed back as ``TooLate``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import fsum
from operator import itemgetter
from typing import NamedTuple

from causeway.market_data.eligibility import PRICED, RANGED, UNPRICED, Rule
from causeway.market_data.intervals import Grid, GridClock
from causeway.model.tick import TradeTick
from causeway.model.time import micros

_US = timedelta(microseconds=1)
_ORDER = itemgetter(0, 1)
NEVER = -(2**63)


class Trade(NamedTuple):
    """One trade as the aggregator sees it; ``tier`` and ``volume`` as in ``eligibility``."""

    time_us: int
    sequence: int
    price: float
    size: float
    tier: int = PRICED
    volume: bool = True
    trade_id: str = ""
    venue: str = ""

    def is_called(self, trade_id: str, venue: str) -> bool:
        """Whether this is the trade of that number; one whose venue is not known, by its number alone."""
        return self.trade_id == trade_id and self.venue in ("", venue)


class TradeBar(NamedTuple):
    """One version of a bar. The first version is 1; ``withdrawn``: a bust left no bar; prices are the last ones."""

    start_us: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    trades: int
    version: int = 1
    withdrawn: bool = False

    def same_values(self, other: TradeBar) -> bool:
        return self[:7] == other[:7] and self.withdrawn == other.withdrawn


@dataclass(frozen=True, slots=True)
class TooLate:
    """A trade or correction for a bar that is no longer kept: the caller reads that bar from history again."""

    trade: Trade | None
    trade_id: str


Update = TradeBar | TooLate


def trade_of(tick: TradeTick, sequence: int, rule: Rule) -> Trade:
    """A provider's trade, judged by its source's rule; where it is not ``eligible`` it makes no price."""
    judged = rule(tick.conditions)
    return Trade(
        micros(tick.time),
        sequence,
        float(tick.price),
        float(tick.size),
        judged.tier if tick.eligible else UNPRICED,
        judged.volume,
        tick.trade_id,
        tick.venue,
    )


class _Interval:
    """Trades of one bar and the version that was handed out last."""

    __slots__ = ("emitted", "end_us", "trades", "version")

    def __init__(self, end_us: int) -> None:
        self.end_us = end_us
        self.trades: list[Trade] = []
        self.emitted: TradeBar | None = None
        self.version = 0

    def next_version(self, start_us: int) -> TradeBar | None:
        """The bar as it is now, if it differs from what was handed out."""
        self.trades.sort(key=_ORDER)
        found = summarise(start_us, self.trades)
        if found is None:
            if self.emitted is None or self.emitted.withdrawn:
                return None
            found = self.emitted._replace(withdrawn=True)
        if self.emitted is not None and found.same_values(self.emitted):
            return None
        self.version += 1
        self.emitted = found._replace(version=self.version)
        return self.emitted


class TimeBarStream:
    """Bars on a grid from the trades of one instrument. Not for several threads.

    A bar is complete once a trade, or ``advance``, is ``lateness`` past its end. ``keep`` is how long after its end a
    bar can still be amended; its trades are held in memory as long. ``outside`` counts trades between sessions.
    """

    def __init__(
        self, grid: Grid, *, lateness: timedelta = timedelta(), keep: timedelta = timedelta(minutes=15)
    ) -> None:
        self._clock = GridClock(grid)
        self._lateness_us, self._keep_us = lateness // _US, max(keep, lateness) // _US
        self._held: dict[int, _Interval] = {}
        self._start_of: dict[tuple[str, str], int] = {}  # by number and venue
        self._watermark = self._next_end = self._forgotten_before = NEVER
        self._open: set[int] = set()
        self.outside = 0

    def push(self, trade: Trade) -> Sequence[Update]:
        """Take one trade; the bars that it completes or amends, oldest first.

        Raises:
            InvalidInput: the trade lies outside the schedule's range.
        """
        interval = self._clock.interval(trade.time_us)
        if interval is None:
            self.outside += 1
            return ()
        start = interval.start_us
        held = self._held.get(start)
        if held is None:
            if interval.end_us <= self._forgotten_before:
                return (TooLate(trade, trade.trade_id),)
            held = self._held[start] = _Interval(interval.end_us)
            self._open.add(start)
            self._next_end = min(self._next_end, interval.end_us) if len(self._open) > 1 else interval.end_us
        held.trades.append(trade)
        if trade.trade_id:
            self._start_of[trade.trade_id, trade.venue] = start
        if start not in self._open:
            return self._amended(start)
        reached = trade.time_us - self._lateness_us
        self._watermark = max(self._watermark, reached)
        return self._complete() if self._next_end <= self._watermark else ()

    def correct(self, trade_id: str, corrected: Trade | None, *, venue: str = "") -> Sequence[Update]:
        """Replace an earlier trade, or take it away (None); bars that change, oldest first.

        Where no such trade is known, the corrected one is put in, late.
        """
        start = self._start_of.pop((trade_id, venue), None)
        if start is None:
            start = self._start_of.pop((trade_id, ""), None)
        held = None if start is None else self._held.get(start)
        if start is None or held is None:
            return (TooLate(None, trade_id),) if corrected is None else self.push(corrected)
        held.trades = [one for one in held.trades if not one.is_called(trade_id, venue)]
        interval = None if corrected is None else self._clock.interval(corrected.time_us)
        stays = corrected is not None and interval is not None and interval.start_us == start
        if stays and corrected is not None:
            held.trades.append(corrected)
            self._start_of[corrected.trade_id, corrected.venue] = start
        found = [] if start in self._open else list(self._amended(start))
        return found if stays or corrected is None else [*found, *self.push(corrected)]

    def find(self, trade_id: str, venue: str) -> Trade | None:
        """The trade of that number, if it is still held."""
        start = self._start_of.get((trade_id, venue), self._start_of.get((trade_id, "")))
        held = None if start is None else self._held.get(start)
        return next((one for one in held.trades if one.is_called(trade_id, venue)), None) if held else None

    def advance(self, now_us: int) -> Sequence[Update]:
        """Time has come to ``now_us`` without a trade: the bars that are complete by now."""
        self._watermark = max(self._watermark, now_us - self._lateness_us)
        return self._complete() if self._open and self._next_end <= self._watermark else ()

    def finish(self) -> Sequence[Update]:
        """Hand out every bar that is still open, complete or not."""
        return self._emit(sorted(self._open))

    def forming(self) -> Iterator[TradeBar]:
        """Bars that are not complete, as they are now, with version 0."""
        for start in sorted(self._open):
            found = summarise(start, sorted(self._held[start].trades, key=_ORDER))
            if found is not None:
                yield found._replace(version=0)

    def _amended(self, start: int) -> Sequence[Update]:
        found = self._held[start].next_version(start)
        return () if found is None else (found,)

    def _complete(self) -> Sequence[Update]:
        found = self._emit(sorted(one for one in self._open if self._held[one].end_us <= self._watermark))
        self._forget()
        return found

    def _emit(self, starts: Iterable[int]) -> list[Update]:
        found: list[Update] = []
        for start in starts:
            self._open.discard(start)
            found.extend(self._amended(start))
        self._next_end = min((self._held[one].end_us for one in self._open), default=NEVER)
        return found

    def _forget(self) -> None:
        border = self._watermark - self._keep_us
        if border <= self._forgotten_before + self._keep_us // 8:  # all kept bars are looked at: not for every bar
            return
        self._forgotten_before = border
        gone = [start for start, held in self._held.items() if held.end_us <= border and start not in self._open]
        for start in gone:
            for trade in self._held.pop(start).trades:
                self._start_of.pop((trade.trade_id, trade.venue), None)


def summarise(start_us: int, trades: Sequence[Trade]) -> TradeBar | None:
    """The bar of trades in order; None where none of them makes a price."""
    best = min((trade.tier for trade in trades), default=UNPRICED)
    if best >= UNPRICED:
        return None
    last_tier = RANGED if best == PRICED else best
    prices = [trade.price for trade in trades if best <= trade.tier <= last_tier]
    close = next(trade.price for trade in (trades if best == RANGED else reversed(trades)) if trade.tier == best)
    volume = fsum(trade.size for trade in trades if trade.volume)
    return TradeBar(start_us, prices[0], max(prices), min(prices), close, volume, len(trades))
