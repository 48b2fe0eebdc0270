"""Wire shapes of /v1/data/quality and /v1/data/repairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from causeway.web.wire import Amount, Moment, Wire
from functions.data.schemas import BarSizeName

if TYPE_CHECKING:
    from causeway.market_data.quality import QualityReport as Report

RepairState = Literal["proposed", "accepted", "rejected"]


class BarValues(Wire):
    open: float
    high: float
    low: float
    close: float
    volume: float


class ActionValue(Wire):
    """New shares per old share of a split, cash per share of a dividend; null: the action is taken out."""

    value: Amount | None


class Repair(Wire):
    """``proposed`` in the place of ``found``, because of ``code``.

    Of a bar, ``symbol`` is the instrument's at that time. Of a split or dividend it is the present one, ``time`` is
    midnight of the ex-date, and there is no bar size.
    ``in_quarantine``: ``found`` is a row in quarantine; accepting stores the bar. ``found`` null: nothing is stored;
    accepting adds the bar.
    """

    id: UUID
    symbol: str | None
    kind: Literal["bar", "split", "dividend"]
    bar_size: BarSizeName | None
    time: Moment
    code: str
    reason: str
    found: BarValues | ActionValue | None
    proposed: BarValues | ActionValue
    state: RepairState
    remark: str
    created_at: Moment
    decided_at: Moment | None
    in_quarantine: bool

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Repair:
        return cls.model_validate({name: row[name] for name in cls.model_fields})


class RepairRemark(Wire):
    """Why, for the audit log."""

    remark: str = Field(default="", max_length=500, pattern=r"^[^\x00]*$")


class RepairsAccept(RepairRemark):
    """Proposals that are accepted together, all or none."""

    ids: list[UUID] = Field(min_length=1, max_length=1_000)


class RepairsDecided(Wire):
    accepted: int


class RepairDecided(Wire):
    id: UUID
    state: RepairState


class MissingRange(Wire):
    """``bars`` in a row, the first stamped ``first``, the last ``last``; ``sessions`` whole sessions are among them."""

    first: Moment
    last: Moment
    bars: int
    sessions: int


class CodeFound(Wire):
    """In how many stored bars a code was found, the first 50 of them, and what it said of the first.

    ``missing_sessions`` counts sessions and ``missing_bars`` bars, with their first 50 ``ranges``, all among ``gaps``.
    """

    code: str
    severity: Literal["error", "warning"]
    rows: int
    first: Moment
    last: Moment
    at: list[Moment]
    example: str
    ranges: list[MissingRange]


class SourceCompared(Wire):
    """``bars`` of this source stand beside stored ones; ``differing`` of them have prices over 0.2 % off."""

    source: str
    bars: int
    differing: int


class Month(Wire):
    """``expected_bars`` of the ``sessions`` of a month, and how many of both are missing."""

    month: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")]
    sessions: int
    missing_sessions: int
    expected_bars: int
    missing_bars: int


class QualityReport(Wire):
    """What the checks say of one stored series. Facts only, there is no score.

    ``findings``: errors first. ``quarantined``: your rows by code; ``quarantined_rows`` counts each row once.
    ``sources``: bars by where they came from. ``compared``: with ``against``, that source and others that are kept.
    ``kept``: bars of each provider that ``against`` may name.
    """

    symbol: str
    bar_size: BarSizeName
    start: Moment
    end: Moment
    calendar: str
    bars: int
    expected_bars: int
    missing_bars: int
    bars_outside_sessions: int
    sessions: int
    sessions_without_bars: int
    gaps: list[MissingRange]
    gaps_left_off: int
    months: list[Month]
    findings: list[CodeFound]
    stale_runs: list[MissingRange]
    quarantined: dict[str, int]
    quarantined_rows: int
    sources: dict[str, int]
    compared: list[SourceCompared]
    kept: dict[str, int]

    @classmethod
    def of(cls, report: Report) -> QualityReport:
        """With the sessions' coverage by month."""
        facts = report.as_json()
        coverage = facts.pop("coverage")
        return cls.model_validate({**facts, "months": _months(**coverage)})


def _months(days: Sequence[str], expected: Sequence[int], held: Sequence[int]) -> list[Month]:
    sessions = zip(days, expected, held, strict=True)
    by_month = groupby(sessions, key=lambda session: session[0][:7])
    return [_month(month, [counts for _, *counts in mine]) for month, mine in by_month]


def _month(month: str, sessions: Sequence[Sequence[int]]) -> Month:
    return Month(
        month=month,
        sessions=len(sessions),
        missing_sessions=sum(1 for _, held in sessions if held == 0),
        expected_bars=sum(expected for expected, _ in sessions),
        missing_bars=sum(expected - held for expected, held in sessions),
    )


class RepairsProposed(Wire):
    """How many new repairs the checks propose; none that is open already, or that was rejected and has not changed."""

    proposed: int
