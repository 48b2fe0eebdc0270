"""Alerts in PostgreSQL: raised once per quiet time, numbered without gaps per user, read after a cursor."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from causeway.adapters.storage.database import Database, Row
from causeway.model.alert import Alert
from causeway.model.time import isoformat_z
from causeway.ports.events import EventBus

Json = dict[str, Any]


class AlertStore:
    """Raises as causeway_service; reads as either role, every query names its user."""

    def __init__(self, database: Database, bus: EventBus) -> None:
        self._database, self._bus = database, bus

    def raise_for(self, user_id: UUID, alert: Alert) -> int | None:
        """Store an alert for one user, then wake his streams. Its number; None while the same was raised lately."""
        with self._database.transaction() as transaction:
            row = transaction.one(
                "alerts_raise",
                user_id=user_id,
                kind=alert.kind,
                subject=alert.subject,
                severity=alert.severity,
                text=alert.text[:2000],
                quiet_s=alert.quiet_s,
            )
        if row is None:
            return None
        self._bus.publish(f"alerts:{user_id}", {"seq": row["seq"]})
        return int(row["seq"])

    def raise_for_all(self, alert: Alert) -> int:
        """What concerns everybody, such as an outage of the feed: for every active user; how many were told."""
        with self._database.transaction() as transaction:
            users = [row["id"] for row in transaction.all("alerts_everybody")]
        return sum(self.raise_for(user_id, alert) is not None for user_id in users)

    def head(self, user_id: UUID) -> int:
        """Number of the user's last alert, 0 where there is none."""
        with self._database.transaction(user_id=user_id) as transaction:
            row = transaction.one("alerts_head", user_id=user_id)
        return row["seq"] if row else 0

    def after(self, user_id: UUID, cursor: int, most: int) -> list[Json]:
        """Alerts after ``cursor``, ascending, as JSON of the wire."""
        with self._database.transaction(user_id=user_id) as transaction:
            return [_wire(row) for row in transaction.all("alerts_after", user_id=user_id, after=cursor, most=most)]

    def acknowledge(self, user_id: UUID, to_seq: int) -> int:
        """The user has seen his alerts up to ``to_seq``; how many were new to him."""
        with self._database.transaction(user_id=user_id) as transaction:
            return transaction.run("alerts_acknowledge", user_id=user_id, to_seq=to_seq)


def _wire(row: Row) -> Json:
    return {**row, "created_at": isoformat_z(row["created_at"])}
