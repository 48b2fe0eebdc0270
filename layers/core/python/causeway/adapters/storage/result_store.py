"""Answers: written once, shared by equal questions, read through a user's job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from causeway.adapters.storage.database import Database, Row, Transaction
from causeway.errors import NotFound
from causeway.model.answer import Answer
from causeway.model.signal import TargetWeight

_ENDED = {"failed": "failed", "cancelled": "was cancelled"}


class ResultStore:
    """Writes as the service role, reads as the HTTP function's role."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def exists(self, result_id: str) -> bool:
        with self._database.transaction() as transaction:
            return transaction.one("result_exists", result_id=result_id) is not None

    def add(self, answer: Answer) -> bool:
        """Store an answer, all of it or nothing; False when it was stored before."""
        from psycopg.types.json import Jsonb

        with self._database.transaction() as transaction:
            made = transaction.one(
                "result_insert",
                result_id=answer.result_id,
                analysis_type="transfer_entropy",
                spec=Jsonb(answer.spec.as_json()),
                seed=answer.spec.seed,
                data_hash=answer.data_hash,
                code_version=answer.code_version,
                engine_version=answer.engine_version,
                summary=Jsonb(answer.summary),
                evaluation=Jsonb(answer.evaluation),
                processing_time_ms=answer.processing_time_ms,
            )
            if made is None:
                return False
            for link in answer.links:
                fields = {**asdict(link), "lags": list(link.lags)}
                transaction.run("result_link_insert", result_id=answer.result_id, **fields)
            transaction.run("result_signals_insert", result_id=answer.result_id, **_columns(answer.weights))
            _add_details(transaction, answer)
        return True

    def of_job(self, user_id: UUID, job_id: UUID) -> Row:
        """The answer to a user's job. Raises NotFound until the job succeeded."""
        with self._database.transaction(user_id=user_id) as transaction:
            row = transaction.one("result_of_job", job_id=job_id, user_id=user_id)
            job = row or transaction.one("job_of_user", id=job_id, user_id=user_id)
        if job is None:
            raise NotFound(f"no analysis {job_id} of yours is known; GET /v1/analysis/jobs lists yours")
        if row is None and job["state"] in _ENDED:
            raise NotFound(f"job {job_id} {_ENDED[job['state']]}, so it has no result; ask the question again")
        if row is None:
            raise NotFound(f"job {job_id} has no result yet; GET /v1/analysis/jobs/{job_id} tells where it stands")
        return row

    def links(self, user_id: UUID, result_id: str, max_q: float = 1.0) -> list[Row]:
        """Links with q of at most ``max_q``, by rising q."""
        with self._database.transaction(user_id=user_id) as transaction:
            return transaction.all("result_links", result_id=result_id, max_q=max_q)

    def details(self, user_id: UUID, result_id: str) -> tuple[list[Row], list[Row]]:
        """What is known beyond p and q: links by rising q, targets by name. Both empty where nothing was stored."""
        with self._database.transaction(user_id=user_id) as transaction:
            links = transaction.all("result_link_details", result_id=result_id)
            targets = transaction.all("result_target_details", result_id=result_id)
        return (
            [{"source": row["source"], "target": row["target"], **row["detail"]} for row in links],
            [{"target": row["target"], "samples": row["samples"], **row["detail"]} for row in targets],
        )

    def local(self, user_id: UUID, result_id: str, source: str, target: str) -> tuple[list[datetime], list[float]]:
        """Starts of the predicted bars, and the local values (nats) of one link. Raises NotFound."""
        with self._database.transaction(user_id=user_id) as transaction:
            row = transaction.one("result_local", result_id=result_id, source=source, target=target)
        if row is None:
            raise NotFound(f"no local values of {source} to {target} are stored; only links that were kept have some")
        return [row["times"][i] for i in row["rows"]], row["local_te"]

    def windows(self, user_id: UUID, result_id: str) -> dict[str, Any] | None:
        """The network window by window; None where the question asked for none."""
        with self._database.transaction(user_id=user_id) as transaction:
            row = transaction.one("result_windows", result_id=result_id)
        return None if row is None else dict(row["windows"])


_STORED_APART = ("source", "target", "links", "rows", "local_te_nats")


def _add_details(transaction: Transaction, answer: Answer) -> None:
    from psycopg.types.json import Jsonb

    key = {"result_id": answer.result_id}
    transaction.run("result_times_insert", **key, times=list(answer.times))
    for target in answer.details:
        name, rows = target["target"], target["rows"]
        transaction.run("result_target_detail_insert", **key, target=name, detail=Jsonb(_rest(target)), rows=rows)
        for link in target["links"]:
            parts = {"source": link["source"], "target": name, "detail": Jsonb(_rest(link))}
            transaction.run("result_link_detail_insert", **key, **parts, local_te=link["local_te_nats"])
    if answer.windows is not None:
        transaction.run("result_windows_insert", **key, windows=Jsonb(answer.windows))


def _rest(detail: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in detail.items() if name not in _STORED_APART}


def _columns(weights: Sequence[TargetWeight]) -> dict[str, list[Any]]:
    return {
        "symbols": [weight.symbol for weight in weights],
        "times": [weight.time for weight in weights],
        "forecasts": [weight.forecast for weight in weights],
        "weights": [weight.weight for weight in weights],
    }
