"""Splits and dividends. Prices are stored raw; these adjust them when they are read."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from causeway.model.corporate_action import ActionKind
from causeway.model.corporate_action import CorporateAction as Action
from causeway.web.auth import require
from causeway.web.wire import Moment
from functions.data.parameters import Analyst, Given, OneSymbol
from functions.data.schemas import ActionFinding, CorporateAction, CorporateActionsRequest, CorporateActionsStored

router = APIRouter()


@router.get("/corporate-actions", dependencies=[Depends(require("viewer"))])
def list_corporate_actions(services: Given, symbol: OneSymbol, as_of: Moment | None = None) -> list[CorporateAction]:
    """Splits and dividends of one symbol, ascending by ex-date; with ``as_of`` those that were stored then."""
    return [
        CorporateAction(symbol=symbol.strip().upper(), kind=one.kind.value, ex_date=one.ex_date, value=one.value)
        for one in services.market_data.corporate_actions(symbol, as_of=as_of)
    ]


@router.post("/corporate-actions")
def add_corporate_actions(services: Given, analyst: Analyst, body: CorporateActionsRequest) -> CorporateActionsStored:
    """Store actions of any number of symbols, all or none; the same ones again change nothing.

    They are held against the daily bars that are stored around them; what is found is said, and stops nothing.
    """
    actions: dict[str, list[Action]] = {}
    for one in body.actions:
        actions.setdefault(one.symbol, []).append(Action(ActionKind(one.kind), one.ex_date, one.value))
    changed = services.market_data.add_corporate_actions(
        actions, source=body.source, replace=body.replace, user_id=analyst.user_id
    )
    findings = [
        ActionFinding(symbol=symbol, **one.as_json())
        for symbol, mine in actions.items()
        for one in services.quality.action_findings(symbol, mine)
    ]
    return CorporateActionsStored(received=len(body.actions), changed=changed, findings=findings)
