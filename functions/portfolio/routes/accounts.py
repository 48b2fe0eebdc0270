"""Accounts with what they hold now."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from causeway.web.auth import Principal, require
from causeway.web.services import services_of
from functions.portfolio.schemas import Account, Position, Summary
from functions.portfolio.services import Services

router = APIRouter()
Given = Annotated[Services, Depends(services_of(Services))]
Viewer = Annotated[Principal, Depends(require("viewer"))]


@router.get("/accounts")
def list_accounts(services: Given, viewer: Viewer) -> list[Account]:
    """The user's accounts."""
    return [Account.model_validate(row) for row in services.portfolio.accounts(viewer.user_id)]


@router.get("/summary")
def get_summary(services: Given, viewer: Viewer, account_id: UUID | None = None) -> Summary:
    """Cash, exposure and P&L now. ``account_id`` may be left out by a user with one account."""
    return Summary.model_validate(services.portfolio.account_summary(viewer.user_id, account_id))


@router.get("/positions")
def list_positions(services: Given, viewer: Viewer, account_id: UUID | None = None) -> list[Position]:
    """Open positions by symbol."""
    account = services.portfolio.account(viewer.user_id, account_id)
    return [Position.model_validate(row) for row in services.portfolio.positions(viewer.user_id, account["id"])]
