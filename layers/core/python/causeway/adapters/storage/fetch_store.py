"""A user's fetches: submit, read, cancel, retry. Every change writes an audit row in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from causeway.adapters.storage.database import Database, Row, Transaction
from causeway.adapters.storage.fetch_ingestions import end_ingestions
from causeway.errors import Conflict, InvalidInput, NotFound
from causeway.model.fetch import UNDER_WAY, FetchSpec


class FetchStore:
    """Runs as the HTTP function's role: row-level security limits each call to its user."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def submit(self, user_id: UUID, name: str, spec: FetchSpec, symbols: Sequence[str] | None, *, actor: str) -> Row:
        """Queue a fetch of ``symbols``; None: of every symbol that has bars of this size.

        Raises:
            InvalidInput: no symbol has bars of this size.
        """
        with self._database.transaction(user_id=user_id) as transaction:
            wanted = symbols if symbols is not None else stored_symbols(transaction, spec)
            return _queue(transaction, user_id, name, spec, wanted, actor=actor)

    def get(self, user_id: UUID, fetch_id: UUID) -> Row:
        """One fetch with its counts. Raises NotFound where the user has none such."""
        with self._database.transaction(user_id=user_id) as transaction:
            return _fetch(transaction, user_id, fetch_id)

    def symbols(self, user_id: UUID, fetch_id: UUID) -> list[Row]:
        """Where each symbol of a fetch stands, in order. Raises NotFound where the user has no such fetch."""
        with self._database.transaction(user_id=user_id) as transaction:
            _fetch(transaction, user_id, fetch_id)
            return transaction.all("fetch_symbols_of", job_id=fetch_id)

    def list(self, user_id: UUID, *, limit: int, before: tuple[datetime, UUID] | None = None) -> list[Row]:
        """Fetches, newest first, after a cursor."""
        moment, last_id = before or (None, None)
        with self._database.transaction(user_id=user_id) as transaction:
            return transaction.all(
                "fetch_list", user_id=user_id, id=None, before=moment, before_id=last_id, limit=limit
            )

    def cancel(self, user_id: UUID, fetch_id: UUID, *, actor: str) -> Row:
        """Cancel a fetch that is queued or waits, or ask a running one to stop; a cancelled one stays as it is.

        Raises:
            NotFound: the user has no such fetch.
            Conflict: it has succeeded or failed.
        """
        with self._database.transaction(user_id=user_id) as transaction:
            asked = transaction.one("fetch_request_cancel", id=fetch_id, user_id=user_id)
            if asked is not None and asked["state"] == "cancelled":
                transaction.run("fetch_symbols_cancel", job_id=fetch_id)
                end_ingestions(transaction, fetch_id)
            if asked is not None:
                audit(transaction, user_id, fetch_id, actor, "fetch.cancel_requested", {"state": asked["state"]})
            row = _fetch(transaction, user_id, fetch_id)
        if asked is None and row["state"] != "cancelled":
            raise Conflict(f"the fetch has {row['state']}; only one that has not ended can be cancelled")
        return row

    def retry(self, user_id: UUID, fetch_id: UUID, *, actor: str) -> Row:
        """Queue a new fetch of those symbols that failed or were cancelled; what is stored is not asked for again.

        Raises:
            NotFound: the user has no such fetch.
            Conflict: it has not ended, or every symbol succeeded.
        """
        with self._database.transaction(user_id=user_id) as transaction:
            row = _fetch(transaction, user_id, fetch_id)
            if row["state"] in UNDER_WAY:
                raise Conflict(f"the fetch is {row['state']}; only one that ended can be retried")
            symbols = transaction.all("fetch_symbols_of", job_id=fetch_id)
            lacking = [one["symbol"] for one in symbols if one["state"] != "succeeded"]
            if not lacking:
                raise Conflict("every symbol of the fetch succeeded; there is nothing to retry")
            spec = FetchSpec.from_json(row["spec"])
            return _queue(transaction, user_id, row["name"], spec, lacking, actor=actor, retry_of=fetch_id)


def stored_symbols(transaction: Transaction, spec: FetchSpec) -> list[str]:
    """Every current symbol that has bars of the spec's size and a provider might know."""
    rows = transaction.all("fetch_stored_symbols", bar_size=spec.bar_size.value)
    return [row["symbol"] for row in rows]


def _queue(
    transaction: Transaction,
    user_id: UUID,
    name: str,
    spec: FetchSpec,
    symbols: Sequence[str],
    *,
    actor: str,
    retry_of: UUID | None = None,
) -> Row:
    if not symbols:
        raise InvalidInput(
            f"no symbol has stored bars of {spec.bar_size}; name the symbols to fetch.", details={"field": "symbols"}
        )
    fetch_id = uuid4()
    transaction.run(
        "fetch_insert", id=fetch_id, user_id=user_id, name=name, spec=as_jsonb(spec.as_json()), retry_of=retry_of
    )
    transaction.run("fetch_symbols_insert", job_id=fetch_id, symbols=list(symbols))
    audit(transaction, user_id, fetch_id, actor, "fetch.submitted", {"symbols": len(symbols)})
    return _fetch(transaction, user_id, fetch_id)


def _fetch(transaction: Transaction, user_id: UUID, fetch_id: UUID) -> Row:
    row = transaction.one("fetch_list", id=fetch_id, user_id=user_id, before=None, before_id=None, limit=1)
    if row is None:
        raise NotFound(f"you have no fetch {fetch_id}; GET /v1/data/fetches lists yours")
    return row


def audit(
    transaction: Transaction, user_id: UUID, fetch_id: UUID, actor: str, action: str, detail: dict[str, Any]
) -> None:
    """One row in the chain of the fetch's user."""
    transaction.one(
        "audit_write",
        chain=f"user:{user_id}",
        user_id=user_id,
        actor=actor,
        action=action,
        subject=f"fetch:{fetch_id}",
        detail=as_jsonb(detail),
    )


def as_jsonb(value: Any) -> Any:
    """As a parameter of type jsonb."""
    from psycopg.types.json import Jsonb

    return Jsonb(value)
