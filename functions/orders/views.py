"""Stored orders and risk decisions as wire shapes, and wire requests as order requests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING

from causeway.errors import InvalidInput
from causeway.model.order import OrderRequest, OrderType, Side, TimeInForce
from causeway.risk.limits import RiskCheck, RiskDecision
from causeway.trading.matching import FeeSchedule
from functions.orders import schemas

if TYPE_CHECKING:
    from causeway.adapters.storage.order_rows import StoredEvent, StoredOrder


def order_request(body: schemas.OrderRequest) -> OrderRequest:
    """Raises InvalidInput: a limit price without a limit order, or the other way round."""
    if (body.order_type == "limit") != (body.limit_price is not None):
        raise InvalidInput(
            "limit_price must be given for a limit order and left out for a market order; "
            f"found order_type {body.order_type} with limit_price {body.limit_price}.",
            details={"field": "limit_price"},
        )
    return OrderRequest(
        client_order_id=body.client_order_id,
        symbol=body.symbol.upper(),
        side=Side(body.side),
        quantity=body.quantity,
        order_type=OrderType(body.order_type),
        time_in_force=TimeInForce(body.time_in_force),
        limit_price=body.limit_price,
        job_id=body.job_id,
    )


def order_view(stored: StoredOrder) -> schemas.Order:
    return schemas.Order(**_order_fields(stored))


def detail_view(stored: StoredOrder, events: Iterable[StoredEvent]) -> schemas.OrderDetail:
    return schemas.OrderDetail(**_order_fields(stored), events=[event_view(item) for item in events])


def event_view(stored: StoredEvent) -> schemas.OrderEvent:
    event = stored.event
    return schemas.OrderEvent(
        seq=event.seq,
        order_id=event.order_id,
        kind=event.kind.value,
        status_after=stored.status_after.value,
        payload=event.payload,
        wall_time=event.wall_time,
        market_time=event.market_time,
    )


def preview_view(request: OrderRequest, decision: RiskDecision, fees: FeeSchedule) -> schemas.Preview:
    """``buying_power_after`` is what would be left with this order reserved."""
    needed = decision.reservation.amount if decision.allowed else Decimal(0)
    return schemas.Preview(
        allowed=decision.allowed,
        notional=decision.notional,
        estimated_fee=fees.total(request.quantity, decision.notional),
        buying_power=decision.buying_power,
        buying_power_after=decision.buying_power - needed,
        reference_price=decision.reference_price,
        checks=_checks(decision.checks),
    )


def _checks(checks: Iterable[RiskCheck]) -> list[schemas.RiskCheck]:
    return [schemas.RiskCheck(**asdict(check)) for check in checks]


def _order_fields(stored: StoredOrder) -> dict[str, object]:
    order, request = stored.order, stored.order.request
    return {
        "id": order.order_id,
        "account_id": order.account_id,
        "client_order_id": request.client_order_id,
        "symbol": request.symbol,
        "side": request.side.value,
        "quantity": request.quantity,
        "order_type": request.order_type.value,
        "time_in_force": request.time_in_force.value,
        "limit_price": request.limit_price,
        "job_id": request.job_id,
        "status": order.status.value,
        "filled_quantity": order.filled_quantity,
        "average_fill_price": order.average_fill_price,
        "reason": order.reason,
        "checks": _checks(stored.checks),
        "submitted_at": order.submitted_at,
        "submitted_market_time": order.submitted_market_time,
        "updated_at": order.updated_at,
    }
