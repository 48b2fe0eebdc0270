"""Two answers of the same user side by side."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from fastapi import APIRouter

from causeway.model.signal import Link as CoreLink
from causeway.pipelines.comparison import LinkPair as CorePair
from causeway.pipelines.comparison import Run, compare_runs
from functions.analysis.compare_schemas import ComparedRun, Comparison, LinkPair
from functions.analysis.routes.jobs import Given, Viewer
from functions.analysis.schemas import Link
from functions.analysis.services import Services

router = APIRouter()


@dataclass(frozen=True)
class _Stored:
    """One side: the job's row, the answer's row, and its links by (source, target)."""

    job: dict[str, Any]
    row: dict[str, Any]
    links: dict[tuple[str, str], Link]


@router.get("/compare")
def compare(a: UUID, b: UUID, services: Given, viewer: Viewer) -> Comparison:
    """Which links two of your answered jobs share, what changed in them, and what was asked differently."""
    first, second = _stored(services, viewer.user_id, a), _stored(services, viewer.user_id, b)
    found = compare_runs(_run(first), _run(second))
    return Comparison.model_validate(
        {
            **{name: getattr(found, name) for name in ("same_answer", "data")},
            "a": _shown(first),
            "b": _shown(second),
            "question": [asdict(change) for change in found.question],
            "overlap": asdict(found.overlap),
            "links": [_pair(pair, first, second) for pair in found.links],
            "notes": list(found.notes),
        }
    )


def _stored(services: Services, user_id: UUID, job_id: UUID) -> _Stored:
    row = services.results.of_job(user_id, job_id)
    alpha = row["spec"]["alpha"]
    links = [
        Link.model_validate({**link, "significant": link["q"] < alpha})
        for link in services.results.links(user_id, row["result_id"])
    ]
    return _Stored(services.jobs.get(user_id, job_id), row, {(link.source, link.target): link for link in links})


def _run(stored: _Stored) -> Run:
    row = stored.row
    return Run(
        **{name: row[name] for name in ("result_id", "spec", "data_hash", "code_version", "engine_version")},
        symbols=_symbols(row),
        evaluation=row["evaluation"],
        links=[_core(link) for link in stored.links.values()],
    )


def _core(link: Link) -> CoreLink:
    numbers = (link.te_nats, link.p, link.q, link.coefficient)
    return CoreLink(link.source, link.target, link.lag_bars, tuple(link.lags), *numbers)


def _shown(stored: _Stored) -> ComparedRun:
    row = stored.row
    taken = ("job_id", "result_id", "spec", "data_hash", "code_version", "engine_version", "created_at")
    return ComparedRun.model_validate(
        {
            **{name: row[name] for name in taken},
            "name": stored.job["name"],
            "symbols": _symbols(row),
            "samples": row["summary"].get("samples"),
            "found": sum(link.significant for link in stored.links.values()),
            "evaluation": row["evaluation"] or None,
        }
    )


def _symbols(row: dict[str, Any]) -> list[str]:
    symbols: list[str] = row["summary"].get("symbols", row["spec"]["symbols"])
    return symbols


def _pair(pair: CorePair, first: _Stored, second: _Stored) -> LinkPair:
    key = (pair.source, pair.target)
    return LinkPair(
        source=pair.source,
        target=pair.target,
        found=pair.found,
        asked=pair.asked,
        changes=list(pair.changes),
        te_ratio=pair.te_ratio,
        a=first.links.get(key),
        b=second.links.get(key),
    )
