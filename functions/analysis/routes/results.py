"""Answers: links, evaluation, and the signal's last weights."""

from __future__ import annotations

import csv
import io
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from causeway.market_data.known_market import truth_for
from causeway.model.spreadsheet import guarded
from functions.analysis.routes.jobs import Given, Viewer
from functions.analysis.schemas import Evaluation, Link, Result, TruthLink
from functions.analysis.services import Services

router = APIRouter()
MaxQ = Annotated[float, Query(ge=0, le=1)]


@router.get("/jobs/{job_id}/result")
def get_result(job_id: UUID, services: Given, viewer: Viewer) -> Result:
    """The whole answer to a job that succeeded."""
    row = services.results.of_job(viewer.user_id, job_id)
    stored = {name: row[name] for name in Result.model_fields if name in row}
    links = _links(services, viewer.user_id, row, 1.0)
    truth = _truth(services, viewer.user_id, row["summary"]["symbols"])
    return Result.model_validate({**stored, **row["summary"], "links": links, "truth": truth})


@router.get("/jobs/{job_id}/links")
def list_links(job_id: UUID, services: Given, viewer: Viewer, max_q: MaxQ = 1.0) -> list[Link]:
    """Links with q of at most ``max_q``, by rising q."""
    row = services.results.of_job(viewer.user_id, job_id)
    return _links(services, viewer.user_id, row, max_q)


@router.get("/jobs/{job_id}/links.csv", response_class=Response)
def export_links(job_id: UUID, services: Given, viewer: Viewer, max_q: MaxQ = 1.0) -> Response:
    """The same as CSV; ``lags`` are joined by spaces, an absent coefficient is empty."""
    row = services.results.of_job(viewer.user_id, job_id)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(Link.model_fields))
    writer.writeheader()
    for link in _links(services, viewer.user_id, row, max_q):
        fields = link.model_dump()
        fields |= {"lags": " ".join(map(str, link.lags)), "significant": str(link.significant).lower()}
        writer.writerow({field: guarded(cell) for field, cell in fields.items()})
    name = f'attachment; filename="links-{job_id}.csv"'
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers={"Content-Disposition": name})


@router.get("/jobs/{job_id}/evaluation")
def get_evaluation(job_id: UUID, services: Given, viewer: Viewer) -> Evaluation:
    """The signal out of sample, after costs."""
    return Evaluation.model_validate(services.results.of_job(viewer.user_id, job_id)["evaluation"])


def _links(services: Services, user_id: UUID, row: dict[str, Any], max_q: float) -> list[Link]:
    alpha = row["spec"]["alpha"]
    links = services.results.links(user_id, row["result_id"], max_q)
    return [Link.model_validate({**link, "significant": link["q"] < alpha}) for link in links]


def _truth(services: Services, user_id: UUID, symbols: list[str]) -> list[TruthLink] | None:
    """The links that the known market was made with; None for everything else, whatever it is called."""
    links = truth_for(symbols)
    if links is None or not services.jobs.all_synthetic(symbols, user_id):
        return None
    return [TruthLink(source=link.source, target=link.target, lag_bars=link.lag_bars) for link in links]
