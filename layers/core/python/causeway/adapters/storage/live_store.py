"""What a live feed writes behind its back: last quotes and bars, in batches that may come twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from causeway.adapters.storage.database import Database
from causeway.adapters.storage.quote_store import QuoteStore
from causeway.model.tick import Quote
from causeway.model.time import moment
from causeway.streaming.live_market import InstrumentSpan, LiveBar

_QUOTE_COLUMNS = (
    "instrument_id", "symbol", "bid", "ask", "last", "bid_size", "ask_size", "volume", "market_time", "received_at",
    "source",
)  # fmt: skip
_PRICES = ("open", "high", "low", "close", "volume")


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

    def hold_clock(self, holder: str, market_time: datetime, *, name: str, over: bool = False) -> bool:
        """Move the market's clock in mode live; False while another drives it. ``over``: let go of it."""
        state: dict[str, object] = {"live_feed": name} if over else {"live_feed": name, "holder": holder}
        return QuoteStore(self.database).set_clock(
            holder, mode="live", market_time=market_time, speed=1.0, replay=state
        )

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
            if kept:
                times = [moment(bar.bar.start_us) for bar in kept]
                transaction.all("live_ensure_partitions", first=min(times), last=max(times))
                values = {name: [getattr(bar.bar, name) for bar in kept] for name in _PRICES}
                sources = [bar.source for bar in kept]
                transaction.run("live_store_bars", **_keys(kept), **values, source=sources)
            if gone:
                transaction.run("live_withdraw_bars", **_keys(gone))


def _keys(bars: Sequence[LiveBar]) -> dict[str, list[object]]:
    return {
        "instrument_id": [bar.instrument_id for bar in bars],
        "bar_size": [bar.bar_size.value for bar in bars],
        "time": [moment(bar.bar.start_us) for bar in bars],
    }
