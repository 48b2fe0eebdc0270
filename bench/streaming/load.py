"""What the load is made of: 500 symbols, 5,000 quotes a second, clients with 20 symbols each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

from causeway.model.tick import QuoteTick

SYMBOLS = tuple(f"S{number:03d}" for number in range(500))
UPDATES_PER_S = 5000
A_CLIENT = 20
GROUPS = len(SYMBOLS) // A_CLIENT
_SIZE = Decimal(100)


def symbols_of(client: int) -> tuple[str, ...]:
    """What a client subscribes to; clients GROUPS apart share their symbols."""
    first = client % GROUPS * A_CLIENT
    return SYMBOLS[first : first + A_CLIENT]


def ticks(start: int, count: int) -> Iterator[QuoteTick]:
    """Quotes made now; the symbols take turns."""
    for number in range(start, start + count):
        now = datetime.now(UTC)
        bid = Decimal(10_000 + number % 97) / 100
        yield QuoteTick(SYMBOLS[number * 7 % len(SYMBOLS)], now, bid, bid + Decimal("0.02"), _SIZE, _SIZE, now, "bench")
