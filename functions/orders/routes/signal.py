"""Trade a result's signal."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from causeway.web.auth import Principal, require
from causeway.web.services import services_of
from functions.orders.notify import tell
from functions.orders.schemas import SignalOrders, SignalOrdersRequest
from functions.orders.services import Services
from functions.orders.signal_desk import trade_signal

router = APIRouter()


@router.post("/signal")
def submit_signal(
    body: SignalOrdersRequest,
    services: Annotated[Services, Depends(services_of(Services))],
    trader: Annotated[Principal, Depends(require("trader"))],
) -> SignalOrders:
    """Move the account towards the signal's weights times capital. Every order is stored, or none."""
    with services.orders.on_account(trader.user_id, body.account_id) as desk:
        outcome = trade_signal(desk, body, services.limits)
    tell(services.events, desk)
    return outcome
