"""The kill switch."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from causeway.web.auth import Principal, require
from causeway.web.services import services_of
from functions.orders import desk as order_desk
from functions.orders.notify import tell
from functions.orders.schemas import TradingState, TradingStateRequest
from functions.orders.services import Services

router = APIRouter()


@router.post("/trading-state")
def set_trading_state(
    body: TradingStateRequest,
    services: Annotated[Services, Depends(services_of(Services))],
    trader: Annotated[Principal, Depends(require("trader"))],
) -> TradingState:
    """Halt, reduce or release an account. Halting denies new orders and asks to cancel every open one."""
    with services.orders.on_account(trader.user_id, body.account_id) as desk:
        cancels = order_desk.change_state(desk, body.state, body.reason)
    tell(services.events, desk)
    return TradingState(account_id=desk.account_id, state=body.state, reason=body.reason, cancels_requested=cancels)
