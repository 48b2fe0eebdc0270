"""Users, their passwords and their API keys."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from causeway.adapters.storage.database import Database, Row, Transaction
from causeway.adapters.storage.passwords import (
    hash_of_nobody,
    hash_password,
    needs_rehash,
    password_matches,
    rehash_password,
)
from causeway.errors import Conflict, InvalidInput, NotFound
from causeway.model.identity import Identity, Role

PAPER_CASH = Decimal(100_000)


class IdentityStore:
    """Users as the auth function, the command line and the first start need them; connects as causeway_service."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create_user(self, email: str, password: str, role: Role) -> Identity:
        """A new user.

        Raises:
            InvalidInput: not an e-mail address, or a password below 12 characters.
            Conflict: the e-mail address is taken.
        """
        with self._database.transaction() as transaction:
            return _insert_user(transaction, email, password, role)

    def create_user_with_paper_account(
        self, email: str, password: str, role: Role, *, cash: Decimal = PAPER_CASH
    ) -> tuple[Identity, UUID]:
        """A new user with a paper account that holds ``cash`` US dollars; the user and the account's id.

        Raises: as ``create_user``.
        """
        with self._database.transaction() as transaction:
            user = _insert_user(transaction, email, password, role)
            return user, _open_paper_account(transaction, user, cash)

    def find_by_email(self, email: str) -> Identity | None:
        """The user with this e-mail address, whether he may sign in or not."""
        with self._database.transaction() as transaction:
            row = transaction.one("identity_find_by_email", email=normal_email(email))
        return _identity(row) if row else None

    def check_password(self, email: str, password: str) -> Identity | None:
        """The user, if the password is his and he may sign in. An unknown address costs the same work."""
        with self._database.transaction() as transaction:
            row = transaction.one("identity_find_by_email", email=normal_email(email))
        known = row is not None and row["is_active"]
        nobody = hash_of_nobody()
        stored = row["password_hash"] if row and known else nobody
        if not password_matches(stored, password) or row is None or not known:
            return None
        if needs_rehash(stored):
            self._renew_hash(row["id"], password)
        return _identity(row)

    def change_password(self, user: Identity, password: str) -> None:
        """Set the password and end every sign-in of the user. His API keys stay.

        Raises:
            InvalidInput: below 12 characters.
        """
        hashed = hash_password(password)
        with self._database.transaction() as transaction:
            transaction.run("identity_set_password", user_id=user.user_id, password_hash=hashed, changed=True)
            transaction.run("identity_revoke_sessions", user_id=user.user_id)
            audit(transaction, user, "auth.password_changed", "password")

    def reset_password(self, email: str) -> str:
        """Give the user a random password, end every sign-in and revoke every API key; the new password.

        Raises:
            NotFound: nobody has this e-mail address.
        """
        user = self.find_by_email(email)
        if user is None:
            raise NotFound(f"no user has the e-mail address {email}")
        password = secrets.token_urlsafe(15)
        hashed = hash_password(password)
        with self._database.transaction() as transaction:
            transaction.run("identity_set_password", user_id=user.user_id, password_hash=hashed, changed=True)
            transaction.run("identity_revoke_sessions", user_id=user.user_id)
            transaction.run("identity_revoke_api_keys", user_id=user.user_id)
            audit(transaction, user, "auth.password_reset", "password", actor="system")
        return password

    def create_api_key(
        self, user: Identity, *, name: str, role: Role, prefix: str, key_hash: bytes, expires_at: datetime | None
    ) -> Row:
        """Store a key's hash; the row without it."""
        with self._database.transaction() as transaction:
            row = transaction.one(
                "identity_insert_api_key",
                user_id=user.user_id, name=name, prefix=prefix, key_hash=key_hash, role=role.value,
                expires_at=expires_at,
            )  # fmt: skip
            assert row is not None  # noqa: S101 -- INSERT ... RETURNING without ON CONFLICT
            audit(transaction, user, "auth.api_key_created", str(row["id"]), {"name": name, "role": role.value})
        return row

    def api_keys(self, user_id: UUID) -> list[Row]:
        """The user's keys that were not revoked, oldest first."""
        with self._database.transaction() as transaction:
            return transaction.all("identity_api_keys", user_id=user_id)

    def revoke_api_key(self, user: Identity, key_id: UUID) -> None:
        """End one key.

        Raises:
            NotFound: the user has no such key, or it was revoked before.
        """
        with self._database.transaction() as transaction:
            if not transaction.run("identity_revoke_api_key", key_id=key_id, user_id=user.user_id):
                raise NotFound("you have no such API key; GET /v1/auth/api-keys lists yours")
            audit(transaction, user, "auth.api_key_revoked", str(key_id))

    def audit(self, user: Identity, action: str, subject: str, detail: Mapping[str, Any] | None = None) -> None:
        """Append to the user's audit chain."""
        with self._database.transaction() as transaction:
            audit(transaction, user, action, subject, detail)

    def _renew_hash(self, user_id: UUID, password: str) -> None:
        hashed = rehash_password(password)
        with self._database.transaction() as transaction:
            transaction.run("identity_set_password", user_id=user_id, password_hash=hashed, changed=False)


def api_key_finder(database: Database) -> Callable[[bytes], Identity | None]:
    """A look-up of API keys by hash; either database role may run it."""

    def find(key_hash: bytes) -> Identity | None:
        with database.transaction() as transaction:
            row = transaction.one("identity_find_api_key", key_hash=key_hash)
        return Identity(row["user_id"], row["email"], Role(row["role"])) if row else None

    return find


def audit(
    transaction: Transaction,
    user: Identity,
    action: str,
    subject: str,
    detail: Mapping[str, Any] | None = None,
    *,
    actor: str | None = None,
) -> None:
    """Append to the user's audit chain within ``transaction``; the user himself acts where no ``actor`` is named."""
    transaction.one(
        "identity_audit",
        user_id=user.user_id, actor=actor or user.email, action=action, subject=subject,
        detail=json.dumps(detail or {}),
    )  # fmt: skip


def normal_email(email: str) -> str:
    """As stored: lower case, without spaces around it."""
    return email.strip().lower()


def _insert_user(transaction: Transaction, email: str, password: str, role: Role) -> Identity:
    address = normal_email(email)
    local, _, domain = address.rpartition("@")
    if not local or not domain or len(address) > 254 or any(c.isspace() or not c.isprintable() for c in address):
        raise InvalidInput(f"not an e-mail address: {email!r}", details={"field": "email"})
    hashed = hash_password(password)
    row = transaction.one("identity_insert_user", email=address, password_hash=hashed, role=role.value)
    if row is None:
        raise Conflict(f"the e-mail address {address} is taken", details={"field": "email"})
    user = Identity(row["id"], address, role)
    audit(transaction, user, "user.created", address, {"role": role.value}, actor="system")
    return user


def _open_paper_account(transaction: Transaction, user: Identity, cash: Decimal) -> UUID:
    row = transaction.one("identity_insert_account", user_id=user.user_id, broker="paper", name="Paper", currency="USD")
    assert row is not None  # noqa: S101 -- INSERT ... RETURNING without ON CONFLICT
    account_id: UUID = row["id"]
    transaction.run("identity_insert_deposit", account_id=account_id, user_id=user.user_id, amount=cash)
    transaction.one(
        "identity_audit_account",
        account_id=account_id, user_id=user.user_id, actor="system", action="account.opened", subject=str(account_id),
        detail=json.dumps({"broker": "paper", "deposit": str(cash), "currency": "USD"}),
    )  # fmt: skip
    return account_id


def _identity(row: Row) -> Identity:
    return Identity(row["id"], row["email"], Role(row["role"]))
