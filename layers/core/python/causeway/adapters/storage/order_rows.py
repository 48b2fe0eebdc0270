"""Rows of orders, events, quotes and the clock as model objects, and the writes that both sides of the outbox share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from causeway.adapters.storage.database import Row, Transaction
from causeway.errors import CorruptData
from causeway.model.market_clock import MarketClock
from causeway.model.order import (
    Order,
    OrderEvent,
    OrderEventKind,
    OrderRequest,
    OrderStatus,
    OrderType,
    Side,
    TimeInForce,
)
from causeway.model.tick import Quote
from causeway.ports.broker import ReportKind
from causeway.risk.halts import LastHeard
from causeway.risk.limits import RiskCheck
from causeway.trading.order_manager import Fill, OrderState, reserved_after

if TYPE_CHECKING:
    from psycopg.types.json import Jsonb


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """An order with its risk decision. ``reserved_at_submit`` is what it held before its first fill."""

    order: Order
    checks: tuple[RiskCheck, ...]
    reserved_at_submit: Decimal


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An order event with the status that followed from it."""

    event: OrderEvent
    status_after: OrderStatus


def jsonb(value: Mapping[str, Any]) -> Jsonb:
    """A JSON parameter."""
    from psycopg.types.json import Jsonb

    return Jsonb(dict(value))


def stored_order(row: Row) -> StoredOrder:
    request = OrderRequest(
        client_order_id=row["client_order_id"],
        symbol=row["symbol"],
        side=Side(row["side"]),
        quantity=row["quantity"],
        order_type=OrderType(row["order_type"]),
        time_in_force=TimeInForce(row["time_in_force"]),
        limit_price=row["limit_price"],
        job_id=row["job_id"],
    )
    order = Order(
        order_id=row["id"],
        account_id=row["account_id"],
        user_id=row["user_id"],
        instrument_id=row["instrument_id"],
        request=request,
        status=OrderStatus(row["status"]),
        filled_quantity=row["filled_quantity"],
        average_fill_price=row["average_fill_price"],
        submitted_at=row["submitted_at"],
        submitted_market_time=row["submitted_market_time"],
        updated_at=row["updated_at"],
        reason=row["reason"],
    )
    decision = row["risk_decision"]
    checks = tuple(RiskCheck(**check) for check in decision["checks"])
    return StoredOrder(order, checks, Decimal(decision["reserved"]))


def stored_event(row: Row, account_id: UUID) -> StoredEvent:
    event = OrderEvent(
        account_id=account_id,
        seq=row["seq"],
        order_id=row["order_id"],
        kind=OrderEventKind(row["kind"]),
        source=row["source"],
        source_event_id=row["source_event_id"],
        wall_time=row["wall_time"],
        market_time=row["market_time"],
        payload=row["payload"],
    )
    return StoredEvent(event, OrderStatus(row["status_after"]))


def quote(row: Row) -> Quote:
    return Quote(**{name: row[name] for name in Quote.__dataclass_fields__})


def clock(transaction: Transaction) -> MarketClock:
    """The market's clock now."""
    row = transaction.one("clock_read")
    if row is None:
        raise CorruptData(
            "market_clock has no row; the migrations insert one. Restore it, or migrate a fresh database."
        )
    return MarketClock(**row)


def last_heard(row: Row) -> LastHeard | None:
    """What was heard last of trading in an instrument; its columns are null where nothing was."""
    if row["halted"] is None:
        return None
    return LastHeard(row["halted"], row["halt_reason"], row["known_at"], row["halt_source"])


def state_of(quantity: Decimal, events: Iterable[Row]) -> OrderState:
    """An order's state from its events alone."""
    kinds: set[str] = set()
    requested: set[str] = set()
    refused: set[str] = set()
    fills: dict[str, Fill] = {}
    for row in events:
        kind, payload = row["kind"], row["payload"]
        kinds.add(kind)
        if kind == OrderEventKind.FILL:
            fills[payload["execution_id"]] = Fill(Decimal(payload["quantity"]), Decimal(payload["price"]))
        elif kind == OrderEventKind.CANCEL_REQUESTED:
            requested.add(payload["cancel_id"])
        elif kind == OrderEventKind.CANCEL_REJECTED:
            refused.add(payload["cancel_id"])
    ends = frozenset(
        end for end in (ReportKind.CANCELED, ReportKind.EXPIRED, ReportKind.REJECTED) if end.value in kinds
    )
    return OrderState(
        quantity=quantity,
        denied=OrderEventKind.DENIED in kinds,
        accepted=OrderEventKind.ACCEPTED in kinds,
        ended=ends,
        cancels_requested=frozenset(requested),
        cancels_rejected=frozenset(refused),
        fills=fills,
    )


def load_state(transaction: Transaction, order: Order) -> OrderState:
    """The state of one order; the account must be locked."""
    return state_of(order.request.quantity, transaction.all("order_events_of", order_id=order.order_id))


def write_state(
    transaction: Transaction, stored: StoredOrder, state: OrderState, *, wall_time: datetime, reason: str = ""
) -> None:
    """Store what follows from the facts."""
    transaction.run(
        "order_set_state",
        order_id=stored.order.order_id,
        status=state.status.value,
        filled_quantity=state.filled_quantity,
        average_fill_price=state.average_fill_price,
        reserved_cash=reserved_after(state, stored.reserved_at_submit),
        reason=reason,
        wall_time=wall_time,
    )


def append_event(
    transaction: Transaction,
    order: Order,
    kind: OrderEventKind,
    status_after: OrderStatus,
    *,
    source: str,
    source_event_id: str,
    wall_time: datetime,
    market_time: datetime | None,
    payload: Mapping[str, Any],
) -> int:
    """Append one event and its audit row; the event's number in its account."""
    row = transaction.one(
        "order_event_append",
        account_id=order.account_id,
        user_id=order.user_id,
        order_id=order.order_id,
        kind=kind.value,
        source=source,
        source_event_id=source_event_id,
        status_after=status_after.value,
        payload=jsonb(payload),
        wall_time=wall_time,
        market_time=market_time,
    )
    if row is None:
        raise RuntimeError(f"account {order.account_id} is gone")
    detail = {"seq": row["seq"], "kind": kind.value, "status": status_after.value, **payload}
    write_audit(
        transaction,
        order.account_id,
        order.user_id,
        actor=source,
        action=f"order.{kind.value}",
        subject=str(order.order_id),
        detail=detail,
    )
    return int(row["seq"])


def write_audit(
    transaction: Transaction,
    account_id: UUID,
    user_id: UUID,
    *,
    actor: str,
    action: str,
    subject: str,
    detail: Mapping[str, Any],
) -> None:
    """One row in the account's chain."""
    transaction.one(
        "audit_write",
        chain=f"account:{account_id}",
        user_id=user_id,
        actor=actor,
        action=action,
        subject=subject,
        detail=jsonb(detail),
    )
