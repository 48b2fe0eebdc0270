"""The stages of the state machine that need no numbers: begin and validate, list the shards, end the job."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from causeway.errors import CausewayError, InvalidInput
from causeway.model.job import AnalysisSpec, JobState, Stage
from causeway.pipelines.validation import check_answerable

if TYPE_CHECKING:
    from causeway.adapters.storage.job_runs import JobRuns


def run_stage(event: Mapping[str, Any], runs: JobRuns) -> dict[str, Any]:
    """Run the stage that ``event`` names for its job.

    Events: ``{"stage": "validate" | "shards" | "succeeded" | "failed", "job_id", "execution", "cause"?}``. An execution
    that timed out or was aborted runs no state any more: EventBridge then sends ``failed`` with the execution's
    ``input``, JSON text that holds the job_id.

    Raises:
        InvalidInput: no such stage, or the question cannot be answered.
    """
    name = str(event["stage"])
    if name not in _TASKS:
        raise InvalidInput(f"stage must be one of {', '.join(_TASKS)}; found {name!r}")
    named = event if "job_id" in event else json.loads(event["input"])
    return _TASKS[name](UUID(str(named["job_id"])), event, runs)


def _validate(job_id: UUID, event: Mapping[str, Any], runs: JobRuns) -> dict[str, Any]:
    job = runs.begin(job_id, str(event["execution"]))
    spec = AnalysisSpec.from_json(job["spec"])
    runs.progress(job_id, Stage.VALIDATE, 0.0, "checking the question against the stored data")
    try:
        check_answerable(spec, runs.coverage(spec))
    except CausewayError as error:
        runs.note_error(job_id, error, Stage.VALIDATE)
        raise
    return {"job_id": str(job_id)}


def _list_shards(job_id: UUID, _: Mapping[str, Any], runs: JobRuns) -> dict[str, Any]:
    """Numbers of the shards; none, and ``answered``, when an equal question was answered before."""
    count = runs.count_shards(job_id)["total"]
    answered = bool(runs.answered(job_id))
    if not answered:
        runs.progress(job_id, Stage.SHARDS, 0.05, f"0 of {count} targets")
    return {"answered": answered, "shards": [] if answered else [{"index": str(i)} for i in range(count)]}


def _succeed(job_id: UUID, event: Mapping[str, Any], runs: JobRuns) -> dict[str, Any]:
    message = "answered before: an equal question on equal data" if event.get("answered") else "done"
    runs.finish(job_id, JobState.SUCCEEDED, message, runner=str(event["execution"]))
    return {"state": JobState.SUCCEEDED.value}


def _fail(job_id: UUID, event: Mapping[str, Any], runs: JobRuns) -> dict[str, Any]:
    """End the job as cancelled where that was asked for, else as failed with the error that the stage stored.

    A job that another execution runs is left alone; one that never began is begun, so that it can end.
    """
    execution = str(event["execution"])
    job = runs.read(job_id)
    if job["state"] == JobState.QUEUED:
        job = runs.begin(job_id, execution)
    if job["cancel_requested_at"] is not None:
        runs.finish(job_id, JobState.CANCELLED, f"cancelled during {job['stage']}", runner=execution)
        return {"state": JobState.CANCELLED.value}
    cause = event.get("cause") or {}
    unknown = {
        "code": "unavailable",
        "message": f"the stage ended without an answer ({cause.get('Error', 'no cause')}); retry the job",
        "stage": job["stage"],
    }
    error = job["error"] or unknown
    runs.finish(job_id, JobState.FAILED, error["message"], error=error, runner=execution)
    return {"state": JobState.FAILED.value}


_TASKS = {"validate": _validate, "shards": _list_shards, "succeeded": _succeed, "failed": _fail}
