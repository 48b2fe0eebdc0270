"""Which instruments symbols mean at a moment, and what to say of those that mean none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from difflib import get_close_matches

from causeway.adapters.storage.database import Row, Transaction
from causeway.errors import NotFound


def resolve(transaction: Transaction, symbol: str, at: datetime) -> Row:
    """Raises NotFound where the symbol meant nothing."""
    return resolve_all(transaction, [symbol], at)[0]


def resolve_all(transaction: Transaction, symbols: Sequence[str], at: datetime) -> tuple[Row, ...]:
    """In the order of the symbols. Raises NotFound where one meant nothing."""
    names = [symbol.strip().upper() for symbol in symbols]
    found = {row["symbol"]: row for row in transaction.all("market_data_resolve", symbols=names, at=at)}
    for name in names:
        if name not in found:
            raise _not_then(transaction, name, at) or unknown_symbol(transaction, name)
    return tuple(found[name] for name in names)


def _not_then(transaction: Transaction, symbol: str, at: datetime) -> NotFound | None:
    """A symbol that meant something, though not at that moment. Infinite times come as None."""
    spans = transaction.all("market_data_past_validity", symbol=symbol)
    if not spans:
        return None
    when = "; ".join(f"from {row['first'] or 'ever'} to {row['last'] or 'now'}" for row in spans)
    return NotFound(
        f"{symbol[:40]} was no instrument's symbol on {at.date()}; it was one {when}. Ask for a range that ends then.",
        details={"symbol": symbol[:40]},
    )


def unknown_symbol(transaction: Transaction, symbol: str) -> NotFound:
    """Names symbols that look alike."""
    names = [row["symbol"] for row in transaction.all("market_data_symbol_names")]
    near = get_close_matches(symbol, names, n=5, cutoff=0.5)
    hint = f"Did you mean {', '.join(near)}?" if near else f"{len(names)} symbols are stored; list them first."
    return NotFound(
        f"no instrument has the symbol {symbol[:40]!r}. {hint}", details={"symbol": symbol[:40], "near": near}
    )
