"""Preview, submit, list, read and cancel orders."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from causeway.web.auth import Principal, require
from causeway.web.paging import decode_cursor, encode_cursor
from causeway.web.services import services_of
from causeway.web.wire import Page
from functions.orders import desk as order_desk
from functions.orders.notify import tell
from functions.orders.schemas import Order, OrderDetail, OrderLimits, OrderRequest, Preview
from functions.orders.services import Services
from functions.orders.views import detail_view, order_request, order_view, preview_view

router = APIRouter()
Given = Annotated[Services, Depends(services_of(Services))]
Viewer = Annotated[Principal, Depends(require("viewer"))]
Trader = Annotated[Principal, Depends(require("trader"))]


@router.post("/preview")
def preview_order(body: OrderRequest, services: Given, trader: Trader) -> Preview:
    """What would happen now, with every risk check. Nothing is stored."""
    request = order_request(body)
    with services.orders.on_account(trader.user_id, body.account_id) as desk:
        decision = order_desk.preview(desk, request, services.limits)
    return preview_view(request, decision, services.fees)


@router.post("", status_code=201, responses={200: {"model": Order, "description": "Known by its client_order_id"}})
def submit_order(body: OrderRequest, services: Given, trader: Trader, response: Response) -> Order:
    """Submit an order. A known client_order_id with the same terms returns that order with status 200."""
    request = order_request(body)
    with services.orders.on_account(trader.user_id, body.account_id) as desk:
        stored, is_new = order_desk.submit(desk, request, services.limits)
    tell(services.events, desk)
    response.status_code = 201 if is_new else 200
    return order_view(stored)


@router.get("")
def list_orders(
    services: Given,
    viewer: Viewer,
    status: Literal["open", "all"] = "all",
    symbol: Annotated[str | None, Query(max_length=32, pattern=r"^[^\s\x00-\x1f]+$")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: str | None = None,
) -> Page[Order]:
    """The user's orders on every account, newest first."""
    before = decode_cursor(cursor, datetime, UUID)
    found = services.orders.page(
        viewer.user_id,
        open_only=status == "open",
        symbol=symbol.upper() if symbol else None,
        before=(before[0], before[1]) if before else None,
        limit=limit + 1,
    )
    shown = found[:limit]
    last = shown[-1].order if len(found) > limit else None
    return Page(
        items=[order_view(stored) for stored in shown],
        next_cursor=encode_cursor(last.submitted_at, last.order_id) if last else None,
    )


@router.get("/limits", dependencies=[Depends(require("viewer"))])
def get_limits(services: Given) -> OrderLimits:
    """What the risk checks allow in one order."""
    return OrderLimits(**asdict(services.limits))


@router.get("/{order_id}")
def get_order(order_id: UUID, services: Given, viewer: Viewer) -> OrderDetail:
    """One order with everything that happened to it."""
    stored, events = services.orders.get(viewer.user_id, order_id)
    return detail_view(stored, events)


@router.post("/{order_id}/cancel", status_code=202)
def cancel_order(order_id: UUID, services: Given, trader: Trader) -> Order:
    """Ask the broker to cancel what is left. The outcome arrives as an event."""
    stored, _ = services.orders.get(trader.user_id, order_id)
    with services.orders.on_account(trader.user_id, stored.order.account_id) as desk:
        pending = order_desk.cancel(desk, stored)
    tell(services.events, desk)
    return order_view(pending)
