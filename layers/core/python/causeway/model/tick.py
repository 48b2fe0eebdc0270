"""Quotes: the last known state of a market."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Quote:
    """Best bid and offer with the last trade.

    ``market_time`` is the market's clock (the replay's under replay); ``received_at`` is wall time here.
    ``bid_size``, ``ask_size`` and ``volume`` are in units of the instrument; volume is the session's total.
    """

    symbol: str
    instrument_id: int
    bid: Decimal
    ask: Decimal
    last: Decimal
    bid_size: Decimal
    ask_size: Decimal
    volume: Decimal
    market_time: datetime
    received_at: datetime
    source: str

    @property
    def mid(self) -> Decimal:
        """Halfway between bid and ask."""
        return (self.bid + self.ask) / 2
