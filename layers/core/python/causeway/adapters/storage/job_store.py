"""A user's analysis jobs: submit, read, cancel, retry. Every change writes an audit row in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from causeway.adapters.storage.database import Database, Row, Transaction
from causeway.errors import Conflict, NotFound
from causeway.model.job import AnalysisSpec
from causeway.pipelines.validation import Coverage


class JobStore:
    """Runs as the HTTP function's role: row-level security limits each call to its user."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def coverage(self, spec: AnalysisSpec, user_id: UUID | None = None) -> list[Coverage]:
        """How many bars of each known symbol lie in the question's range; unknown symbols are absent."""
        with self._database.transaction(user_id=user_id) as transaction:
            return read_coverage(transaction, spec)

    def all_synthetic(self, symbols: Sequence[str], user_id: UUID) -> bool:
        """Whether every symbol is a synthetic instrument."""
        with self._database.transaction(user_id=user_id) as transaction:
            row = transaction.one("job_all_synthetic", symbols=list(symbols))
        return bool(row and row["synthetic"])

    def submit(self, user_id: UUID, name: str, spec: AnalysisSpec, *, actor: str) -> Row:
        """Queue a question."""
        with self._database.transaction(user_id=user_id) as transaction:
            row = transaction.one("job_insert", id=uuid4(), user_id=user_id, name=name, spec=_json(spec.as_json()))
            if row is None:
                raise NotFound("the job that was just stored cannot be read")
            audit(transaction, row, actor, "job.submitted", {"name": name})
        return row

    def get(self, user_id: UUID, job_id: UUID) -> Row:
        """One job. Raises NotFound where the user has none such."""
        with self._database.transaction(user_id=user_id) as transaction:
            return _job(transaction, user_id, job_id)

    def list(
        self, user_id: UUID, *, state: str | None, limit: int, before: tuple[datetime, UUID] | None = None
    ) -> list[Row]:
        """Jobs, newest first, after a cursor."""
        moment, last_id = before or (None, None)
        with self._database.transaction(user_id=user_id) as transaction:
            return transaction.all(
                "job_list", user_id=user_id, state=state, before=moment, before_id=last_id, limit=limit
            )

    def cancel(self, user_id: UUID, job_id: UUID, *, actor: str) -> Row:
        """Cancel a queued job, or ask a running one to stop; a job that was cancelled before stays as it is.

        Raises:
            NotFound: the user has no such job.
            Conflict: it has succeeded or failed.
        """
        with self._database.transaction(user_id=user_id) as transaction:
            row = transaction.one("job_request_cancel", id=job_id, user_id=user_id)
            if row is not None:
                audit(transaction, row, actor, "job.cancel_requested", {"state": row["state"]})
                return row
            row = _job(transaction, user_id, job_id)
        if row["state"] == "cancelled":
            return row
        raise Conflict(f"the job has {row['state']}; only a queued or running job can be cancelled")

    def retry(self, user_id: UUID, job_id: UUID, *, actor: str) -> Row:
        """Queue a failed or cancelled job again; only what is missing is computed.

        Raises:
            NotFound: the user has no such job.
            Conflict: it is queued or running, or has succeeded.
        """
        with self._database.transaction(user_id=user_id) as transaction:
            row = transaction.one("job_requeue", id=job_id, user_id=user_id)
            if row is not None:
                audit(transaction, row, actor, "job.retried", {})
                return row
            row = _job(transaction, user_id, job_id)
        raise Conflict(f"the job is {row['state']}; only a failed or cancelled job can be retried")


def read_coverage(transaction: Transaction, spec: AnalysisSpec) -> list[Coverage]:
    rows = transaction.all(
        "job_coverage",
        symbols=list(spec.symbols),
        bar_size=spec.bar_size.value,
        width=spec.bar_size.width,
        start=spec.start,
        train_end=spec.train_end,
        end=spec.end,
    )
    return [Coverage(**row) for row in rows]


def audit(transaction: Transaction, job: Row, actor: str, action: str, detail: dict[str, Any]) -> None:
    """One row in the chain of the job's user."""
    transaction.one(
        "audit_write",
        chain=f"user:{job['user_id']}",
        user_id=job["user_id"],
        actor=actor,
        action=action,
        subject=f"job:{job['id']}",
        detail=_json(detail),
    )


def _job(transaction: Transaction, user_id: UUID, job_id: UUID) -> Row:
    row = transaction.one("job_of_user", id=job_id, user_id=user_id)
    if row is None:
        raise NotFound(f"you have no analysis job {job_id}; GET /v1/analysis/jobs lists yours")
    return row


def _json(value: Any) -> Any:
    from psycopg.types.json import Jsonb

    return Jsonb(value)
