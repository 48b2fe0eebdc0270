"""What a container does for a job: one stage, or shards. The same on AWS Batch and on one machine."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from causeway.analysis.information.inference.network import InferenceCancelled
from causeway.errors import CausewayError, InvalidInput
from causeway.model.answer import Answer
from causeway.model.job import AnalysisSpec, Stage
from causeway.pipelines.analysis_job import stages
from causeway.pipelines.analysis_job.artifacts import Artifacts
from causeway.pipelines.analysis_job.described import read_all_windows, read_details, training_times
from causeway.pipelines.analysis_job.failures import shards_failed
from causeway.pipelines.code_version import code_version
from causeway.pipelines.validation import check_answerable

if TYPE_CHECKING:
    from causeway.adapters.storage.job_runs import JobRuns
    from causeway.adapters.storage.result_store import ResultStore
    from causeway.pipelines.data_pipeline import BarLoader
    from causeway.ports.blobs import BlobStore

_log = logging.getLogger(__name__)
MAX_SHARD_ATTEMPTS = 3
_TELL_AGAIN_S = 1.0  # how often a shard says how far it is
_ASK_AGAIN_S = 1.0  # how often a shard asks whether its job is still wanted
_STARTS = {
    Stage.VALIDATE: (0.0, "checking the question against the stored data"),
    Stage.PREPARE: (0.02, "aligning the data"),
    Stage.AGGREGATE: (0.90, "correcting for all candidate links"),
    Stage.SIGNALS: (0.92, "fitting forecasts on training bars"),
    Stage.EVALUATION: (0.95, "evaluating out of sample"),
    Stage.STORE: (0.98, "storing the result"),
}


@dataclass(frozen=True, slots=True)
class AnalysisWork:
    """Everything that a stage needs, chosen by the wiring."""

    runs: JobRuns
    results: ResultStore
    blobs: BlobStore
    load: BarLoader
    engine: stages.Engine

    def stage(self, job_id: UUID, stage: Stage) -> bool:
        """Run one stage; true when nothing is left to do, because the question was answered before."""
        job = self.runs.read(job_id)
        spec = AnalysisSpec.from_json(job["spec"])
        self.runs.progress(job_id, stage, *_STARTS[stage])
        if stage is Stage.VALIDATE:
            check_answerable(spec, self.runs.coverage(spec))
        elif stage is Stage.PREPARE:
            return self._prepare(job_id, spec)
        elif stage is Stage.AGGREGATE:
            self._aggregate(job_id, spec, job["result_id"])
        elif stage is Stage.SIGNALS:
            stages.signals(spec, self.blobs, job["result_id"])
        elif stage is Stage.EVALUATION:
            stages.evaluation(spec, self.blobs, job["result_id"])
        elif stage is Stage.STORE:
            self.results.add(self._answer(spec, job["result_id"], job["started_at"]))
        return False

    def _prepare(self, job_id: UUID, spec: AnalysisSpec) -> bool:
        found = stages.prepare(spec, self.blobs, self.load, self.engine)
        self.runs.set_result(job_id, found)
        if self.results.exists(found):
            return True
        self.runs.plan_shards(job_id, list(stages.targets(spec, self.blobs, found)))
        return False

    def _aggregate(self, job_id: UUID, spec: AnalysisSpec, found: str) -> None:
        unfinished = self.runs.unfinished_shards(job_id)
        if unfinished:
            raise shards_failed(unfinished)
        stages.aggregate(spec, self.blobs, found, self.engine)

    def _answer(self, spec: AnalysisSpec, found: str, started_at: datetime) -> Answer:
        artifacts = Artifacts(self.blobs, found)
        return Answer(
            result_id=found,
            spec=spec,
            data_hash=artifacts.get_panel().data_hash(),
            code_version=code_version(),
            engine_version=stages.full_engine_version(self.engine),
            summary=stages.summary(spec, self.blobs, found),
            evaluation=artifacts.get_json("evaluation.json"),
            links=stages.read_links(artifacts),
            weights=artifacts.get_signal().rows(spec.bar_size),
            times=training_times(artifacts.get_panel()),
            details=read_details(spec, artifacts),
            windows=read_all_windows(spec, artifacts),
            processing_time_ms=int((datetime.now(UTC) - started_at).total_seconds() * 1000),
        )

    def claim_shards(self, job_id: UUID) -> None:
        """Compute shards of a job, one after the other, until none waits."""
        job = self.runs.read(job_id)
        names = stages.targets(AnalysisSpec.from_json(job["spec"]), self.blobs, job["result_id"])
        while (claimed := self.runs.claim_shard(job_id)) is not None:
            self._shard(job_id, names.index(claimed["target"]), claimed["attempt"])

    def one_shard(self, job_id: UUID, index: int) -> bool:
        """Compute shard number ``index``; whether it succeeded. Whoever started this container tries again.

        Raises:
            InvalidInput: the job has no such shard.
        """
        job = self.runs.read(job_id)
        found = stages.targets(AnalysisSpec.from_json(job["spec"]), self.blobs, job["result_id"])
        if not 0 <= index < len(found):
            raise InvalidInput(f"--index must be 0 to {len(found) - 1}, the job's targets; found {index}")
        target = found[index]
        self.runs.start_shard(job_id, target)
        return self._shard(job_id, index, MAX_SHARD_ATTEMPTS)

    def _shard(self, job_id: UUID, index: int, attempt: int) -> bool:
        job = self.runs.read(job_id)
        spec, found = AnalysisSpec.from_json(job["spec"]), job["result_id"]
        target = stages.targets(spec, self.blobs, found)[index]
        try:
            stages.run_shard(
                spec,
                self.blobs,
                found,
                index,
                self.engine,
                progress=_Told(self.runs, job_id, target),
                should_stop=_Unwanted(self.runs, job_id),
            )
        except InferenceCancelled:
            self.runs.finish_shard(job_id, target, "queued")
            raise
        except CausewayError as error:  # the input cannot be analysed: another try would end the same way
            self._record(job_id, target, error, final=True)
            return False
        except Exception:
            _log.exception("the shard of %s failed, attempt %d", target, attempt)
            cause = CausewayError("something went wrong inside; the log of the worker has the cause")
            self._record(job_id, target, cause, final=attempt >= MAX_SHARD_ATTEMPTS)
            return False
        self.runs.finish_shard(job_id, target, "succeeded")
        return True

    def _record(self, job_id: UUID, target: str, error: CausewayError, *, final: bool) -> None:
        stored = {"code": error.code, "message": error.message}
        self.runs.finish_shard(job_id, target, "failed" if final else "queued", stored)


class _Unwanted:
    """Says, asking the database at most once a second, whether the job was cancelled or ended."""

    def __init__(self, runs: JobRuns, job_id: UUID) -> None:
        self._runs = runs
        self._job_id = job_id
        self._asked = time.monotonic()

    def __call__(self) -> bool:
        if time.monotonic() - self._asked < _ASK_AGAIN_S:
            return False
        self._asked = time.monotonic()
        return not self._runs.wanted(self._job_id)


class _Told:
    """Tells shard and job how far a shard is, at most once a second."""

    def __init__(self, runs: JobRuns, job_id: UUID, target: str) -> None:
        self._runs = runs
        self._job_id = job_id
        self._target = target
        self._told = time.monotonic()

    def __call__(self, fraction: float) -> None:
        if time.monotonic() - self._told < _TELL_AGAIN_S:
            return
        self._told = time.monotonic()
        self._runs.shard_progress(self._job_id, self._target, min(max(fraction, 0.0), 1.0))
        self._runs.report_shards(self._job_id)
