"""Tickers over time: which company a symbol meant, and when."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter

from causeway.market_data.symbol_history import read_map_rows
from functions.data.parameters import Admin, Given
from functions.data.schemas import IdentityImported, IdentityRequest

router = APIRouter()


@router.post("/identity")
def import_identity(services: Given, admin: Admin, body: IdentityRequest) -> IdentityImported:
    """Take in renames, reuse and delistings: all or nothing, and again it changes nothing. 409 where two instruments
    turn out to be one company and hold different bars for one moment."""
    history = read_map_rows([[row.company, row.date.isoformat(), row.ticker] for row in body.rows])
    done = services.symbol_history.import_history(history, source=body.source, actor=admin.email, user_id=admin.user_id)
    return IdentityImported.model_validate(asdict(done))
