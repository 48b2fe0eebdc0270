"""Wire shapes of /v1/orders."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field

from causeway.risk.limits import CheckName
from causeway.web.wire import Amount, Moment, Wire

SideName = Literal["buy", "sell"]
StatusName = Literal[
    "pending_new",
    "new",
    "partially_filled",
    "filled",
    "pending_cancel",
    "canceled",
    "expired",
    "rejected",
    "denied",
]


class OrderRequest(Wire):
    """``account_id`` may be left out by a user with one account."""

    client_order_id: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:-]+$")
    symbol: str = Field(min_length=1, max_length=32, pattern=r"^[^\s\x00-\x1f]+$")
    side: SideName
    quantity: Amount = Field(gt=0, le=1_000_000_000, max_digits=20, decimal_places=9)
    order_type: Literal["market", "limit"]
    time_in_force: Literal["day", "gtc", "ioc"] = "day"
    limit_price: Amount | None = Field(default=None, gt=0, le=1_000_000_000, max_digits=20, decimal_places=9)
    account_id: UUID | None = None
    job_id: UUID | None = None


class RiskCheck(Wire):
    """One check with its limit and what was found. One that passed with a message is a warning."""

    name: CheckName
    passed: bool
    limit: str
    found: str
    message: str


class Preview(Wire):
    """What would happen now. Nothing is stored."""

    allowed: bool
    notional: Amount
    estimated_fee: Amount
    buying_power: Amount
    buying_power_after: Amount
    reference_price: Amount | None
    checks: list[RiskCheck]


class OrderLimits(Wire):
    """What one order may be. ``orders_in_halt``: which orders pass while their symbol is halted, or may be."""

    max_quantity: Amount
    max_notional: Amount
    price_collar: float
    max_quote_age_s: float
    orders_in_halt: Literal["limit", "none", "all"]


class TradingNow(Wire):
    """``unknown``: the feed tells of halts and may have missed one; ``untold``: nobody tells of any. ``situation`` says
    in words that trading is halted or may be; else empty."""

    symbol: str
    trading: Literal["goes_on", "halted", "unknown", "untold"]
    situation: str


class Order(Wire):
    id: UUID
    account_id: UUID
    client_order_id: str
    symbol: str
    side: SideName
    quantity: Amount
    order_type: Literal["market", "limit"]
    time_in_force: Literal["day", "gtc", "ioc"]
    limit_price: Amount | None
    job_id: UUID | None
    status: StatusName
    filled_quantity: Amount
    average_fill_price: Amount | None
    reason: str
    checks: list[RiskCheck]
    submitted_at: Moment
    submitted_market_time: Moment | None
    updated_at: Moment


class OrderEvent(Wire):
    """``seq`` counts from 1 without gaps within the account; resume the stream from it."""

    seq: int
    order_id: UUID
    kind: str
    status_after: StatusName
    payload: dict[str, object]
    wall_time: Moment
    market_time: Moment | None


class OrderDetail(Order):
    events: list[OrderEvent]


class SignalOrdersRequest(Wire):
    """Trade a result's signal: move the account towards its weights times ``capital``.

    ``client_order_id_prefix`` makes the call idempotent: each order's id is prefix:SYMBOL.
    """

    job_id: UUID
    capital: Amount = Field(gt=0, le=1_000_000_000_000, max_digits=20, decimal_places=4)
    client_order_id_prefix: str = Field(min_length=1, max_length=30, pattern=r"^[A-Za-z0-9._-]+$")
    account_id: UUID | None = None
    preview: bool = False


class PlannedOrder(Wire):
    symbol: str
    side: SideName
    quantity: Amount
    weight: float
    current_quantity: Amount
    reference_price: Amount
    notional: Amount


class SignalOrders(Wire):
    """``skipped`` maps a symbol to why nothing is ordered for it."""

    planned: list[PlannedOrder]
    skipped: dict[str, str]
    orders: list[Order]


class TradingStateRequest(Wire):
    """The kill switch: halted blocks new orders and cancels open ones; active needs a reason too."""

    state: Literal["active", "reducing", "halted"]
    reason: str = Field(min_length=1, max_length=500, pattern=r"^[^\x00]+$")
    account_id: UUID | None = None


class TradingState(Wire):
    account_id: UUID
    state: Literal["active", "reducing", "halted"]
    reason: str
    cancels_requested: int
