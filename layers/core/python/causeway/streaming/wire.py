"""Shapes of what travels over the stream; the same as those of ``docs/contracts/http.md``."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from causeway.model.tick import Quote, TradingState
from causeway.model.time import isoformat_z

BATCH_CHANNEL = "market_data:batch"  # {"quotes": [...], "statuses": [...]}; symbols are in capitals


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


def status_json(state: TradingState) -> dict[str, Any]:
    """A state of trading as JSON types; null where nothing was said."""
    return {
        "symbol": state.symbol,
        "halted": state.halted,
        "code": state.code,
        "reason": state.reason,
        "status_time": _time(state.status_time),
        "lower": None if state.lower is None else plain_decimal(state.lower),
        "upper": None if state.upper is None else plain_decimal(state.upper),
        "bands_time": _time(state.bands_time),
        "received_at": isoformat_z(state.received_at),
        "source": state.source,
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else isoformat_z(moment)
