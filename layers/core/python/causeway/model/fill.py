"""Executions: what the broker says was traded. Unique by (broker, account, execution id)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from causeway.model.order import Side


@dataclass(frozen=True, slots=True)
class Execution:
    """A fill. ``fee`` is positive when it costs money, in the account's currency."""

    broker: str
    account_id: UUID
    execution_id: str
    order_id: UUID
    instrument_id: int
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal
    market_time: datetime
    wall_time: datetime
