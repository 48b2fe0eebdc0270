"""Alerts in PostgreSQL: raised once per quiet time, numbered without gaps per user, read after a cursor."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from causeway.adapters.storage.database import Database, Row, Transaction
from causeway.errors import NotFound
from causeway.model.alert import Alert, Resolved, Severity
from causeway.model.identity import Role
from causeway.model.time import isoformat_z
from causeway.ports.events import EventBus

Json = dict[str, Any]
_LONGEST_SUBJECT, _LONGEST_TEXT = 200, 2000


class AlertStore:
    """Works as either role; every query names its user. Whoever lacks a bus gives one that nobody listens to."""

    def __init__(self, database: Database, bus: EventBus) -> None:
        self._database, self._bus = database, bus

    def raise_for(self, user_id: UUID, alert: Alert) -> int | None:
        """Store an alert for one user, then wake his streams. Its number; None while the same was raised lately."""
        with self._database.transaction(user_id=user_id) as transaction:
            seq = raise_alert(transaction, user_id, alert)
        if seq is not None:
            self._bus.publish(f"alerts:{user_id}", {"seq": seq})
        return seq

    def raise_for_all(self, alert: Alert, *, role: Role | None = None) -> int:
        """What concerns everybody, such as an outage of the feed: for every active user, or those of a role; how many
        were told. As causeway_service."""
        with self._database.transaction() as transaction:
            users = [row["id"] for row in transaction.all("alerts_recipients", role=role.value if role else None)]
        return sum(self.raise_for(user_id, alert) is not None for user_id in users)

    def resolve_for_all(self, over: Resolved) -> int:
        """What was told is over by itself; how many alerts that were. As causeway_service."""
        with self._database.transaction() as transaction:
            rows = transaction.all("alerts_resolve", kind=over.kind, subject=over.subject[:_LONGEST_SUBJECT])
        for row in rows:
            self._bus.publish(f"alerts:{row['user_id']}", {"seq": row["seq"]})
        return len(rows)

    def head(self, user_id: UUID) -> int:
        """Number of the user's last alert, 0 where there is none."""
        with self._database.transaction(user_id=user_id) as transaction:
            row = transaction.one("alerts_head", user_id=user_id)
        return row["seq"] if row else 0

    def after(self, user_id: UUID, cursor: int, most: int) -> list[Json]:
        """Alerts after ``cursor``, ascending, as JSON of the wire."""
        with self._database.transaction(user_id=user_id) as transaction:
            return [_wire(row) for row in transaction.all("alerts_after", user_id=user_id, after=cursor, most=most)]

    def page(
        self, user_id: UUID, *, before: int | None, severity: Severity | None, unseen: bool, most: int
    ) -> tuple[list[Row], int]:
        """Alerts before number ``before``, newest first, and how many the user has not seen at all."""
        with self._database.transaction(user_id=user_id) as transaction:
            rows = transaction.all(
                "alerts_page", user_id=user_id, before=before, severity=severity, unseen=unseen, most=most
            )
            return rows, _unseen(transaction, user_id)

    def unseen(self, user_id: UUID) -> int:
        """How many alerts the user has not seen, without those that are over."""
        with self._database.transaction(user_id=user_id) as transaction:
            return _unseen(transaction, user_id)

    def acknowledge_one(self, user_id: UUID, seq: int) -> Row:
        """The user has seen one alert; it as it is now. Seen before, nothing changes.

        Raises:
            NotFound: he has no alert of this number.
        """
        with self._database.transaction(user_id=user_id) as transaction:
            row = transaction.one("alerts_acknowledge_one", user_id=user_id, seq=seq)
        if row is None:
            raise NotFound(f"there is no alert {seq}; GET /v1/alerts lists yours.", details={"id": seq})
        return row

    def acknowledge(self, user_id: UUID, to_seq: int) -> int:
        """The user has seen his alerts up to ``to_seq``; how many were new to him."""
        with self._database.transaction(user_id=user_id) as transaction:
            return transaction.run("alerts_acknowledge", user_id=user_id, to_seq=to_seq)


def raise_alert(transaction: Transaction, user_id: UUID, alert: Alert) -> int | None:
    """Store an alert within the caller's transaction. Its number; None while the same was raised lately."""
    row = transaction.one(
        "alerts_raise",
        user_id=user_id,
        kind=alert.kind,
        subject=alert.subject[:_LONGEST_SUBJECT],
        severity=alert.severity,
        text=alert.text[:_LONGEST_TEXT],
        quiet_s=alert.quiet_s,
    )
    return None if row is None else int(row["seq"])


def _unseen(transaction: Transaction, user_id: UUID) -> int:
    return int(transaction.all("alerts_unseen", user_id=user_id)[0]["unseen"])


def _wire(row: Row) -> Json:
    over = row["resolved_at"]
    return {**row, "created_at": isoformat_z(row["created_at"]), "resolved_at": over and isoformat_z(over)}
