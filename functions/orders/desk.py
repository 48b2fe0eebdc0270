"""What a request does to an account. Each function runs inside the transaction that holds the account's lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causeway.errors import Conflict
from causeway.model.order import OrderRequest
from causeway.risk.limits import AccountState, Limits, RiskDecision, assess

if TYPE_CHECKING:
    from causeway.adapters.storage.order_rows import StoredOrder
    from causeway.adapters.storage.order_store import AccountDesk


def preview(desk: AccountDesk, request: OrderRequest, limits: Limits) -> RiskDecision:
    """Every check on the order as things stand; nothing is written.

    Raises:
        InvalidInput: the symbol is not known.
    """
    instrument = desk.tradable(request.symbol)
    return assess(request, instrument, desk.facts(), desk.market(instrument.instrument_id), limits)


def submit(desk: AccountDesk, request: OrderRequest, limits: Limits) -> tuple[StoredOrder, bool]:
    """The stored order, and whether it is new. A denial is stored too, with status denied.

    Raises:
        Conflict: the client order id belongs to an order with other terms.
        InvalidInput: the symbol or the job is not known.
    """
    known = desk.find(request.client_order_id)
    if known is not None:
        _require_same_terms(known, request)
        return known, False
    if request.job_id is not None:
        desk.require_job(request.job_id)
    instrument = desk.tradable(request.symbol)
    decision = assess(request, instrument, desk.facts(), desk.market(instrument.instrument_id), limits)
    return desk.store(request, instrument, decision), True


def cancel(desk: AccountDesk, stored: StoredOrder) -> StoredOrder:
    """The order with its cancel on the way; asking twice is one cancel.

    Raises:
        Conflict: the order has ended.
    """
    current = desk.get(stored.order.order_id)
    if current.order.status.is_terminal:
        raise Conflict(
            f"the order is already {current.order.status.value}; there is nothing left to cancel.",
            details={"status": current.order.status.value},
        )
    desk.request_cancel(current)
    return desk.get(stored.order.order_id)


def change_state(desk: AccountDesk, state: AccountState, reason: str) -> int:
    """Set the account's trading state; halting also asks to cancel every open order. How many cancels were asked."""
    desk.set_state(state, reason)
    if state != "halted":
        return 0
    return sum(desk.request_cancel(stored) for stored in desk.open_orders())


def _require_same_terms(known: StoredOrder, request: OrderRequest) -> None:
    if known.order.request != request:
        raise Conflict(
            f"client_order_id {request.client_order_id} belongs to an order with other terms; "
            "send the same terms to read that order, or choose a new id.",
            details={"order_id": str(known.order.order_id)},
        )
