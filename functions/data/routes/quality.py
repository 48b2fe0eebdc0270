"""What the checks find in a stored series, and the repairs that follow from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query

from causeway.market_data.action_repairs import action_repairs
from causeway.market_data.quality import QualityFacts
from causeway.market_data.quarantined import QuarantinedBar, among, place
from causeway.market_data.repairs import Proposal, as_accepted, every_repair
from causeway.model.time import BarSize
from causeway.web.wire import Moment
from functions.data.parameters import NO_NUL, Analyst, Given, Viewer
from functions.data.quality_schemas import QualityReport, RepairsProposed
from functions.data.schemas import BarSizeName

router = APIRouter()
SymbolInPath = Annotated[str, Path(max_length=32, pattern=NO_NUL)]
Start = Annotated[Moment | None, Query(description="Default: the first stored bar.")]
End = Annotated[Moment | None, Query(description="Default: behind the last stored bar.")]
Against = Annotated[
    str,
    Query(max_length=64, pattern=NO_NUL, description="A provider whose bars a fetch kept (check_against): compare."),
]


@router.get("/quality/{symbol:path}")
def get_quality(
    services: Given,
    viewer: Viewer,
    symbol: SymbolInPath,
    bar_size: BarSizeName = "1d",
    start: Start = None,
    end: End = None,
    against: Against = "",
) -> QualityReport:
    """Every check of one stored series, its gaps and coverage by month, and your quarantine."""
    size = BarSize(bar_size)
    return QualityReport.of(services.quality.report(viewer.user_id, symbol, size, start, end, against=against))


@router.post("/quality/{symbol:path}/repairs")
def propose_repairs(
    services: Given, analyst: Analyst, symbol: SymbolInPath, bar_size: BarSizeName = "1d"
) -> RepairsProposed:
    """Keep a proposal for every flaw that says what the value should be; nothing is changed before one is accepted.

    Daily bars also judge the dividends.
    """
    size = BarSize(bar_size)
    facts = services.quality.facts(analyst.user_id, symbol, size)
    proposals = _repairs(facts, services.repairs.quarantined(analyst.user_id, symbol, size))
    made = services.repairs.propose(analyst.user_id, symbol, size, proposals)
    if size is BarSize.DAY_1:
        of_actions = action_repairs(as_accepted(facts.bars, proposals), facts.actions)
        made += services.repairs.propose_actions(analyst.user_id, symbol, of_actions)
    return RepairsProposed(proposed=len(made))


def _repairs(facts: QualityFacts, quarantined: Sequence[QuarantinedBar]) -> list[Proposal]:
    """Of stored bars, and of rows in quarantine in whose place nothing is stored."""
    zone = "UTC" if facts.bar_size is BarSize.DAY_1 else facts.zone
    bars, ids = among(facts.bars, quarantined)
    return place(every_repair(bars, facts.actions, facts.others, zone=zone), ids)
