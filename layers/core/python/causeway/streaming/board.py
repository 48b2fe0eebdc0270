"""The last quote of every symbol, encoded once for all clients. Sessions look here when their next frame is due."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple


class Piece(NamedTuple):
    """A quote as JSON text; ``number`` counts changes of the whole board."""

    number: int
    received_at: datetime
    text: str


class QuoteBoard:
    """Not for several threads."""

    def __init__(self) -> None:
        self.number = 0
        self.pieces: dict[str, Piece] = {}

    def put(self, quotes: Iterable[dict[str, Any]]) -> list[str]:
        """Newer quotes replace older ones; the symbols that changed."""
        changed = []
        for quote in quotes:
            symbol, received_at = quote["symbol"], datetime.fromisoformat(quote["received_at"])
            held = self.pieces.get(symbol)
            if held is None or received_at > held.received_at:
                self.number += 1
                text = json.dumps(quote, separators=(",", ":"))
                self.pieces[symbol] = Piece(self.number, received_at, text)
                changed.append(symbol)
        return changed
