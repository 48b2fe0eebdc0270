"""Repairs of bars, stored or in quarantine, and of splits and dividends: proposals, which a user accepts or rejects.

Nothing is repaired before.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from causeway.web.paging import decode_cursor, encode_cursor
from causeway.web.wire import Page
from functions.data.parameters import Analyst, Filter, Given, Viewer
from functions.data.quality_schemas import (
    Repair,
    RepairDecided,
    RepairRemark,
    RepairsAccept,
    RepairsDecided,
    RepairState,
)

router = APIRouter()


@router.get("/repairs")
def list_repairs(
    services: Given,
    viewer: Viewer,
    state: RepairState | None = None,
    symbol: Filter = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    cursor: str | None = None,
) -> Page[Repair]:
    """Proposals of yours, newest first."""
    at, last_id = decode_cursor(cursor, datetime, UUID) or (None, None)
    before = None if at is None or last_id is None else (at, last_id)
    rows = services.repairs.list(viewer.user_id, state=state, symbol=symbol, before=before, limit=limit + 1)
    items = [Repair.of(row) for row in rows[:limit]]
    more = len(rows) > limit
    return Page(items=items, next_cursor=encode_cursor(items[-1].created_at, items[-1].id) if more else None)


@router.post("/repairs/accept")
def accept_repairs(services: Given, analyst: Analyst, body: RepairsAccept) -> RepairsDecided:
    """Write what is proposed, all or none. 409 where one was decided, or its bar or action changed."""
    accepted = services.repairs.accept(analyst.user_id, body.ids, remark=body.remark)
    return RepairsDecided(accepted=len(accepted))


@router.post("/repairs/{repair_id}/accept")
def accept_repair(services: Given, analyst: Analyst, repair_id: UUID, body: RepairRemark) -> RepairDecided:
    """Write the proposed bar or action; its source then says ``repair:<code>``.

    409 where it was decided, or the bar or action changed.
    """
    services.repairs.accept(analyst.user_id, [repair_id], remark=body.remark)
    return RepairDecided(id=repair_id, state="accepted")


@router.post("/repairs/{repair_id}/reject")
def reject_repair(services: Given, analyst: Analyst, repair_id: UUID, body: RepairRemark) -> RepairDecided:
    """Leave the bar or action as it is. 409 where it was decided before."""
    services.repairs.reject(analyst.user_id, repair_id, remark=body.remark)
    return RepairDecided(id=repair_id, state="rejected")
