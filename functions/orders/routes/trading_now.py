"""Whether trading in symbols goes on, for whoever is about to order."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from causeway.errors import InvalidInput
from causeway.risk.halts import halt_situation, trading_now
from causeway.web.auth import require
from causeway.web.services import services_of
from functions.orders.schemas import TradingNow
from functions.orders.services import Services

router = APIRouter()
_MOST = 500
_Symbols = Annotated[
    str, Query(max_length=10_000, pattern=r"^[^\x00]*$", description="Symbols with commas between them.")
]


@router.get("/trading-now", dependencies=[Depends(require("viewer"))])
def list_trading_now(
    services: Annotated[Services, Depends(services_of(Services))], symbols: _Symbols
) -> list[TradingNow]:
    """What the risk checks know of halts now, ascending by symbol; one that is not stored is left out."""
    names = [part.strip().upper() for part in symbols.split(",") if part.strip()]
    if not 1 <= len(names) <= _MOST:
        raise InvalidInput(
            f"symbols must hold 1 to {_MOST} symbols with commas between them; found {len(names)}.",
            details={"field": "symbols"},
        )
    clock, heard = services.orders.heard(names)
    return [
        TradingNow.model_validate(
            {
                "symbol": symbol,
                "trading": trading_now(last, clock).name.lower(),
                "situation": halt_situation(symbol, last, clock),
            }
        )
        for symbol, last in heard.items()
    ]
