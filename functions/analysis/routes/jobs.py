"""Ask a question, and follow, cancel or retry its job."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from causeway.errors import CausewayError
from causeway.model.inference import Estimator, InferenceOptions
from causeway.model.job import AnalysisSpec, Measure
from causeway.model.time import BarSize
from causeway.pipelines.validation import canonical, check_answerable
from causeway.web.auth import Principal, require
from causeway.web.paging import decode_cursor, encode_cursor
from causeway.web.services import services_of
from causeway.web.wire import Page
from functions.analysis.schemas import Job, JobStateName, SpecRequest, SubmitRequest
from functions.analysis.services import Services

router = APIRouter()
Given = Annotated[Services, Depends(services_of(Services))]
Viewer = Annotated[Principal, Depends(require("viewer"))]
Analyst = Annotated[Principal, Depends(require("analyst"))]


@router.post("/jobs", status_code=202)
def submit_job(request: SubmitRequest, services: Given, analyst: Analyst) -> Job:
    """Queue a question that the stored data can answer; 422, and nothing stored, where it cannot."""
    spec = canonical(spec_of(request.spec))
    check_answerable(spec, services.jobs.coverage(spec, analyst.user_id))
    row = services.jobs.submit(analyst.user_id, request.name, spec, actor=analyst.email)
    return _start(services, analyst, row)


@router.get("/jobs")
def list_jobs(
    services: Given,
    viewer: Viewer,
    state: JobStateName | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> Page[Job]:
    """Your jobs, newest first."""
    before = decode_cursor(cursor, datetime, UUID)
    rows = services.jobs.list(
        viewer.user_id, state=state, limit=limit + 1, before=(before[0], before[1]) if before else None
    )
    items = [job_of(row) for row in rows[:limit]]
    more = len(rows) > limit
    return Page(items=items, next_cursor=encode_cursor(items[-1].created_at, items[-1].id) if more else None)


@router.get("/jobs/{job_id}")
def get_job(job_id: UUID, services: Given, viewer: Viewer) -> Job:
    """Where a job stands."""
    return job_of(services.jobs.get(viewer.user_id, job_id))


@router.post("/jobs/{job_id}/cancel", status_code=202)
def cancel_job(job_id: UUID, services: Given, analyst: Analyst) -> Job:
    """Cancel a queued job at once; ask a running one to stop, which takes a second or two."""
    row = services.jobs.cancel(analyst.user_id, job_id, actor=analyst.email)
    if row["state"] == "running":
        services.runner.cancel(job_id)
    return job_of(services.jobs.get(analyst.user_id, job_id))


@router.post("/jobs/{job_id}/retry", status_code=202)
def retry_job(job_id: UUID, services: Given, analyst: Analyst) -> Job:
    """Run a failed or cancelled job again; targets that were finished are not computed twice."""
    row = services.jobs.retry(analyst.user_id, job_id, actor=analyst.email)
    return _start(services, analyst, row)


def _start(services: Services, analyst: Principal, row: dict[str, Any]) -> Job:
    """Hand a committed job to whoever runs it; one that cannot be started is cancelled, not left waiting for ever."""
    try:
        services.runner.submit(row["id"])
    except CausewayError:
        services.jobs.cancel(analyst.user_id, row["id"], actor=analyst.email)
        raise
    return job_of(row)


def spec_of(wire: SpecRequest) -> AnalysisSpec:
    """The question as the core knows it."""
    fields = wire.model_dump()
    return AnalysisSpec(
        **{
            **fields,
            "symbols": tuple(wire.symbols),
            "measure": Measure(wire.measure),
            "estimator": Estimator(wire.estimator),
            "bar_size": BarSize(wire.bar_size),
            "inference": InferenceOptions.from_json(fields["inference"]),
        }
    )


def job_of(row: dict[str, Any]) -> Job:
    """A row of ``jobs`` on the wire."""
    shown = {name: row[name] for name in Job.model_fields if name in row}
    return Job.model_validate({**shown, "eta_s": _eta_s(row)})


def _eta_s(row: dict[str, Any]) -> float | None:
    """Seconds left if the rest goes at the pace so far; None before 5 % and when the job does not run."""
    if row["state"] != "running" or row["progress"] <= 0.05 or row["started_at"] is None:
        return None
    elapsed_s = (datetime.now(UTC) - row["started_at"]).total_seconds()
    return float(elapsed_s * (1 - row["progress"]) / row["progress"])
