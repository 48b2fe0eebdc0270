"""Orders: what a person or a strategy asked for, and what became of it.

Status follows from cumulative fills and the last definitive event, never from a broker's status field alone.
The statuses are FIX 4.4 tag 39 values by name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID


class Side(StrEnum):
    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        """+1 for a buy, -1 for a sell."""
        return 1 if self is Side.BUY else -1


class OrderType(StrEnum):
    MARKET = "market"
    LIMIT = "limit"


class TimeInForce(StrEnum):
    DAY = "day"
    GTC = "gtc"
    IOC = "ioc"


class OrderStatus(StrEnum):
    PENDING_NEW = "pending_new"  # stored with its outbox row, not yet acknowledged by the broker
    NEW = "new"  # acknowledged
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    PENDING_CANCEL = "pending_cancel"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REJECTED = "rejected"  # by the broker
    DENIED = "denied"  # by our own risk check; never reached the broker

    @property
    def is_terminal(self) -> bool:
        return self in _TERMINAL


_TERMINAL = frozenset(
    {
        OrderStatus.FILLED,
        OrderStatus.CANCELED,
        OrderStatus.EXPIRED,
        OrderStatus.REJECTED,
        OrderStatus.DENIED,
    }
)


class OrderEventKind(StrEnum):
    """What happened to an order; one append-only row each."""

    SUBMITTED = "submitted"
    DENIED = "denied"
    SENT = "sent"  # intent recorded before the broker is called
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    FILL = "fill"
    CANCEL_REQUESTED = "cancel_requested"
    CANCELED = "canceled"
    CANCEL_REJECTED = "cancel_rejected"
    EXPIRED = "expired"
    OUTCOME_UNKNOWN = "outcome_unknown"
    RECONCILED = "reconciled"


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What is asked for. Quantities are positive; the side carries the direction."""

    client_order_id: str
    symbol: str
    side: Side
    quantity: Decimal
    order_type: OrderType
    time_in_force: TimeInForce = TimeInForce.DAY
    limit_price: Decimal | None = None
    job_id: UUID | None = None  # the analysis whose signal led to this order


@dataclass(frozen=True, slots=True)
class Order:
    """An order as stored. ``filled_quantity`` and ``average_fill_price`` are derived from its executions."""

    order_id: UUID
    account_id: UUID
    user_id: UUID
    instrument_id: int
    request: OrderRequest
    status: OrderStatus
    filled_quantity: Decimal
    average_fill_price: Decimal | None
    submitted_at: datetime
    submitted_market_time: datetime | None
    updated_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """One thing that happened to an order, unique by (account, source, source_event_id).

    ``seq`` counts from 1 without gaps within an account; clients resume from it.
    """

    account_id: UUID
    seq: int
    order_id: UUID
    kind: OrderEventKind
    source: str
    source_event_id: str
    wall_time: datetime
    market_time: datetime | None
    payload: dict[str, Any] = field(default_factory=dict)
