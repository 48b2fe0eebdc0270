"""Last quotes and the minutes of the last session through the cache ladder; everything else goes to the database.

``market_data:{symbol}:latest`` is what a feed wrote last. ``market_data:{symbol}:1m`` holds the minutes since midnight
(of the exchange) of the day of the last stored one, in each adjustment that differs; whoever changes minutes or
daily closes or corporate actions drops it after the commit (``drop_minutes``, called by ``Database.series_changed``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from causeway.adapters.storage.cache_manager import CacheManager, Lifetime
from causeway.adapters.storage.database import Database, Row
from causeway.adapters.storage.timeseries_db import TimeseriesDb, span_of
from causeway.errors import NotFound
from causeway.market_data.corporate_actions import Adjustment, Anchor, Convention
from causeway.market_data.knowledge import KnownBy
from causeway.market_data.sessions import time_zone
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize, isoformat_z, micros, now_utc
from causeway.streaming.wire import plain_decimal

_MINUTES = Lifetime(60.0)
_PRICES = ("open", "high", "low", "close", "volume")
_AMOUNTS = ("bid", "ask", "last", "volume")


class CachedSeries(TimeseriesDb):
    """What is cached is loaded from the primary: a replica that lags would bring back what was just dropped."""

    def __init__(self, database: Database, cache: CacheManager) -> None:
        super().__init__(database)
        self._cache = cache
        self._loader = _Loader(database, may_lag=False)

    def quotes(self, symbols: Sequence[str]) -> list[Row]:
        """As ``TimeseriesDb.quotes``; amounts and times are text, as on the wire."""
        wanted = list(dict.fromkeys(symbol.strip().upper() for symbol in symbols))
        found = self._cache.latest_quotes(wanted, self._loader.quotes_json)
        return sorted(found, key=lambda quote: str(quote["symbol"]))

    def read_adjusted(
        self,
        symbol: str,
        bar_size: BarSize,
        start: datetime | None = None,
        end: datetime | None = None,
        *,
        adjustment: Adjustment,
        limit: int | None = None,
        anchor: Anchor = Anchor.LAST,
        convention: Convention = Convention.CRSP,
        as_of: datetime | None = None,
        known_by: KnownBy = KnownBy.RECORDED,
    ) -> BarColumns:
        plain = as_of is None and anchor is Anchor.LAST and convention is Convention.CRSP
        if plain and bar_size is BarSize.MINUTE_1 and start is not None and (end is None or end > now_utc()):
            span = span_of(start, end)
            held = self._last_session(symbol.strip().upper())
            if _covers(held, start, end):
                return _within(held, adjustment, span, limit)
        return super().read_adjusted(
            symbol, bar_size, start, end, adjustment=adjustment, limit=limit, anchor=anchor, convention=convention,
            as_of=as_of, known_by=known_by,
        )  # fmt: skip

    def _last_session(self, symbol: str) -> Mapping[str, Any]:
        held = self._cache.read(minutes_key(symbol), lambda: self._loader.last_session(symbol), _MINUTES)
        if held is None:
            raise NotFound(f"no instrument has the symbol {symbol[:40]} now; GET /v1/data/symbols lists those stored.")
        return dict(held)


class _Loader(TimeseriesDb):
    """What the ladder loads from."""

    def quotes_json(self, symbols: Sequence[str]) -> list[dict[str, Any]]:
        return [_quote_json(row) for row in self.quotes(symbols)]

    def last_session(self, symbol: str) -> dict[str, Any] | None:
        """None for a symbol that means nothing now. ``start_us`` is None where it has no minutes, or some ahead of the
        clock; ``until_us`` where the symbol has no end."""
        now = now_utc()
        with self._database.transaction() as transaction:
            found = transaction.one("market_data_last_minute", symbol=symbol, now=now)
        if found is None:
            return None
        if found["last"] is None or found["last"] > now:
            return {"start_us": None, "until_us": None, "series": {}}
        local = found["last"].astimezone(ZoneInfo(time_zone(found["calendar"])))
        start = local.replace(hour=0, minute=0, second=0, microsecond=0)
        until_us = None if found["valid_to"] is None else micros(found["valid_to"])
        return {"start_us": micros(start), "until_us": until_us, "series": self._series(symbol, start)}

    def _series(self, symbol: str, start: datetime) -> dict[str, Any]:
        later = any(one.ex_date >= start.date() for one in self.corporate_actions(symbol))
        wanted = tuple(Adjustment) if later else (Adjustment.RAW,)
        return {
            one.value: _as_json(self.read_adjusted(symbol, BarSize.MINUTE_1, start, adjustment=one)) for one in wanted
        }


def minutes_key(symbol: str) -> str:
    """Where the minutes of a symbol's last session lie."""
    return f"market_data:{symbol}:1m"


def drop_minutes(cache: CacheManager) -> Callable[[Sequence[str]], None]:
    """What ``Database.series_changed`` is set to in a process that writes."""
    return lambda symbols: cache.invalidate([minutes_key(symbol) for symbol in symbols])


def _quote_json(row: Row) -> dict[str, Any]:
    times = {name: isoformat_z(row[name]) for name in ("market_time", "received_at")}
    return {**row, **{name: plain_decimal(row[name]) for name in _AMOUNTS}, **times}


def _as_json(bars: BarColumns) -> dict[str, Any]:
    return {name: getattr(bars, name).tolist() for name in ("time_us", *_PRICES)}


def _covers(held: Mapping[str, Any], start: datetime, end: datetime | None) -> bool:
    begins, until = held["start_us"], held.get("until_us")
    return begins is not None and begins <= micros(start) and (until is None or end is None or micros(end) <= until)


def _within(
    held: Mapping[str, Any], adjustment: Adjustment, span: tuple[datetime, datetime], limit: int | None
) -> BarColumns:
    """Bars of ``span``. Where only raw ones are held, no step lies behind any of them."""
    series = held["series"].get(adjustment.value) or held["series"][Adjustment.RAW.value]
    times = np.array(series["time_us"], dtype=np.int64)
    first, last = np.searchsorted(times, [micros(one) for one in span]).tolist()
    rows = slice(first, last if limit is None else min(last, first + limit))
    return BarColumns(times[rows], *(np.array(series[name][rows], dtype=np.float64) for name in _PRICES))
