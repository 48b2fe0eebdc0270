"""The market now: last quotes, halts, the clock, and the feed behind them."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Depends

from causeway.web.auth import require
from functions.data.parameters import Given, SymbolList, split_symbols
from functions.data.schemas import FeedReport, MarketClock, Quote, TradingStatus

router = APIRouter()


@router.get("/quotes", dependencies=[Depends(require("viewer"))])
def list_quotes(services: Given, symbols: SymbolList) -> list[Quote]:
    """The last quote of each symbol that has one."""
    return [Quote.model_validate(row) for row in services.market_data.quotes(split_symbols(symbols))]


@router.get("/trading-states", dependencies=[Depends(require("viewer"))])
def list_trading_states(services: Given, symbols: SymbolList) -> list[TradingStatus]:
    """Halts and price bands of those symbols of which a provider said something."""
    states = services.live.states(split_symbols(symbols))
    return [TradingStatus(**{name: getattr(state, name) for name in TradingStatus.model_fields}) for state in states]


@router.get("/feed", dependencies=[Depends(require("viewer"))])
def get_feed(services: Given) -> FeedReport:
    """The live feed, and what it counted."""
    found = services.live.feed()
    return FeedReport.model_validate(asdict(found))


@router.get("/clock", dependencies=[Depends(require("viewer"))])
def get_clock(services: Given) -> MarketClock:
    """Market time, and whether it is live, replayed or stands still."""
    return MarketClock.model_validate(services.market_data.clock())
