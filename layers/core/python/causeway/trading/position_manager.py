"""Positions and cash from executions.

Average cost: a fill that opens or adds moves the average; a fill that closes realises the difference; a fill through
zero closes first and opens the rest at its own price. Fees are kept apart from cost.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from causeway.model.fill import Execution
from causeway.model.position import Position

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A signed movement of cash, in the account's currency. ``kind`` is trade or fee."""

    kind: str
    amount: Decimal
    reference: str


def booked(position: Position, execution: Execution) -> Position:
    """The position after one more execution."""
    signed = execution.side.sign * execution.quantity
    quantity = position.quantity + signed
    if position.quantity * signed >= 0:
        cost = position.average_cost * abs(position.quantity) + execution.price * execution.quantity
        return replace(position, quantity=quantity, average_cost=cost / abs(quantity))
    closed = min(abs(signed), abs(position.quantity))
    direction = 1 if position.quantity > 0 else -1
    realised = position.realised_pnl + direction * closed * (execution.price - position.average_cost)
    return replace(
        position,
        quantity=quantity,
        average_cost=_cost_after_closing(position, execution, quantity),
        realised_pnl=realised,
    )


def rebuilt(empty: Position, executions: Iterable[Execution]) -> Position:
    """The position from all its executions as they happened (wall time, execution id), however they were reported.

    Not by market time: a replay may be set back, and what is bought then comes after what was sold before.
    """
    position = empty
    for execution in sorted(executions, key=lambda item: (item.wall_time, item.execution_id)):
        position = booked(position, execution)
    return position


def ledger_entries(execution: Execution) -> list[LedgerEntry]:
    """What an execution does to cash: the trade, and its fee where there is one."""
    reference = f"{execution.broker}:{execution.execution_id}"
    entries = [LedgerEntry("trade", -execution.side.sign * execution.quantity * execution.price, reference)]
    if execution.fee:
        entries.append(LedgerEntry("fee", -execution.fee, reference))
    return entries


def _cost_after_closing(position: Position, execution: Execution, quantity: Decimal) -> Decimal:
    if quantity == 0:
        return ZERO
    turned = (quantity > 0) != (position.quantity > 0)
    return execution.price if turned else position.average_cost
