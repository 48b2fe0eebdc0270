"""The market now: last quotes and the clock."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from causeway.web.auth import require
from functions.data.parameters import Given, SymbolList, split_symbols
from functions.data.schemas import MarketClock, Quote

router = APIRouter()


@router.get("/quotes", dependencies=[Depends(require("viewer"))])
def list_quotes(services: Given, symbols: SymbolList) -> list[Quote]:
    """The last quote of each symbol that has one."""
    return [Quote.model_validate(row) for row in services.market_data.quotes(split_symbols(symbols))]


@router.get("/clock", dependencies=[Depends(require("viewer"))])
def get_clock(services: Given) -> MarketClock:
    """Market time, and whether it is live, replayed or stands still."""
    return MarketClock.model_validate(services.market_data.clock())
