"""Sign-ins: refresh tokens that rotate, and the throttle in front of passwords.

A sign-in is a family of refresh tokens. Each token is used once; a second use means that somebody has a copy, so
the whole family ends. Source: RFC 9700 (OAuth 2.0 security best practice) section 4.14.2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID, uuid4

from causeway.adapters.storage.database import Database, Row, Transaction
from causeway.adapters.storage.identity_store import audit
from causeway.model.identity import Identity, Role

_WINDOW_S = 3600.0
_LONGEST_WAIT_S = 900.0


@dataclass(frozen=True, slots=True)
class Rotation:
    """What became of a refresh token. ``user`` is set unless the token is unknown."""

    outcome: Literal["rotated", "unknown", "ended", "reused"]
    user: Identity | None = None
    family_id: UUID | None = None


class SessionStore:
    """Refresh tokens and sign-in attempts; connects as causeway_service."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take_attempt(self, free_attempts: Mapping[str, int]) -> tuple[float, list[int]]:
        """Count one attempt against every subject, before the password is looked at, so that guesses sent at the same
        time all count. Seconds to wait (then nothing was counted), and the ids of the attempts.

        ``free_attempts`` says per subject how many attempts within an hour cost nothing; see ``wait_s``.
        """
        with self._database.transaction() as transaction:
            wait = max(_wait(transaction, subject, free) for subject, free in sorted(free_attempts.items()))
            if wait > 0:
                return wait, []
            rows = [transaction.one("identity_add_attempt", subject=subject) for subject in free_attempts]
        return 0.0, [row["id"] for row in rows if row]

    def forget_attempts(self, subject: str, ids: Sequence[int]) -> None:
        """After a success: nothing counts against ``subject`` any more, nor do the attempts ``ids``."""
        with self._database.transaction() as transaction:
            transaction.run("identity_forget_attempts", subject=subject, ids=list(ids))

    def start(self, user: Identity, refresh_hash: bytes, *, ttl_s: int, client: str) -> UUID:
        """A new sign-in with its first refresh token; the family's id."""
        family_id = uuid4()
        with self._database.transaction() as transaction:
            _insert(transaction, user.user_id, family_id, refresh_hash, ttl_s, client)
            audit(transaction, user, "auth.signed_in", str(family_id), {"client": client})
        return family_id

    def rotate(self, refresh_hash: bytes, new_hash: bytes, *, ttl_s: int) -> Rotation:
        """Exchange a refresh token for the next of its family. A token that was used before ends the family."""
        with self._database.transaction() as transaction:
            row = transaction.one("identity_lock_session", refresh_hash=refresh_hash)
            if row is None:
                return Rotation("unknown")
            user = Identity(row["user_id"], row["email"], Role(row["role"]))
            if row["revoked"] or row["expired"] or not row["is_active"]:
                return Rotation("ended", user, row["family_id"])
            if row["rotated"]:
                _end_reused(transaction, user, row)
                return Rotation("reused", user, row["family_id"])
            transaction.run("identity_rotate_session", session_id=row["id"])
            _insert(transaction, user.user_id, row["family_id"], new_hash, ttl_s, row["client"])
        return Rotation("rotated", user, row["family_id"])

    def end(self, user: Identity, family_id: UUID) -> None:
        """Sign out: no token of the family works any more."""
        with self._database.transaction() as transaction:
            if transaction.run("identity_revoke_family", family_id=family_id, user_id=user.user_id):
                audit(transaction, user, "auth.signed_out", str(family_id))


def wait_s(attempts: int, free_attempts: int, since_last_s: float) -> float:
    """Seconds left to wait after ``attempts``: none while some are free, then 1, 2, 4 ... 900 after the last one."""
    if attempts < free_attempts:
        return 0.0
    delay = min(_LONGEST_WAIT_S, 2.0 ** min(attempts - free_attempts, 20))
    return max(0.0, delay - since_last_s)


def _wait(transaction: Transaction, subject: str, free_attempts: int) -> float:
    transaction.one("identity_lock_subject", subject=subject)
    transaction.run("identity_drop_old_attempts", subject=subject, window_s=_WINDOW_S)
    row = transaction.one("identity_recent_attempts", subject=subject, window_s=_WINDOW_S)
    assert row is not None  # noqa: S101 -- an aggregate
    return wait_s(row["attempts"], free_attempts, row["since_last_s"])


def _insert(
    transaction: Transaction, user_id: UUID, family_id: UUID, refresh_hash: bytes, ttl_s: int, client: str
) -> None:
    transaction.run(
        "identity_insert_session",
        user_id=user_id, family_id=family_id, refresh_hash=refresh_hash, ttl_s=ttl_s, client=client,
    )  # fmt: skip


def _end_reused(transaction: Transaction, user: Identity, row: Row) -> None:
    family_id: UUID = row["family_id"]
    transaction.run("identity_revoke_family", family_id=family_id, user_id=user.user_id)
    audit(transaction, user, "auth.refresh_reused", str(family_id), {"client": row["client"]})
