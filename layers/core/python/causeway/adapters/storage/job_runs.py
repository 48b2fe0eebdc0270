"""Running jobs, as workers see them: claim, heartbeat, progress, shards, end.

Every change of state writes an audit row in the same transaction and then wakes whoever shows the job.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from causeway.adapters.storage.database import Database, Row
from causeway.adapters.storage.job_store import audit, read_coverage
from causeway.errors import CausewayError, Conflict, NotFound
from causeway.model.job import AnalysisSpec, JobState, Stage
from causeway.pipelines.validation import Coverage
from causeway.ports.events import EventBus

SHARDS_FROM, SHARDS_TO = 0.05, 0.90  # of a job's progress


class JobRuns:
    """Runs as the service role: it sees every user's jobs. ``bus`` is optional; a lost wake-up loses nothing."""

    def __init__(self, database: Database, bus: EventBus | None = None) -> None:
        self._database = database
        self._bus = bus

    def close(self) -> None:
        """Close every connection."""
        self._database.close()

    def read(self, job_id: UUID) -> Row:
        """Raises NotFound."""
        with self._database.transaction() as transaction:
            row = transaction.one("job_read", id=job_id)
        if row is None:
            raise NotFound(f"there is no analysis job {job_id}")
        return row

    def coverage(self, spec: AnalysisSpec) -> list[Coverage]:
        with self._database.transaction() as transaction:
            return read_coverage(transaction, spec)

    def claim(self, runner: str, ttl_s: float) -> Row | None:
        """Take the oldest job that waits, or whose runner has been silent for ``ttl_s``."""
        return self._change("job_claim", runner, "job.started", runner=runner, ttl_s=ttl_s)

    def begin(self, job_id: UUID, runner: str) -> Row:
        """Start one job. Raises Conflict where it is neither queued nor already this runner's."""
        row = self._change("job_begin", runner, "job.started", id=job_id, runner=runner)
        if row is None:
            raise Conflict(f"job {job_id} is {self.read(job_id)['state']}; only a queued job can start")
        return row

    def heartbeat(self, job_id: UUID, runner: str) -> bool | None:
        """Whether cancellation was requested; None when the job is no longer this runner's."""
        with self._database.transaction() as transaction:
            row = transaction.one("job_heartbeat", id=job_id, runner=runner)
        return None if row is None else bool(row["cancel"])

    def wanted(self, job_id: UUID) -> bool:
        """Whether the job still runs and nobody asked to cancel it."""
        with self._database.transaction() as transaction:
            row = transaction.one("job_wanted", id=job_id)
        return bool(row and row["wanted"])

    def answered(self, job_id: UUID) -> bool:
        """Whether the job's answer is stored already."""
        with self._database.transaction() as transaction:
            return transaction.one("job_answered", id=job_id) is not None

    def progress(self, job_id: UUID, stage: Stage, progress: float, message: str) -> None:
        """Say where a running job stands; a job that ended meanwhile is left alone."""
        with self._database.transaction() as transaction:
            row = transaction.one("job_progress", id=job_id, stage=stage.value, progress=progress, message=message)
        self._wake(row)

    def set_result(self, job_id: UUID, result_id: str) -> None:
        with self._database.transaction() as transaction:
            transaction.run("job_set_result", id=job_id, result_id=result_id)

    def note_error(self, job_id: UUID, error: CausewayError, stage: Stage) -> None:
        """Remember why the job is about to fail."""
        with self._database.transaction() as transaction:
            transaction.run("job_note_error", id=job_id, error=_json(error_json(error, stage)))

    def finish(
        self, job_id: UUID, state: JobState, message: str, *, error: dict[str, Any] | None = None, runner: str = ""
    ) -> bool:
        """End a running job; False when it had ended, or is another runner's."""
        row = self._change(
            "job_finish",
            runner or "state machine",
            f"job.{state.value}",
            id=job_id,
            state=state.value,
            message=message,
            error=_json(error) if error else None,
            runner=runner,
        )
        return row is not None

    def give_back(self, job_id: UUID, runner: str) -> None:
        """Return a claimed job to the queue."""
        self._change("job_give_back", runner, "job.given_back", id=job_id, runner=runner)

    def plan_shards(self, job_id: UUID, targets: list[str]) -> None:
        """One waiting shard per target, in place of any before; one whose output is stored will end at once."""
        with self._database.transaction() as transaction:
            transaction.run("shards_forget", job_id=job_id)
            transaction.run("shards_plan", job_id=job_id, targets=targets)

    def claim_shard(self, job_id: UUID) -> Row | None:
        """Take a shard that waits: its target, and which attempt this is."""
        with self._database.transaction() as transaction:
            return transaction.one("shard_claim", job_id=job_id)

    def start_shard(self, job_id: UUID, target: str) -> Row:
        """Take the shard of ``target``, whatever its state. Raises NotFound."""
        with self._database.transaction() as transaction:
            row = transaction.one("shard_start", job_id=job_id, target=target)
        if row is None:
            raise NotFound(f"job {job_id} has no shard for {target}")
        return row

    def finish_shard(self, job_id: UUID, target: str, state: str, error: dict[str, Any] | None = None) -> None:
        with self._database.transaction() as transaction:
            transaction.run(
                "shard_finish", job_id=job_id, target=target, state=state, error=_json(error) if error else None
            )

    def shard_progress(self, job_id: UUID, target: str, progress: float) -> None:
        """Say how far a running shard is, from 0 to 1."""
        with self._database.transaction() as transaction:
            transaction.run("shard_progress", job_id=job_id, target=target, progress=progress)

    def report_shards(self, job_id: UUID) -> Row:
        """Tell the job how far its shards are together, and return their counts."""
        count = self.count_shards(job_id)
        done = SHARDS_FROM + (SHARDS_TO - SHARDS_FROM) * float(count["done"])
        self.progress(job_id, Stage.SHARDS, done, f"{count['succeeded']} of {count['total']} targets")
        return count

    def abandoned_shards(self, job_id: UUID, most: int) -> int:
        """Queue again what died with its worker, at most ``most`` attempts each; how many there were."""
        with self._database.transaction() as transaction:
            return transaction.run("shards_abandoned", job_id=job_id, most=most)

    def count_shards(self, job_id: UUID) -> Row:
        """total, succeeded, queued, running, attempts, and done: the mean progress."""
        with self._database.transaction() as transaction:
            return transaction.all("shards_count", job_id=job_id)[0]

    def failed_shards(self, job_id: UUID) -> list[Row]:
        """Shards that failed for good: target, attempt, error."""
        with self._database.transaction() as transaction:
            return transaction.all("shards_failed", job_id=job_id)

    def unfinished_shards(self, job_id: UUID) -> list[Row]:
        """Shards without an answer, whatever the reason: target, attempt, error."""
        with self._database.transaction() as transaction:
            return transaction.all("shards_unfinished", job_id=job_id)

    def _change(self, query: str, actor: str, action: str, **parameters: Any) -> Row | None:
        with self._database.transaction() as transaction:
            row = transaction.one(query, **parameters)
            if row is not None:
                audit(transaction, row, actor or "worker", action, {"attempt": row["attempt"], "error": row["error"]})
        self._wake(row)
        return row

    def _wake(self, row: Row | None) -> None:
        if row is not None and self._bus is not None:
            told = {key: row[key] for key in ("state", "stage", "progress")}
            self._bus.publish(f"jobs:{row['user_id']}", {"type": "job", "job_id": str(row["id"]), **told})


def error_json(error: CausewayError, stage: Stage) -> dict[str, Any]:
    """The error of a job as it is stored and sent."""
    return {"code": error.code, "message": error.message, "stage": stage.value}


def _json(value: Any) -> Any:
    from psycopg.types.json import Jsonb

    return Jsonb(value)
