"""Last quotes on the ladder: this process for a quarter of a second, Redis, then whatever the caller loads from.

A feed writes quotes to Redis four times a second, so nobody is told of each: what the process keeps is never older than
that. What was loaded is stored only where nothing is: a feed that wrote meanwhile has the newer one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic_core import from_json

from causeway.adapters.storage.cache.flights import Flight, Flights
from causeway.adapters.storage.cache.memory import MISSING, MemoryRung
from causeway.adapters.storage.cache.shared import SharedRung

Json = dict[str, Any]
LoadQuotes = Callable[[Sequence[str]], Sequence[Json]]
_TTL_S, _ABSENT_TTL_S, _KEPT_S = 60, 2, 0.25
_SIZE = 400  # bytes of one in memory, about


class QuoteRungs:
    """Each quote is a JSON object with ``symbol``. Thread-safe. Never raises for want of Redis."""

    def __init__(self, shared: SharedRung, memory: MemoryRung) -> None:
        self._shared, self._memory = shared, memory
        self._flights = Flights()

    def put(self, quotes: Sequence[Json]) -> None:
        """Keep what a feed says now."""
        self._memory.drop([quote_key(quote["symbol"]) for quote in quotes])
        self._shared.pipe([("SET", quote_key(quote["symbol"]), json.dumps(quote), "EX", _TTL_S) for quote in quotes])

    def drop(self, symbols: Sequence[str]) -> None:
        """Forget the quotes of ``symbols``."""
        self._flights.outdate()
        self._memory.drop([quote_key(symbol) for symbol in symbols])
        self._shared.pipe([("DEL", quote_key(symbol)) for symbol in symbols])

    def latest(self, symbols: Sequence[str], load: LoadQuotes) -> list[Json]:
        """Those of ``symbols`` that have one, in their order. Who asks for the same at once shares one load; a symbol
        that has none is not asked for again for two seconds."""
        found: dict[str, Any] = {symbol: self._memory.get(quote_key(symbol)) for symbol in symbols}
        missing = [symbol for symbol, quote in found.items() if quote is MISSING]
        if missing:
            key = ",".join(sorted(missing))
            found |= self._flights.run(key, lambda flight: self._below(missing, load, flight))
        return [quote for quote in found.values() if quote is not None]

    def _below(self, symbols: Sequence[str], load: LoadQuotes, flight: Flight) -> Mapping[str, Json | None]:
        replies = self._shared.get_many([quote_key(symbol) for symbol in symbols])
        found: dict[str, Json | None] = {
            symbol: from_json(reply) for symbol, reply in zip(symbols, replies, strict=True) if reply is not None
        }
        missing = [symbol for symbol in symbols if symbol not in found]
        if missing:
            loaded: dict[str, Json | None] = dict.fromkeys(missing)
            loaded |= {quote["symbol"]: quote for quote in load(missing)}
            self._shared.pipe([_set_if_absent(symbol, quote) for symbol, quote in loaded.items()])
            found |= loaded
        self._flights.keep(flight, lambda: self._keep(found))
        return found

    def _keep(self, quotes: Mapping[str, Json | None]) -> None:
        for symbol, quote in quotes.items():
            self._memory.put(quote_key(symbol), quote, size=_SIZE, ttl_s=_KEPT_S)


def quote_key(symbol: str) -> str:
    """Where the last quote of a symbol lies."""
    return f"market_data:{symbol}:latest"


def _set_if_absent(symbol: str, quote: Json | None) -> tuple[object, ...]:
    ttl_s = _ABSENT_TTL_S if quote is None else _TTL_S
    return ("SET", quote_key(symbol), json.dumps(quote), "EX", ttl_s, "NX")
