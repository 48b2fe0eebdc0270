"""What is known about an answer beyond its links: lags, nulls, stability, power, local values, windows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from functions.analysis.detail_schemas import Details, LocalInformation, Window, Windows
from functions.analysis.routes.jobs import Given, Viewer
from functions.analysis.schemas import NO_NUL

router = APIRouter()
MAX_LOCAL_POINTS = 5000
Symbol = Annotated[str, Query(min_length=1, max_length=64, pattern=NO_NUL)]


@router.get("/jobs/{job_id}/details")
def get_details(job_id: UUID, services: Given, viewer: Viewer) -> Details:
    """Per link: lag profile, null, linearity, stability. Per target: own information and power."""
    row = services.results.of_job(viewer.user_id, job_id)
    links, targets = services.results.details(viewer.user_id, row["result_id"])
    return Details.model_validate({"job_id": job_id, "links": links, "targets": targets})


@router.get("/jobs/{job_id}/local")
def get_local(job_id: UUID, services: Given, viewer: Viewer, source: Symbol, target: Symbol) -> LocalInformation:
    """Transfer entropy of one kept link bar by bar."""
    row = services.results.of_job(viewer.user_id, job_id)
    times, values = services.results.local(viewer.user_id, row["result_id"], source, target)
    kept = thinned_rows(values, MAX_LOCAL_POINTS)
    return LocalInformation(
        source=source,
        target=target,
        times=[times[i] for i in kept],
        te_nats=[values[i] for i in kept],
        samples=len(values),
        mean_nats=sum(values) / max(1, len(values)),
        thinned=len(kept) < len(values),
    )


@router.get("/jobs/{job_id}/windows")
def get_windows(job_id: UUID, services: Given, viewer: Viewer) -> Windows:
    """The network window by window."""
    row = services.results.of_job(viewer.user_id, job_id)
    stored = services.results.windows(viewer.user_id, row["result_id"])
    if stored is None:
        return Windows(window_bars=None, windows=[])
    shown = [Window.model_validate(_marked(window, row["spec"]["alpha"])) for window in stored["windows"]]
    return Windows(window_bars=stored["window_bars"], windows=shown)


def thinned_rows(values: Sequence[float], most: int) -> list[int]:
    """Rows to show, ascending: all, or the smallest and the largest of each of ``most`` / 2 equal stretches."""
    count, stretches = len(values), most // 2
    if count <= most:
        return list(range(count))
    kept: set[int] = set()
    for k in range(stretches):
        rows = range(k * count // stretches, (k + 1) * count // stretches)
        kept |= {min(rows, key=values.__getitem__), max(rows, key=values.__getitem__)}
    return sorted(kept)


def _marked(window: dict[str, Any], alpha: float) -> dict[str, Any]:
    return {**window, "links": [{**link, "significant": link["q"] < alpha} for link in window["links"]]}
