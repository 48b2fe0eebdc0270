"""What the checks find in a stored series."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from causeway.model.time import BarSize
from functions.data.parameters import NO_NUL, Analyst, Given, Viewer
from functions.data.quality_schemas import QualityReport, RepairsProposed
from functions.data.schemas import BarSizeName

router = APIRouter()
SymbolInPath = Annotated[str, Path(max_length=32, pattern=NO_NUL)]


@router.get("/quality/{symbol}")
def get_quality(services: Given, viewer: Viewer, symbol: SymbolInPath, bar_size: BarSizeName = "1d") -> QualityReport:
    """Every check of one stored series: gaps, flawed bars by code, your quarantine and open repairs."""
    raise NotImplementedError


@router.post("/quality/{symbol}/repairs")
def propose_repairs(
    services: Given, analyst: Analyst, symbol: SymbolInPath, bar_size: BarSizeName = "1d"
) -> RepairsProposed:
    """Keep a proposal for every flaw that says what the value should be; nothing is changed before one is accepted."""
    raise NotImplementedError
