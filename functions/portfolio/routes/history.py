"""What happened in an account: its equity curve and its executions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from causeway.web.auth import Principal, require
from causeway.web.paging import decode_cursor, encode_cursor
from causeway.web.services import services_of
from causeway.web.wire import Page
from functions.portfolio.schemas import EquityPoint, Execution
from functions.portfolio.services import Services

router = APIRouter()
Given = Annotated[Services, Depends(services_of(Services))]
Viewer = Annotated[Principal, Depends(require("viewer"))]


@router.get("/equity")
def list_equity(
    services: Given,
    viewer: Viewer,
    account_id: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1_000,
) -> list[EquityPoint]:
    """The newest points of the equity curve, oldest first."""
    account = services.portfolio.account(viewer.user_id, account_id)
    rows = services.portfolio.equity(viewer.user_id, account["id"], limit=limit)
    return [EquityPoint.model_validate(row) for row in rows]


@router.get("/executions")
def list_executions(
    services: Given,
    viewer: Viewer,
    account_id: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: str | None = None,
) -> Page[Execution]:
    """Executions, newest first."""
    after = decode_cursor(cursor, datetime, str)
    account = services.portfolio.account(viewer.user_id, account_id)
    rows = services.portfolio.executions(viewer.user_id, account["id"], limit=limit + 1, after=after)
    items = [Execution.model_validate(row) for row in rows[:limit]]
    more = len(rows) > limit
    return Page(items=items, next_cursor=encode_cursor(items[-1].wall_time, items[-1].execution_id) if more else None)
