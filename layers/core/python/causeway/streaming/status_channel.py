"""A client's halts and price bands: the last state of each symbol that it wants, once per change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

Json = dict[str, Any]


class StatusChannel:
    """Not for several threads. While the transport has no room the latest state of a symbol wins."""

    def __init__(self) -> None:
        self._known: dict[str, Json | None] = {}  # by wanted symbol: the state that the client has or is to get
        self._waiting: dict[str, Json] = {}

    @property
    def symbols(self) -> frozenset[str]:
        """Symbols whose states the client wants."""
        return frozenset(self._known)

    def want(self, symbols: Iterable[str]) -> None:
        """From now on these as well; what is known of them is sent anew."""
        self._known.update(dict.fromkeys(symbols))

    def unwant(self, symbols: Iterable[str]) -> None:
        """No longer."""
        for symbol in symbols:
            self._known.pop(symbol, None)
            self._waiting.pop(symbol, None)

    def put(self, states: Iterable[Json]) -> bool:
        """States as ``wire.status_json`` makes them; those that are new to the client wait for it. Whether any is."""
        for state in states:
            symbol = state["symbol"]
            held = self._known.get(symbol)
            if symbol in self._known and (held is None or _received_at(state) > _received_at(held)):
                self._known[symbol] = self._waiting[symbol] = state
        return bool(self._waiting)

    def take(self) -> Json | None:
        """The next frame, or None."""
        if not self._waiting:
            return None
        states, self._waiting = list(self._waiting.values()), {}
        return {"type": "status", "statuses": states}


def _received_at(state: Json) -> datetime:
    return datetime.fromisoformat(state["received_at"])
