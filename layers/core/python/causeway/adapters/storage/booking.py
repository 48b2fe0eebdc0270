"""Books of one account: a broker report becomes event, execution, ledger, position, order state and audit row.

The caller holds the account's lock and commits once for all. The state machine decides; this file writes down.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from causeway.adapters.storage.alert_store import raise_alert
from causeway.adapters.storage.database import Row, Transaction
from causeway.adapters.storage.order_rows import (
    StoredOrder,
    append_event,
    clock,
    load_state,
    stored_order,
    write_audit,
    write_state,
)
from causeway.model.alert import Alert, order_filled_late, order_overfilled
from causeway.model.fill import Execution
from causeway.model.order import OrderEventKind, OrderStatus, Side
from causeway.model.position import Position
from causeway.model.time import now_utc
from causeway.ports.broker import BrokerReport, ReportKind
from causeway.trading.order_manager import Irregularity, OrderState, Transition, apply
from causeway.trading.position_manager import booked, ledger_entries, rebuilt


class Books:
    """The books of one locked account. ``last_seq`` is the newest event written here, None when nothing was new."""

    def __init__(self, transaction: Transaction, account_id: UUID, broker: str) -> None:
        self._transaction = transaction
        self._account_id = account_id
        self._broker = broker
        self.last_seq: int | None = None
        self.user_id: UUID | None = None
        self.strangers: list[str] = []

    def book(self, report: BrokerReport) -> bool:
        """Book one report; False where it says nothing new, or names an order that is not ours."""
        row = self._transaction.one(
            "order_by_client_id_locked", account_id=self._account_id, client_order_id=report.client_order_id
        )
        if row is None:
            self.strangers.append(report.client_order_id)
            return False
        stored = stored_order(row)
        transition = apply(load_state(self._transaction, stored.order), report)
        if transition.event is None:
            return False
        self._write(stored, report, transition, source=self._broker)
        return True

    def end_unsent(self, stored: StoredOrder) -> None:
        """A cancel overtook a submit that never left: the order ends here."""
        self._local(stored, ReportKind.CANCELED, f"unsent:{stored.order.order_id}", "canceled before it was sent")

    def refuse_cancel(self, stored: StoredOrder, cancel_id: str, reason: str) -> None:
        """Answer a cancel that the broker could not take."""
        self._local(stored, ReportKind.CANCEL_REJECTED, f"refused:{cancel_id}", reason, cancel_id=cancel_id)

    def move_cursor(self, cursor: str) -> None:
        self._transaction.run("cursor_write", account_id=self._account_id, cursor=cursor)

    def record_equity(self) -> None:
        """Note the account's value at the present market time."""
        market_time = clock(self._transaction).market_time
        if market_time is not None:
            self._transaction.run("equity_record", account_id=self._account_id, market_time=market_time)

    def _local(self, stored: StoredOrder, kind: ReportKind, event_id: str, reason: str, *, cancel_id: str = "") -> None:
        now = now_utc()
        report = BrokerReport(
            report_id=event_id,
            kind=kind,
            client_order_id=stored.order.request.client_order_id,
            broker_order_id="",
            market_time=clock(self._transaction).market_time or now,
            wall_time=now,
            cancel_id=cancel_id,
            reason=reason,
        )
        transition = apply(load_state(self._transaction, stored.order), report)
        if transition.event is not None:
            self._write(stored, report, transition, source="gateway")

    def _write(self, stored: StoredOrder, report: BrokerReport, transition: Transition, *, source: str) -> None:
        after = transition.after
        self._append(stored, report, transition, source)
        if report.kind is ReportKind.FILL:
            self._execute(stored, report)
        reason = (
            report.reason if after.status in {OrderStatus.REJECTED, OrderStatus.CANCELED, OrderStatus.EXPIRED} else ""
        )
        write_state(self._transaction, stored, after, wall_time=now_utc(), reason=reason)
        if transition.irregularities:
            raise_alert(self._transaction, stored.order.user_id, _alert(stored, transition))
        if Irregularity.OVERFILL in transition.irregularities:
            self._halt(stored, after)

    def _append(self, stored: StoredOrder, report: BrokerReport, transition: Transition, source: str) -> None:
        kind = transition.event
        if kind is None:
            return
        self.user_id = stored.order.user_id
        self.last_seq = append_event(
            self._transaction,
            stored.order,
            kind,
            transition.after.status,
            source=source,
            source_event_id=report.event_id,
            wall_time=report.wall_time,
            market_time=report.market_time,
            payload=_payload(report, transition, kind),
        )

    def _execute(self, stored: StoredOrder, report: BrokerReport) -> None:
        execution = Execution(
            broker=self._broker,
            account_id=self._account_id,
            execution_id=report.execution_id,
            order_id=stored.order.order_id,
            instrument_id=stored.order.instrument_id,
            side=stored.order.request.side,
            quantity=report.quantity,
            price=report.price,
            fee=report.fee,
            market_time=report.market_time,
            wall_time=report.wall_time,
        )
        user_id = stored.order.user_id
        position = self._position_with(execution)
        self._transaction.run("execution_insert", user_id=user_id, **_columns(execution))
        for entry in ledger_entries(execution):
            self._transaction.run(
                "ledger_insert",
                account_id=self._account_id,
                user_id=user_id,
                kind=entry.kind,
                amount=entry.amount,
                reference=entry.reference,
                market_time=execution.market_time,
            )
        self._transaction.run(
            "position_write",
            account_id=self._account_id,
            instrument_id=execution.instrument_id,
            user_id=user_id,
            quantity=position.quantity,
            average_cost=position.average_cost,
            realised_pnl=position.realised_pnl,
            fee=execution.fee,
            wall_time=execution.wall_time,
        )

    def _position_with(self, execution: Execution) -> Position:
        """The position after an execution; rebuilt from all where this one came late, so that order does not matter."""
        key: dict[str, Any] = {"account_id": self._account_id, "instrument_id": execution.instrument_id}
        empty = Position(self._account_id, execution.instrument_id, Decimal(0), Decimal(0), Decimal(0))
        found = self._transaction.one(
            "executions_later_than", wall_time=execution.wall_time, execution_id=execution.execution_id, **key
        )
        if found and found["later"]:
            earlier = [_execution(row) for row in self._transaction.all("executions_of_instrument", **key)]
            return rebuilt(empty, [*earlier, execution])
        row = self._transaction.one("position_read", **key)
        return booked(empty if row is None else Position(**row), execution)

    def _halt(self, stored: StoredOrder, after: OrderState) -> None:
        order = stored.order
        reason = _overfilled(stored, after)
        self._transaction.run("account_set_state", account_id=self._account_id, state="halted", reason=reason)
        write_audit(
            self._transaction,
            self._account_id,
            order.user_id,
            actor="gateway",
            action="account.state",
            subject=str(self._account_id),
            detail={"state": "halted", "reason": reason},
        )


def _overfilled(stored: StoredOrder, after: OrderState) -> str:
    return (
        f"order {stored.order.request.client_order_id} was filled {after.filled_quantity:f} of {after.quantity:f}: "
        "more than was ordered. Compare with the broker before trading on."
    )


def _alert(stored: StoredOrder, transition: Transition) -> Alert:
    if Irregularity.OVERFILL in transition.irregularities:
        return order_overfilled(str(stored.order.order_id), _overfilled(stored, transition.after))
    return order_filled_late(str(stored.order.order_id), stored.order.request.client_order_id)


def _payload(report: BrokerReport, transition: Transition, kind: OrderEventKind) -> dict[str, Any]:
    payload: dict[str, Any] = {"broker_order_id": report.broker_order_id} if report.broker_order_id else {}
    if kind is OrderEventKind.FILL:
        payload |= {
            "execution_id": report.execution_id,
            "quantity": _plain(report.quantity),
            "price": _plain(report.price),
            "fee": _plain(report.fee),
        }
    if report.cancel_id:
        payload["cancel_id"] = report.cancel_id
    if report.reason:
        payload["reason"] = report.reason
    if transition.irregularities:
        payload["alerts"] = [one.value for one in transition.irregularities]
    return payload


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _columns(execution: Execution) -> dict[str, Any]:
    columns = {name: getattr(execution, name) for name in Execution.__dataclass_fields__}
    return {**columns, "side": execution.side.value}


def _execution(row: Row) -> Execution:
    return Execution(**{**row, "side": Side(row["side"])})
