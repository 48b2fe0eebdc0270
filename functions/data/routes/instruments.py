"""What is known of an instrument, and its correction."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Path

from causeway.market_data.exchanges import known_exchanges
from causeway.market_data.instrument_facts import Facts
from causeway.market_data.sessions import time_zone
from causeway.web.auth import require
from functions.data.instrument_schemas import Correction, Exchange, InstrumentCorrected, InstrumentFacts
from functions.data.parameters import NO_NUL, Analyst, Given

router = APIRouter()
_Symbol = Annotated[str, Path(max_length=32, pattern=NO_NUL)]


@router.get("/exchanges", dependencies=[Depends(require("viewer"))])
def list_exchanges() -> list[Exchange]:
    """Every exchange that can be named, and whose sessions it keeps; ascending by MIC."""
    return [Exchange(mic=mic, calendar=calendar) for mic, calendar in known_exchanges().items()]


@router.get("/symbols/{symbol:path}", dependencies=[Depends(require("viewer"))])
def get_instrument(services: Given, symbol: _Symbol) -> InstrumentFacts:
    """What is known of the instrument that a symbol means now."""
    return _shown(services.instruments.get(symbol))


@router.patch("/symbols/{symbol:path}")
def correct_instrument(services: Given, analyst: Analyst, symbol: _Symbol, body: Correction) -> InstrumentCorrected:
    """Correct facts; those left out stay. Stored bars stay as they are. 409 where somebody was quicker: ``revision`` is
    the one that you read."""
    given = body.model_dump(exclude_none=True, exclude={"revision"})
    done = services.instruments.correct(analyst.user_id, symbol, body.revision, given, actor=analyst.email)
    return InstrumentCorrected.model_validate({**asdict(done), "facts": _shown(done.facts)})


def _shown(facts: Facts) -> InstrumentFacts:
    return InstrumentFacts.model_validate({**asdict(facts), "time_zone": time_zone(facts.calendar)})
