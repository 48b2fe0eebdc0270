"""A provider's events as a market: checked, conflated to last quotes, aggregated to bars of a second and of a minute.

No thread, no clock, no socket: events go in with ``take``, and ``drain`` hands over what changed since it was called
last. Symbols become instruments as they are valid at the event's own time.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from causeway.market_data.eligibility import rule_of_judged
from causeway.market_data.intervals import Grid
from causeway.market_data.quote_checks import is_wide
from causeway.market_data.trade_stream import TimeBarStream, TooLate, Trade, TradeBar, Update, trade_of
from causeway.model.bar import BarColumns
from causeway.model.tick import PriceBands, Quote, QuoteTick, TradeCorrection, TradeTick, TradingState, TradingStatus
from causeway.model.time import BarSize, micros, moment
from causeway.ports.feed import FeedEvent
from causeway.streaming.live_checks import JUMP, NOT_POSITIVE, JumpGuard, quote_flaw
from causeway.streaming.live_gaps import BarGaps
from causeway.streaming.live_status import StatusBoard

_log = logging.getLogger(__name__)
_NEW_YORK = ZoneInfo("America/New_York")
_LATENESS = timedelta(milliseconds=500)
_KEPT = {BarSize.SECOND_1: timedelta(minutes=2), BarSize.MINUTE_1: timedelta(minutes=15)}
_LONGEST_WAIT_US = 1_000_000
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class InstrumentSpan:
    """A symbol means ``instrument_id`` in [from_us, to_us)."""

    instrument_id: int
    from_us: int
    to_us: int


@dataclass(frozen=True, slots=True)
class LiveBar:
    """One version of a bar of an instrument; ``bar.withdrawn`` where a bust left nothing of it."""

    symbol: str
    instrument_id: int
    bar_size: BarSize
    bar: TradeBar
    source: str


class LiveTrade(NamedTuple):
    """An accepted trade and its instrument."""

    instrument_id: int
    tick: TradeTick


@dataclass(frozen=True, slots=True)
class Drained:
    """What changed: last quotes and states of trading, one per symbol; bars in the order of completion; accepted trades
    as they came."""

    quotes: Sequence[Quote]
    bars: Sequence[LiveBar]
    trades: Sequence[LiveTrade]
    states: Sequence[TradingState] = ()


@dataclass(slots=True)
class _Line:
    """Everything about one symbol."""

    quotes: JumpGuard[QuoteTick]
    trades: JumpGuard[TradeTick]
    bars: dict[BarSize, TimeBarStream]
    quote: Quote | None = None
    quoted_at: datetime | None = None
    quoted_after: int = 0  # losses of the connection
    last: Decimal | None = None
    traded_at: datetime | None = None
    volume: Decimal = _NOTHING
    session: date | None = None
    taken: int = 0
    source: str = ""
    corrected: set[tuple[str, str]] = field(default_factory=set)  # numbers and venues of this session's corrections


@dataclass(slots=True)
class LiveMarket:
    """Not for several threads at once. ``counts``: what was taken and what was flagged, by code."""

    max_jump: Decimal
    spans: Mapping[str, Sequence[InstrumentSpan]] = field(default_factory=dict)
    complete_from_us: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    status: StatusBoard = field(default_factory=StatusBoard)
    gaps: BarGaps = field(default_factory=BarGaps)
    _lines: dict[str, _Line] = field(default_factory=dict)
    _changed: dict[str, Quote] = field(default_factory=dict)
    _bars: list[LiveBar] = field(default_factory=list)
    _trades: list[LiveTrade] = field(default_factory=list)
    _advanced_us: int = 0

    def seed(self, quotes: Iterable[Quote]) -> None:
        """Last quotes as they are stored: the last trade and the session's volume go on from there."""
        for quote in quotes:
            line = self._line(quote.symbol)
            line.last, line.volume, line.session = quote.last, quote.volume, _session(quote.market_time)

    def restore(self, trades: Iterable[TradeTick]) -> None:
        """Trades that were taken before a restart: bars go on from them; they are neither counted nor handed over."""
        for trade in trades:
            self._aggregate(self._line(trade.symbol), trade)

    def take(self, event: FeedEvent) -> None:
        """Take one event of the provider."""
        match event:
            case QuoteTick():
                self._take_quote(event)
            case TradeTick():
                self._take_trade(event)
            case TradeCorrection():
                self._correct(event)
            case TradingStatus() | PriceBands():
                self._take_status(event)
            case _:
                self.gaps.take(event)
                self.status.follow(event)

    def drain(self, now: datetime) -> Drained:
        """What changed since the last call.

        Bars whose time is over are complete though no trade came after them, unless earlier ones are still to come.
        """
        now_us = micros(now)
        if now_us - self._advanced_us >= _LONGEST_WAIT_US:
            self._advanced_us = now_us
            self._advance(now_us)
        drained = Drained(list(self._changed.values()), self._bars, self._trades, self.status.drain())
        self._changed, self._bars, self._trades = {}, [], []
        return drained

    def of_history(self, symbol: str, bar_size: BarSize, bars: BarColumns, source: str) -> list[LiveBar]:
        """Bars of a provider's history with the instruments that ``symbol`` meant; none where it meant nothing."""
        columns = (bars.time_us, bars.open, bars.high, bars.low, bars.close, bars.volume)
        found = []
        for values in zip(*(column.tolist() for column in columns), strict=True):
            instrument_id = self._instrument_at(symbol, values[0])
            if instrument_id is not None:
                found.append(LiveBar(symbol, instrument_id, bar_size, TradeBar._make([*values, 0, 1, False]), source))
        return found

    def _advance(self, now_us: int) -> None:
        for symbol, line in self._lines.items():
            if self.gaps.waits(symbol):
                continue
            for size, stream in line.bars.items():
                if updates := stream.advance(now_us):
                    self._keep(symbol, line, size, updates)

    def _take_status(self, event: TradingStatus | PriceBands) -> None:
        self.counts["statuses"] += 1
        instrument_id = self._instrument(event.symbol, event.time)
        if instrument_id is not None:
            self.status.take(event, instrument_id)

    def _take_quote(self, tick: QuoteTick) -> None:
        self.counts["quotes"] += 1
        flaw = quote_flaw(tick)
        if flaw is not None:
            self._flag(flaw, tick.symbol)
            return
        line = self._line(tick.symbol)
        assert tick.bid is not None  # noqa: S101 -- a quote with one side is flagged
        assert tick.ask is not None  # noqa: S101
        if is_wide(tick.bid, tick.ask):
            self.counts["wide_quote"] += 1  # it may be real: before the opening, or of a stock that hardly trades
        good = line.quotes.take((tick.bid + tick.ask) / 2, tick)
        if not good:
            self._flag(JUMP, tick.symbol)
            return
        self._show_quote(line, good[-1])

    def _show_quote(self, line: _Line, tick: QuoteTick) -> None:
        instrument_id = self._instrument(tick.symbol, tick.time)
        if instrument_id is None or tick.bid is None or tick.ask is None:
            return
        if line.quoted_at is not None and tick.time < line.quoted_at:
            self.counts["late_quotes"] += 1
            return
        line.quoted_at, line.quoted_after = tick.time, self.status.losses
        moment = tick.time if line.quote is None else max(tick.time, line.quote.market_time)
        last = line.last if line.last is not None else (tick.bid + tick.ask) / 2
        shown = Quote(
            tick.symbol, instrument_id, tick.bid, tick.ask, last, tick.bid_size, tick.ask_size, line.volume, moment,
            tick.received_at, tick.source,
        )  # fmt: skip
        self._show(line, shown)

    def _show(self, line: _Line, quote: Quote) -> None:
        if quote.symbol in self._changed:
            self.counts["conflated"] += 1
        line.quote = self._changed[quote.symbol] = quote

    def _take_trade(self, tick: TradeTick) -> None:
        self.counts["trades"] += 1
        if tick.price <= 0 or tick.size < 0:
            self._flag(NOT_POSITIVE, tick.symbol)
            return
        line = self._line(tick.symbol)
        good = line.trades.take(tick.price, tick) if tick.eligible else [tick]
        if not good:
            self._flag(JUMP, tick.symbol)
        for trade in good:
            instrument_id = self._instrument(trade.symbol, trade.time)
            if instrument_id is not None:
                self._trades.append(LiveTrade(instrument_id, trade))
                if trade.eligible and not self.gaps.waits(trade.symbol):
                    self.status.traded(trade, instrument_id)
                self._aggregate(line, trade)
                self._show_trade(line, trade)

    def _show_trade(self, line: _Line, trade: TradeTick) -> None:
        session = _session(trade.time)
        if line.session is None or session > line.session:
            line.session, line.volume = session, _NOTHING
            line.corrected.clear()
        if session == line.session:
            line.volume += trade.size
        if trade.eligible and (line.traded_at is None or trade.time >= line.traded_at):
            line.last, line.traded_at = trade.price, trade.time
        if line.quote is None or line.last is None:
            return
        if self.status.is_of_now(trade.symbol, line.quoted_at, line.quoted_after):
            moment = max(trade.time, line.quote.market_time)
            shown = replace(
                line.quote, last=line.last, volume=line.volume, market_time=moment, received_at=trade.received_at
            )
            self._show(line, shown)

    def _aggregate(self, line: _Line, trade: TradeTick) -> None:
        line.taken += 1
        line.source = trade.source
        judged = _judged(trade, line.taken)
        for size, stream in line.bars.items():
            if updates := stream.push(judged):
                self._keep(trade.symbol, line, size, updates)

    def _correct(self, event: TradeCorrection) -> None:
        self.counts["corrections"] += 1
        line = self._line(event.symbol)
        line.taken += 1
        corrected = None if event.corrected is None else _judged(event.corrected, line.taken)
        self._correct_volume(line, event)
        for size, stream in line.bars.items():
            self._keep(event.symbol, line, size, stream.correct(event.trade_id, corrected, venue=event.venue))

    def _correct_volume(self, line: _Line, event: TradeCorrection) -> None:
        """The session's volume without the trade as it was, and with it as it is; each is known or told once."""
        key, before = (event.trade_id, event.venue), _NOTHING
        held = line.bars[BarSize.MINUTE_1].find(*key)
        if held is not None:
            before = _of_session(line, moment(held.time_us), Decimal(repr(held.size)))
        elif event.earlier is not None and key not in line.corrected:
            before = _of_session(line, event.earlier.time, event.earlier.size)
        line.corrected.add(key)
        after = event.corrected
        added = _NOTHING if after is None else _of_session(line, after.time, after.size)
        if added == before:
            return
        line.volume = max(_NOTHING, line.volume - before + added)
        if line.quote is not None:
            self._show(line, replace(line.quote, volume=line.volume, received_at=event.received_at))

    def _keep(self, symbol: str, line: _Line, size: BarSize, updates: Sequence[Update]) -> None:
        for update in updates:
            if isinstance(update, TooLate):
                self.counts["too_late"] += 1
            elif update.start_us < self.complete_from_us or not self.gaps.is_whole(symbol, update.start_us, size):
                self.counts["partial_bars"] += 1
            elif (instrument_id := self._instrument_at(symbol, update.start_us)) is not None:
                self.counts["bars"] += 1
                self._bars.append(LiveBar(symbol, instrument_id, size, update, line.source))

    def _instrument(self, symbol: str, moment: datetime) -> int | None:
        return self._instrument_at(symbol, micros(moment))

    def _instrument_at(self, symbol: str, time_us: int) -> int | None:
        for span in self.spans.get(symbol, ()):
            if span.from_us <= time_us < span.to_us:
                return span.instrument_id
        self._flag("unknown_symbol", symbol)
        return None

    def _line(self, symbol: str) -> _Line:
        line = self._lines.get(symbol)
        if line is None:
            bars = {size: TimeBarStream(Grid(size), lateness=_LATENESS, keep=kept) for size, kept in _KEPT.items()}
            line = self._lines[symbol] = _Line(JumpGuard(self.max_jump), JumpGuard(self.max_jump), bars)
        return line

    def _flag(self, code: str, symbol: str) -> None:
        self.counts[code] += 1
        _log.debug("a tick of %s was kept out: %s", symbol, code)


def _session(moment: datetime) -> date:
    """The day to which traded volume belongs."""
    return moment.astimezone(_NEW_YORK).date()


def _of_session(line: _Line, at: datetime, size: Decimal) -> Decimal:
    """``size`` where the trade counts for the volume that is shown."""
    return size if _session(at) == line.session else _NOTHING


def _judged(trade: TradeTick, sequence: int) -> Trade:
    return trade_of(trade, sequence, rule_of_judged(trade.source, eligible=trade.eligible))
