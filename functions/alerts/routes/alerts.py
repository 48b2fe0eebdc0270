"""Alerts: list them, say that you have seen them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query

from causeway.model.alert import Severity
from causeway.web.auth import Principal, require
from causeway.web.paging import decode_cursor, encode_cursor
from causeway.web.services import services_of
from functions.alerts.schemas import Acknowledged, Alert, AlertPage, SeenUpTo
from functions.alerts.services import Services

router = APIRouter()
Given = Annotated[Services, Depends(services_of(Services))]
Viewer = Annotated[Principal, Depends(require("viewer"))]
AlertId = Annotated[int, Path(ge=1, lt=2**63)]


@router.get("")
def list_alerts(
    services: Given,
    viewer: Viewer,
    severity: Severity | None = None,
    unseen: Annotated[
        bool, Query(description="Only those that you have not acknowledged and that are not over.")
    ] = False,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: str | None = None,
) -> AlertPage:
    """Your alerts, newest first."""
    (before,) = decode_cursor(cursor, int) or (None,)
    rows, left = services.alerts.page(viewer.user_id, before=before, severity=severity, unseen=unseen, most=limit + 1)
    items = [_alert(row) for row in rows[:limit]]
    return AlertPage(items=items, next_cursor=encode_cursor(items[-1].id) if len(rows) > limit else None, unseen=left)


@router.post("/acknowledge")
def acknowledge_alerts(body: SeenUpTo, services: Given, viewer: Viewer) -> Acknowledged:
    """You have seen every alert up to one."""
    seen = services.alerts.acknowledge(viewer.user_id, body.id)
    return Acknowledged(acknowledged=seen, unseen=services.alerts.unseen(viewer.user_id))


@router.post("/{alert_id}/acknowledge")
def acknowledge_alert(alert_id: AlertId, services: Given, viewer: Viewer) -> Alert:
    """You have seen one alert. Doing so again changes nothing."""
    return _alert(services.alerts.acknowledge_one(viewer.user_id, alert_id))


def _alert(row: dict[str, Any]) -> Alert:
    return Alert(id=row["seq"], **{name: row[name] for name in Alert.model_fields if name != "id"})
