"""Volume and dollar bars as trades arrive; the last versions equal ``trade_bars.filled_bars`` of all trades at once.

A trade that comes late, a correction or a bust moves every later border of its day: the bars from there on are handed
out again with a new version, and those that are no more are withdrawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from causeway.market_data.intervals import Grid, GridClock
from causeway.market_data.trade_bars import Measure, full_at
from causeway.market_data.trade_stream import TooLate, Trade, TradeBar, summarise


class FilledBar(NamedTuple):
    """Bar number ``number`` of the day that is stamped ``day_us``; a repeated number is a newer version."""

    day_us: int
    number: int
    bar: TradeBar


@dataclass(slots=True)
class _Day:
    """``bars`` as they are now; ``said`` and ``versions`` are what was handed out of each number."""

    start_us: int
    trades: list[Trade] = field(default_factory=list)
    bars: list[TradeBar | None] = field(default_factory=list)
    first_of_bar: int = 0
    total: float = 0.0
    total_before_bar: float = 0.0
    said: dict[int, TradeBar] = field(default_factory=dict)

    def close_bar(self, end: int) -> None:
        trades = self.trades[self.first_of_bar : end]
        self.bars.append(summarise(trades[0].time_us, trades))
        self.first_of_bar, self.total_before_bar = end, self.total

    def news(self, first_number: int) -> list[FilledBar]:
        """What changed since it was last said, from this number on."""
        numbers = range(first_number, max(len(self.bars), max(self.said, default=-1) + 1))
        return [FilledBar(self.start_us, at, bar) for at in numbers if (bar := self._newer(at)) is not None]

    def _newer(self, number: int) -> TradeBar | None:
        said = self.said.get(number)
        now = self.bars[number] if number < len(self.bars) else None
        if now is None:
            now = None if said is None else said._replace(withdrawn=True)
        if now is None or (said is not None and now.same_values(said)):
            return None
        self.said[number] = now._replace(version=1 if said is None else said.version + 1)
        return self.said[number]


class FilledBarStream:
    """Bars of one instrument that close at ``target`` units or currency. Holds the trades of the day in hand.

    ``days`` is a daily grid. The next day's first trade closes the day; what comes for it later is ``TooLate``.

    Raises:
        InvalidInput: ``target`` is not above 0.
    """

    def __init__(self, measure: Measure, target: float, days: Grid) -> None:
        self._by_money = measure is Measure.DOLLARS
        self._full = full_at(target)
        self._clock = GridClock(days)
        self._day: _Day | None = None
        self.outside = 0

    def push(self, trade: Trade) -> Sequence[FilledBar | TooLate]:
        """Take one trade; the bars that it closes or changes."""
        interval = self._clock.interval(trade.time_us)
        if interval is None:
            self.outside += 1
            return ()
        closed: Sequence[FilledBar] = ()
        if self._day is None or interval.start_us > self._day.start_us:
            closed = self.finish()
            self._day = _Day(interval.start_us)
        elif interval.start_us < self._day.start_us:
            return (TooLate(trade, trade.trade_id),)
        day = self._day
        late = bool(day.trades) and trade[:2] < day.trades[-1][:2]
        day.trades.append(trade)
        if late:
            return self._rebuilt(day)
        number = len(day.bars)
        self._fill(day, len(day.trades) - 1)
        return [*closed, *day.news(number)] if len(day.bars) > number else closed

    def correct(self, trade_id: str, corrected: Trade | None, *, venue: str = "") -> Sequence[FilledBar | TooLate]:
        """Replace a trade of the day in hand, or take it away (None); one that corrects an unknown trade is put in."""
        day = self._day
        if day is None or not any(one.is_called(trade_id, venue) for one in day.trades):
            return (TooLate(None, trade_id),) if corrected is None else self.push(corrected)
        day.trades = [one for one in day.trades if not one.is_called(trade_id, venue)]
        if corrected is None:
            return self._rebuilt(day)
        interval = self._clock.interval(corrected.time_us)
        if interval is not None and interval.start_us == day.start_us:
            day.trades.append(corrected)
            return self._rebuilt(day)
        return [*self._rebuilt(day), *self.push(corrected)]

    def finish(self) -> Sequence[FilledBar]:
        """Close the day in hand: its last bar holds what was left."""
        day = self._day
        self._day = None
        if day is None or day.first_of_bar >= len(day.trades):
            return ()
        number = len(day.bars)
        day.close_bar(len(day.trades))
        return day.news(number)

    def _fill(self, day: _Day, at: int) -> None:
        trade = day.trades[at]
        if trade.volume:
            day.total += trade.size * trade.price if self._by_money else trade.size
        if day.total >= day.total_before_bar + self._full:
            day.close_bar(at + 1)

    def _rebuilt(self, day: _Day) -> list[FilledBar]:
        day.trades.sort(key=lambda one: one[:2])
        day.bars, day.first_of_bar, day.total, day.total_before_bar = [], 0, 0.0, 0.0
        for at in range(len(day.trades)):
            self._fill(day, at)
        return day.news(0)
