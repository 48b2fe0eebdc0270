"""Last quotes and the market's clock in PostgreSQL: what the feed writes and everybody else reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from causeway.adapters.storage.database import Database, Row
from causeway.errors import CorruptData
from causeway.model.tick import Quote
from causeway.streaming.replay import PathBar, SessionHours, SessionPath, session_path

_COLUMNS = (
    "instrument_id", "symbol", "bid", "ask", "last", "bid_size", "ask_size", "volume", "market_time", "received_at",
    "source",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clock:
    """The market's clock. ``replay`` says who drives it and what is replayed; ``requested`` what was asked last."""

    mode: str
    market_time: datetime | None
    speed: float
    updated_at: datetime
    replay: dict[str, Any]
    requested: dict[str, Any]


class QuoteStore:
    """Reads and writes as a member of ``causeway_service``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def clock(self) -> Clock:
        with self._database.transaction() as transaction:
            row = transaction.one("replay_clock")
        if row is None:
            raise CorruptData("market_clock has no row; the migrations insert it: restore a backup")
        return Clock(**row)

    def set_clock(
        self,
        holder: str,
        *,
        mode: str,
        market_time: datetime | None,
        speed: float,
        replay: dict[str, Any],
        quotes: Sequence[Quote] = (),
    ) -> bool:
        """Move the clock and replace ``quotes``, together. False, with nothing stored, while another drives it."""
        from psycopg.types.json import Jsonb

        with self._database.transaction() as transaction:
            moved = transaction.one(
                "replay_set_clock",
                holder=holder,
                mode=mode,
                market_time=market_time,
                speed=speed,
                replay=Jsonb(replay),
            )
            if moved is not None and quotes:
                transaction.run(
                    "quotes_upsert", **{name: [getattr(quote, name) for quote in quotes] for name in _COLUMNS}
                )
        return moved is not None

    def forget_quotes_after(self, market_time: datetime) -> list[str]:
        """Drop quotes from beyond ``market_time``; their symbols."""
        with self._database.transaction() as transaction:
            return [row["symbol"] for row in transaction.all("quotes_forget_later", market_time=market_time)]

    def next_day(self, day: date, symbols: Sequence[str] | None) -> date | None:
        """First day at or after ``day`` with bars to replay."""
        with self._database.transaction() as transaction:
            row = transaction.one("replay_next_day", day=day, symbols=_array(symbols))
        return row["day"] if row else None

    def session_paths(self, hours: SessionHours, symbols: Sequence[str] | None) -> list[SessionPath]:
        """A path per symbol with bars on this day. Minutes go before the daily bar where a symbol has both."""
        with self._database.transaction() as transaction:
            rows = transaction.all(
                "replay_bars", day=hours.day, open=hours.open, close=hours.close, symbols=_array(symbols)
            )
        return [_path(list(group), hours) for _, group in groupby(rows, key=lambda row: row["symbol"])]

    def latest(self, symbols: Sequence[str] | None = None) -> list[Quote]:
        """Last quotes, by symbol; those of every symbol without ``symbols``."""
        with self._database.transaction() as transaction:
            return [Quote(**row) for row in transaction.all("quotes_latest", symbols=_array(symbols))]

    def known_symbols(self, symbols: Sequence[str]) -> frozenset[str]:
        """Those of ``symbols`` that are current now."""
        with self._database.transaction() as transaction:
            return frozenset(row["symbol"] for row in transaction.all("quotes_known_symbols", symbols=list(symbols)))


def _array(symbols: Sequence[str] | None) -> list[str] | None:
    return list(symbols) if symbols else None


def _path(rows: list[Row], hours: SessionHours) -> SessionPath:
    minutes = [row for row in rows if row["bar_size"] == "1m"]
    bars = (
        [_bar(row, row["time"], row["time"] + timedelta(minutes=1)) for row in minutes]
        if minutes
        else [_bar(rows[0], hours.open, hours.close)]
    )
    first = rows[0]
    return session_path(first["symbol"], first["instrument_id"], Decimal(first["tick_size"]), bars)


def _bar(row: Row, start: datetime, end: datetime) -> PathBar:
    return PathBar(start, end, row["open"], row["high"], row["low"], row["close"], row["volume"])
