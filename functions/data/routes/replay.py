"""The replay of stored bars: start it at a day, change its speed, stop it."""

from __future__ import annotations

from fastapi import APIRouter

from causeway.model.replay import ReplayCommand
from functions.data.parameters import Given, Trader
from functions.data.schemas import MarketClock, ReplayRequest

router = APIRouter()


@router.post("/replay", status_code=202)
def request_replay(services: Given, trader: Trader, request: ReplayRequest) -> MarketClock:
    """Ask something of the replay that every user sees. The feed obeys within a second; the clock as it stands now."""
    symbols = tuple(symbol.strip().upper() for symbol in request.symbols)
    command = ReplayCommand(request.action, request.day, request.speed, symbols)
    return MarketClock.model_validate(services.replay.ask(trader.user_id, command))
