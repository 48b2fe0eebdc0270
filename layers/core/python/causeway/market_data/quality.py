"""What is stored of one symbol and range, looked at whole: coverage of sessions, gaps, and what every check finds.

Facts only; there is no score. Everything in a report is plain, so that ``as_json`` is all that a page needs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causeway.market_data.action_repairs import check_amounts
from causeway.market_data.clock_checks import check_clock
from causeway.market_data.corporate_actions import Adjustment, adjust
from causeway.market_data.dividend_checks import check_paid, dividend_moves
from causeway.market_data.file_series import check_series
from causeway.market_data.findings import CODES, Findings
from causeway.market_data.gaps import Gap, expected_starts, missing_ranges
from causeway.market_data.intraday_checks import check_jumps
from causeway.market_data.level_shifts import check_splits, check_unrecorded_splits
from causeway.market_data.outliers import check_moves
from causeway.market_data.schedule import Schedule
from causeway.market_data.second_source import check_others, compare
from causeway.market_data.series_checks import stale_runs
from causeway.market_data.validator import check_bars, check_sessions
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import CorporateAction
from causeway.model.time import BarSize, isoformat_z, moment

MOST_GAPS = 1000
MOST_MOMENTS = 50


@dataclass(frozen=True, slots=True)
class QualityFacts:
    """What a report is made of. ``bars`` are raw and start in [start_us, end_us); ``schedule`` covers that range.

    ``calendar`` names the schedule. ``quarantined``: rows of the user's by code. ``sources``: bars by source.
    ``quarantined_rows`` counts each of those rows once, however many codes it has. ``others``: raw bars of other
    sources by name, the one that is compared with first; a second one settles who is wrong. ``kept``: bars of every
    other source that could be compared with.
    """

    symbol: str
    bar_size: BarSize
    start_us: int
    end_us: int
    bars: BarColumns
    schedule: Schedule
    calendar: str
    zone: str
    actions: Sequence[CorporateAction] = ()
    quarantined: Mapping[str, int] = field(default_factory=dict)
    quarantined_rows: int = 0
    sources: Mapping[str, int] = field(default_factory=dict)
    others: Mapping[str, BarColumns] = field(default_factory=dict)
    kept: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GapRange:
    """``bars`` expected bars are missing from ``first`` to ``last`` (starts of bars, both missing)."""

    first: str
    last: str
    bars: int
    sessions: int


@dataclass(frozen=True, slots=True)
class CodeCount:
    """One code: in how many rows, from when to when, the first moments of it, and the first message.

    What is missing has no row: ``missing_sessions`` counts sessions and ``missing_bars`` bars, ``at`` are the starts of
    the first ``ranges``.
    """

    code: str
    severity: str
    rows: int
    first: str
    last: str
    at: tuple[str, ...]
    example: str
    ranges: tuple[GapRange, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """``bars`` of this source stand beside stored ones, and ``differing`` of them have other prices."""

    source: str
    bars: int
    differing: int


@dataclass(frozen=True, slots=True)
class SessionCoverage:
    """Per session, as columns for a picture: its date, bars that were expected in it, and those that are stored."""

    days: tuple[str, ...]
    expected: tuple[int, ...]
    held: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class QualityReport:
    """Times are ISO 8601 in UTC. Bars outside the calendar's sessions are counted and are no gap's remedy."""

    symbol: str
    bar_size: str
    start: str
    end: str
    calendar: str
    bars: int
    expected_bars: int
    missing_bars: int
    bars_outside_sessions: int
    sessions: int
    sessions_without_bars: int
    gaps: tuple[GapRange, ...]
    gaps_left_off: int
    coverage: SessionCoverage
    findings: tuple[CodeCount, ...]
    stale_runs: tuple[GapRange, ...]
    quarantined: Mapping[str, int]
    quarantined_rows: int
    sources: Mapping[str, int]
    compared: tuple[Comparison, ...] = ()
    kept: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As plain dictionaries and lists."""
        return asdict(self)


def build_quality_report(facts: QualityFacts) -> QualityReport:
    """Look at everything. Dividends are held against raw prices; nobody's adjusted series is looked at."""
    starts, session = _expected(facts)
    held = np.isin(starts, facts.bars.time_us)
    gaps = missing_ranges(
        facts.bars.time_us, facts.schedule, facts.bar_size, facts.zone, start_us=facts.start_us, end_us=facts.end_us
    )
    coverage = _coverage(facts.schedule, session, held)
    return QualityReport(
        symbol=facts.symbol,
        bar_size=facts.bar_size.value,
        start=isoformat_z(moment(facts.start_us)),
        end=isoformat_z(moment(facts.end_us)),
        calendar=facts.calendar,
        bars=len(facts.bars),
        expected_bars=len(starts),
        missing_bars=int((~held).sum()),
        bars_outside_sessions=int((~np.isin(facts.bars.time_us, starts)).sum()),
        sessions=len(coverage.days),
        sessions_without_bars=sum(1 for one in coverage.held if one == 0),
        gaps=tuple(_range(one.first_us, one.last_us, one.bars, one.sessions) for one in gaps[:MOST_GAPS]),
        gaps_left_off=max(0, len(gaps) - MOST_GAPS),
        coverage=coverage,
        findings=_ordered([*_counts(check_stored(facts), facts.bars.time_us), *_missing(gaps, facts.bar_size)]),
        stale_runs=tuple(
            _range(int(facts.bars.time_us[a]), int(facts.bars.time_us[b]), b - a + 1, 0)
            for a, b in stale_runs(facts.bars, facts.bar_size)
        ),
        quarantined=dict(facts.quarantined),
        quarantined_rows=facts.quarantined_rows,
        sources=dict(facts.sources),
        compared=tuple(_comparison(facts.bars, *other) for other in facts.others.items()),
        kept=dict(facts.kept),
    )


def check_stored(facts: QualityFacts) -> Findings:
    """Findings by row of the stored bars."""
    bars = facts.bars
    findings = check_series(bars, facts.bar_size)
    if len(bars) == 0:
        return findings
    check_bars(np.c_[bars.prices(), bars.volume], findings)
    ex_zone = "UTC" if facts.bar_size is BarSize.DAY_1 else facts.zone
    adjusted = adjust(bars, facts.actions, Adjustment.SPLIT, ex_closes={}, zone=ex_zone)
    moves = dividend_moves(bars, facts.actions, zone=ex_zone, as_traded=True)
    check_splits(adjusted, facts.actions, findings, dividend_moves=moves, zone=ex_zone)
    check_unrecorded_splits(bars, facts.actions, findings, zone=ex_zone)
    check_others(bars, facts.others, findings)
    if facts.bar_size is not BarSize.DAY_1:
        check_jumps(adjusted, findings)
        check_clock(bars, facts.bar_size, facts.schedule, findings)
    else:
        check_moves(np.arange(len(bars)), adjusted.prices(), findings)
        check_sessions(bars.time_us, facts.schedule.days, facts.calendar, findings)
        check_paid(bars, facts.actions, findings)
        check_amounts(bars, facts.actions, findings)
    return findings


def _comparison(bars: BarColumns, source: str, other: BarColumns) -> Comparison:
    return Comparison(source, int(np.isin(other.time_us, bars.time_us).sum()), len(compare(bars, other)))


def _missing(gaps: Sequence[Gap], bar_size: BarSize) -> list[CodeCount]:
    """The gaps of the picture as findings: whole sessions, and bars within a session."""
    whole, within = [one for one in gaps if one.sessions], [one for one in gaps if not one.sessions]
    sessions, bars = sum(one.sessions for one in whole), sum(one.bars for one in within)
    found = []
    for code, mine, count, what in (
        ("missing_sessions", whole, sessions, "session"),
        ("missing_bars", within, bars, f"{bar_size.value} bar"),
    ):
        if mine:
            ranges = tuple(_range(one.first_us, one.last_us, one.bars, one.sessions) for one in mine[:MOST_MOMENTS])
            first, last = isoformat_z(moment(mine[0].first_us)), isoformat_z(moment(mine[-1].last_us))
            example = _said(mine[0].sessions or mine[0].bars, what, ranges[0], bar_size)
            at = tuple(one.first for one in ranges)
            found.append(CodeCount(code, CODES[code][0].value, count, first, last, at, example, ranges))
    return found


def _said(count: int, what: str, where: GapRange, bar_size: BarSize) -> str:
    """``where`` holds starts of bars; those of days are said without a time of day."""
    first, last = (one[:10] if bar_size is BarSize.DAY_1 else one for one in (where.first, where.last))
    span = first if first == last else f"{first} to {last}"
    return f"{count} {what}{'' if count == 1 else 's'}, {span}"


def _expected(facts: QualityFacts) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    starts, session = expected_starts(facts.schedule, facts.bar_size, facts.zone)
    wanted = (starts >= facts.start_us) & (starts < facts.end_us)
    return starts[wanted], session[wanted]


def _coverage(schedule: Schedule, session: NDArray[np.int64], held: NDArray[np.bool_]) -> SessionCoverage:
    n_sessions = len(schedule.days)
    expected = np.bincount(session, minlength=n_sessions)
    stored = np.bincount(session[held], minlength=n_sessions)
    rows = np.flatnonzero(expected)
    days = tuple(date.fromordinal(date(1970, 1, 1).toordinal() + int(day)).isoformat() for day in schedule.days[rows])
    return SessionCoverage(days, tuple(expected[rows].tolist()), tuple(stored[rows].tolist()))


def _ordered(found: Sequence[CodeCount]) -> tuple[CodeCount, ...]:
    """Errors first, then by count."""
    return tuple(sorted(found, key=lambda one: (one.severity, -one.rows, one.code)))


def _counts(findings: Findings, time_us: NDArray[np.int64]) -> list[CodeCount]:
    rows: dict[str, list[int]] = {}
    examples: dict[str, str] = {}
    for row in sorted(findings.by_row):
        for one in findings.by_row[row]:
            mine = rows.setdefault(one.code, [])
            examples.setdefault(one.code, one.message)
            if not mine or mine[-1] != row:
                mine.append(row)
    found = []
    for code, mine in rows.items():
        at = [isoformat_z(moment(int(time_us[row]))) for row in mine]
        severity = CODES[code][0].value
        found.append(CodeCount(code, severity, len(mine), at[0], at[-1], tuple(at[:MOST_MOMENTS]), examples[code]))
    return found


def _range(first_us: int, last_us: int, bars: int, sessions: int) -> GapRange:
    return GapRange(isoformat_z(moment(first_us)), isoformat_z(moment(last_us)), bars, sessions)
