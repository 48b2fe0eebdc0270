"""Shapes of what travels over the stream; the same as those of ``docs/contracts/http.md``."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from causeway.model.tick import Quote
from causeway.model.time import isoformat_z

BATCH_CHANNEL = "market_data:batch"  # {"quotes": [...]}; symbols are in capitals, so none is called batch


def plain_decimal(number: Decimal) -> str:
    """Digits without exponent and without trailing zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def quote_json(quote: Quote) -> dict[str, Any]:
    """A quote as JSON types: amounts as strings, times with Z."""
    return {
        "symbol": quote.symbol,
        "bid": plain_decimal(quote.bid),
        "ask": plain_decimal(quote.ask),
        "last": plain_decimal(quote.last),
        "volume": plain_decimal(quote.volume),
        "market_time": isoformat_z(quote.market_time),
        "received_at": isoformat_z(quote.received_at),
        "source": quote.source,
    }
