"""Wire shapes of /v1/data/quality and /v1/data/repairs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from causeway.web.wire import Moment, Wire
from functions.data.schemas import BarSizeName, FindingCount, Gap, Month

RepairState = Literal["proposed", "accepted", "rejected"]


class BarValues(Wire):
    open: float
    high: float
    low: float
    close: float
    volume: float


class Repair(Wire):
    """``proposed`` in the place of ``found``, because of ``code``. ``symbol`` is what the instrument was called then."""

    id: UUID
    symbol: str | None
    bar_size: BarSizeName
    time: Moment
    code: str
    reason: str
    found: BarValues
    proposed: BarValues
    state: RepairState
    remark: str
    created_at: Moment
    decided_at: Moment | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Repair:
        return cls.model_validate({name: row[name] for name in cls.model_fields})


class RepairRemark(Wire):
    """Why, for the audit log."""

    remark: str = Field(default="", max_length=500, pattern=r"^[^\x00]*$")


class RepairDecided(Wire):
    id: UUID
    state: RepairState


class FoundRow(Wire):
    """One bar that something was found in; ``message`` says what was found and what was expected."""

    time: Moment
    code: str
    severity: Literal["error", "warning"]
    message: str


class QualityReport(Wire):
    """What the checks say of one stored series. ``findings`` counts all of them by code, errors first; ``rows`` are the
    latest, at most 500. ``quarantined`` and ``open_repairs`` are yours."""

    symbol: str
    bar_size: BarSizeName
    start: Moment
    end: Moment
    bars: int
    missing_sessions: int
    gaps: list[Gap]
    months: list[Month]
    findings: list[FindingCount]
    rows: list[FoundRow]
    quarantined: int
    open_repairs: int


class RepairsProposed(Wire):
    """How many new repairs the checks propose; one that is open already is not proposed again."""

    proposed: int
