"""What a live feed writes behind its back: last quotes, bars and states of trading, in batches that may come twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, TypeVar

import numpy as np

from causeway.adapters.storage.backfill_records import keep_flawed, note_stand_in
from causeway.adapters.storage.bar_loading import BarLoad
from causeway.adapters.storage.database import Database, Transaction
from causeway.adapters.storage.quote_store import QuoteStore
from causeway.market_data.ingestion import CheckedRows
from causeway.model.bar import BarColumns
from causeway.model.tick import HaltsTold, Quote, TradingState
from causeway.model.time import BarSize, isoformat_z, moment
from causeway.streaming.live_market import InstrumentSpan, LiveBar

_QUOTE_COLUMNS = (
    "instrument_id", "symbol", "bid", "ask", "last", "bid_size", "ask_size", "volume", "market_time", "received_at",
    "source",
)  # fmt: skip
_STATE_COLUMNS = (
    "symbol", "instrument_id", "halted", "code", "reason", "status_time", "lower", "upper", "bands_time", "received_at",
    "source", "known_at",
)  # fmt: skip
T = TypeVar("T")
_PRICES = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True)
class FeedReport:
    """``feed``: the provider's name, empty where none streams. ``running``: it has not let go of the clock.

    ``counts`` are of the process that began at ``started_at``; ``totals`` of all since ``since``, without levels.
    """

    feed: str
    running: bool
    updated_at: datetime
    counts: Mapping[str, int]
    started_at: datetime | None
    totals: Mapping[str, int]
    since: datetime | None


@dataclass(frozen=True, slots=True)
class StandIn:
    """No bar of a series starts in [first, until), as none was to be had; those of ``of_size`` stand in."""

    first: datetime
    until: datetime
    of_size: str
    reason: str


@dataclass(frozen=True, slots=True)
class LiveStore:
    """Writes as a member of ``causeway_service``."""

    database: Database

    def spans(self, symbols: Sequence[str] | None) -> dict[str, list[InstrumentSpan]]:
        """What each symbol meant and when; without ``symbols``, of every symbol that is current now."""
        with self.database.transaction() as transaction:
            rows = transaction.all("live_validity", symbols=None if symbols is None else list(symbols))
        return {
            symbol: [InstrumentSpan(row["instrument_id"], row["from_us"], row["to_us"]) for row in mine]
            for symbol, mine in groupby(rows, key=lambda row: str(row["symbol"]))
        }

    def last_quotes(self, symbols: Sequence[str]) -> list[Quote]:
        """Last quotes as they are stored."""
        return QuoteStore(self.database).latest(symbols)

    def states(self, symbols: Sequence[str]) -> list[TradingState]:
        """The last known states of trading, by symbol; none where nothing was heard."""
        with self.database.transaction() as transaction:
            return [TradingState(**row) for row in transaction.all("live_states", symbols=list(symbols))]

    def last_bar(self, symbol: str, bar_size: BarSize, start: datetime, end: datetime) -> datetime | None:
        """When the last stored bar of ``symbol`` in [start, end) starts; None where there is none."""
        with self.database.transaction() as transaction:
            row = transaction.one("live_last_bar", symbol=symbol, bar_size=bar_size.value, start=start, end=end)
        return None if row is None else row["last"]

    def keep_flawed(self, symbol: str, checked: CheckedRows, source: str) -> None:
        """Quarantine bars of a history that cannot be."""
        with self.database.transaction() as transaction:
            keep_flawed(transaction, symbol, checked, source)

    def note_stand_in(
        self, symbol: str, bar_size: BarSize, span: tuple[datetime, datetime], of: BarSize, reason: str
    ) -> None:
        """Bars of ``of`` stand in for those of ``bar_size`` that start in ``span``, and why."""
        with self.database.transaction() as transaction:
            note_stand_in(transaction, symbol, bar_size, span, of, reason)

    def write_states(self, states: Sequence[TradingState]) -> None:
        """Of states of one instrument the last counts; an older one than the stored changes nothing."""
        newest = sorted(
            {state.instrument_id: state for state in states}.values(), key=lambda state: state.instrument_id
        )
        columns = {name: [getattr(state, name) for state in newest] for name in _STATE_COLUMNS}
        with self.database.transaction() as transaction:
            transaction.run("live_store_states", **columns)

    def hold_clock(
        self,
        holder: str,
        market_time: datetime,
        *,
        name: str,
        over: bool = False,
        tally: Mapping[str, object] | None = None,
        halts: HaltsTold | None = None,
    ) -> bool:
        """Move the market's clock in mode live; False while another drives it. ``over``: let go of it.

        ``tally`` holds the feed's counters (``FeedTally.as_json``), for whoever shows how it does, and for the next
        process; ``halts`` None: it tells of none.
        """
        state: dict[str, object] = {"live_feed": name, **(tally or {})}
        if halts is not None:
            state["halts"] = {"since": None if halts.since is None else isoformat_z(halts.since)}
        if not over:
            state["holder"] = holder
        return QuoteStore(self.database).set_clock(
            holder, mode="live", market_time=market_time, speed=1.0, replay=state
        )

    def feed(self) -> FeedReport:
        """The live feed that drives the market's clock, or did last; its counters as it left them."""
        clock = QuoteStore(self.database).clock()
        stored = clock.replay if clock.mode == "live" else {}
        name = str(stored.get("live_feed", ""))
        started_at, since = (_moment_of(stored.get(key)) for key in ("started_at", "since"))
        counts, totals = (stored.get(key, {}) for key in ("counts", "totals"))
        return FeedReport(name, "holder" in stored and bool(name), clock.updated_at, counts, started_at, totals, since)

    def counted(self) -> Mapping[str, Any]:
        """What a live feed stored beside the clock last, its name and counters; empty where none did."""
        clock = QuoteStore(self.database).clock()
        return clock.replay if clock.mode == "live" else {}

    def stand_ins(self, symbol: str, bar_size: BarSize) -> list[StandIn]:
        """Spans of a symbol at this size for which other bars stand in, ascending."""
        with self.database.transaction() as transaction:
            rows = transaction.all("market_data_stand_ins", symbol=symbol.strip().upper(), bar_size=bar_size.value)
        return [StandIn(**row) for row in rows]

    def write(self, quotes: Sequence[Quote], bars: Sequence[LiveBar]) -> None:
        """One transaction. Of quotes of one instrument the last counts, of versions of one bar the highest."""
        newest = list({quote.instrument_id: quote for quote in quotes}.values())
        latest = {(bar.instrument_id, bar.bar_size, bar.bar.start_us): bar for bar in bars}
        kept = [bar for bar in latest.values() if not bar.bar.withdrawn]
        gone = [bar for bar in latest.values() if bar.bar.withdrawn]
        with self.database.transaction() as transaction:
            if newest:
                newest.sort(key=lambda quote: quote.instrument_id)  # one order of locks
                columns = {name: [getattr(quote, name) for quote in newest] for name in _QUOTE_COLUMNS}
                transaction.run("live_store_quotes", **columns)
            if latest:  # all locks before the first bar
                ids = sorted({bar.instrument_id for bar in latest.values()})
                transaction.all("bars_lock_instruments", ids=ids)
            if days := sorted({(bar.bar_size.value, moment(bar.bar.start_us).date()) for bar in kept}):
                sizes, dates = zip(*days, strict=True)
                transaction.run("live_note_days", bar_size=list(sizes), day=list(dates))
            for load in _loads(kept):
                load.store(transaction)
            for size, mine in _by(gone, lambda bar: bar.bar_size):
                _withdraw(transaction, size, mine)
            # A second's bar drops no cached minutes: those of its minute follow.
            transaction.changed_series = {key[0] for key in latest if key[1] is BarSize.MINUTE_1}


def _moment_of(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _loads(bars: Sequence[LiveBar]) -> Iterator[BarLoad]:
    """Bars of one size and source go together."""
    for (size, source), mine in _by(bars, lambda bar: (bar.bar_size, bar.source)):
        columns = {one: _columns(own) for one, own in _by(mine, lambda bar: bar.instrument_id)}
        yield BarLoad(columns, size, source)


def _columns(bars: Sequence[LiveBar]) -> BarColumns:
    ordered = sorted((bar.bar for bar in bars), key=lambda bar: bar.start_us)
    values = [np.array([getattr(bar, name) for bar in ordered], dtype=np.float64) for name in _PRICES]
    return BarColumns(np.array([bar.start_us for bar in ordered], dtype=np.int64), *values)


def _withdraw(transaction: Transaction, size: BarSize, bars: Sequence[LiveBar]) -> None:
    ids, times = [bar.instrument_id for bar in bars], [moment(bar.bar.start_us) for bar in bars]
    transaction.run("live_withdraw_bars", instrument_id=ids, bar_size=size.value, time=times)
    if size is BarSize.MINUTE_1:
        transaction.run("bars_mark_stale", ids=ids, firsts=times, lasts=times)
    years = {"first_year": min(times).year, "last_year": max(times).year}
    transaction.all("live_recount", ids=ids, bar_size=size.value, **years)


def _by(bars: Sequence[LiveBar], key: Callable[[LiveBar], T]) -> Iterator[tuple[T, list[LiveBar]]]:
    groups: dict[T, list[LiveBar]] = {}
    for bar in bars:
        groups.setdefault(key(bar), []).append(bar)
    return iter(groups.items())
