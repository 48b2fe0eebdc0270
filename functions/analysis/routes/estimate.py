"""What a question will cost and can show, before it is asked."""

from __future__ import annotations

from fastapi import APIRouter

from causeway.pipelines.cost_model import Cost, Machine, Work, coefficients, predict
from causeway.pipelines.validation import canonical, check_answerable
from causeway.pipelines.visibility import POWER, Visibility, visibility
from functions.analysis.detail_schemas import Estimate, EstimateRequest
from functions.analysis.routes.jobs import Analyst, Given, spec_of

router = APIRouter()


@router.post("/estimate")
def estimate(request: EstimateRequest, services: Given, analyst: Analyst) -> Estimate:
    """Seconds, money, tests and power of a question; 422 as for a job where the stored data cannot answer it."""
    spec = canonical(spec_of(request.spec))
    coverage = services.jobs.coverage(spec, analyst.user_id)
    excluded = check_answerable(spec, coverage)
    gone = {one.symbol for one in excluded}
    kept = [row for row in coverage if row.symbol not in gone]
    targets = sum(row.symbol not in spec.inference.condition_on for row in kept)
    work = Work(min(row.training_bars for row in kept) - 1 - spec.max_lag, len(kept), targets)
    return _answer(predict(spec, work, services.machine), visibility(spec, work), work, services.machine, gone)


def _answer(cost: Cost | None, seen: Visibility, work: Work, machine: Machine, gone: set[str]) -> Estimate:
    known = coefficients()
    return Estimate(
        cpu_s=cost and cost.cpu_s,
        wall_s=cost and cost.wall_s,
        spread=cost and cost.spread,
        aws_usd=cost and cost.aws_usd,
        usd_per_vcpu_hour=machine.usd_per_vcpu_hour,
        workers=machine.workers,
        measured_on=f"{known.processor}, {known.date}",
        samples=work.n_samples,
        targets=work.n_targets,
        excluded=sorted(gone),
        tests=seen.n_tests,
        needed_p=seen.needed_p,
        reachable_p=seen.reachable_p,
        can_be_significant=seen.can_be_significant,
        detectable_te_nats=seen.detectable_te_nats,
        detectable_r2=seen.detectable_r2,
        power=POWER,
    )
