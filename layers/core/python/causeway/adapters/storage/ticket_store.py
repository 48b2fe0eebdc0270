"""Tickets that open one WebSocket each, for clients that can send neither a cookie nor a header. Hashes only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from causeway.adapters.storage.database import Database
from causeway.model.identity import Identity, Role


@dataclass(frozen=True, slots=True)
class TicketOwner:
    """Whose ticket it was, and when the sign-in behind it ends; None for an API key."""

    identity: Identity
    session_expires_at: datetime | None


class TicketStore:
    """Connects as causeway_service."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, ticket_hash: bytes, identity: Identity, session_expires_at: datetime | None, *, ttl_s: float
    ) -> datetime:
        """Keep a ticket; when it ends."""
        with self._database.transaction() as transaction:
            row = transaction.one(
                "tickets_insert",
                ticket_hash=ticket_hash,
                user_id=identity.user_id,
                role=identity.role.value,
                session_expires_at=session_expires_at,
                ttl_s=ttl_s,
            )
        assert row is not None  # noqa: S101 -- an insert that returns its row
        expires_at: datetime = row["expires_at"]
        return expires_at

    def take(self, ticket_hash: bytes) -> TicketOwner | None:
        """Use a ticket up; None where it is unknown, used, too old, or its user is no longer active."""
        with self._database.transaction() as transaction:
            row = transaction.one("tickets_take", ticket_hash=ticket_hash)
        if row is None:
            return None
        return TicketOwner(Identity(row["user_id"], row["email"], Role(row["role"])), row["session_expires_at"])
