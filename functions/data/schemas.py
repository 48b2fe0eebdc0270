"""Wire shapes of /v1/data."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from causeway.model.symbol import SYMBOL_PATTERN
from causeway.web.wire import Amount, Moment, Wire

BarSizeName = Literal["1s", "5s", "1m", "5m", "15m", "1h", "1d"]
BarSizeOrAuto = Literal["auto", "1s", "5s", "1m", "5m", "15m", "1h", "1d"]
AdjustmentName = Literal["raw", "split", "total"]


class Symbol(Wire):
    """A ticker that is current now, with what is stored for it. ``time_zone`` is that of its exchange's sessions."""

    symbol: str
    instrument_id: int
    name: str
    exchange: str
    asset_class: str
    currency: str
    time_zone: str
    bar_sizes: list[str]


class SymbolSpan(Wire):
    """``symbol`` meant the instrument in [valid_from, valid_to); null: from ever, until now."""

    symbol: str
    instrument_id: int
    valid_from: Moment | None
    valid_to: Moment | None


class Bar(Wire):
    """``time`` is the bar's start; prices are floats in the instrument's currency."""

    time: Moment
    open: float
    high: float
    low: float
    close: float
    volume: float


class Bars(Wire):
    symbol: str
    bar_size: BarSizeName
    adjustment: AdjustmentName
    bars: list[Bar]
    next_cursor: str | None = None


class SeriesBars(Wire):
    symbol: str
    bars: list[Bar]


class SeveralBars(Wire):
    """Symbols come in the order that they were asked for; those that the page did not reach are left out."""

    bar_size: BarSizeName
    adjustment: AdjustmentName
    series: list[SeriesBars]
    next_cursor: str | None = None


class Gap(Wire):
    """Sessions in a row without a bar: their first and last date."""

    first: date
    last: date
    sessions: int


class StandIn(Wire):
    """No bar of the series starts in [first, until), as none was to be had; those of ``of_size`` stand in."""

    first: Moment
    until: Moment
    of_size: BarSizeName
    reason: str


class SeriesCoverage(Wire):
    """What is stored of one symbol at one bar size, and the sessions between its ends that are missing."""

    symbol: str
    bar_size: BarSizeName
    start: Moment
    end: Moment
    bars: int
    missing_sessions: int
    gaps: list[Gap]
    stand_ins: list[StandIn]


class Coverage(Wire):
    """What is stored of one symbol at one bar size. ``expected_bars`` counts the calendar's sessions (daily only)."""

    symbol: str
    bar_size: BarSizeName
    start: Moment
    end: Moment
    bars: int
    expected_bars: int | None
    missing_bars: int | None
    quarantined: int


class Quote(Wire):
    symbol: str
    bid: Amount
    ask: Amount
    last: Amount
    volume: Amount
    market_time: Moment
    received_at: Moment
    source: str


class TradingStatus(Wire):
    """The last known state of trading in a symbol; null where nothing was said. ``lower`` and ``upper`` are the bands
    that trades must lie between."""

    symbol: str
    halted: bool
    code: str
    reason: str
    status_time: Moment | None
    lower: Amount | None
    upper: Amount | None
    bands_time: Moment | None
    received_at: Moment
    source: str


class FeedReport(Wire):
    """The live feed and what it counted; ``feed`` is empty where none streams.

    ``counts`` are of the process that began at ``started_at``. ``totals`` are of that process and of those before it,
    from ``since`` on, without levels; a replay in between begins them anew.
    """

    feed: str
    running: bool
    updated_at: Moment
    started_at: Moment | None
    counts: dict[str, int]
    since: Moment | None
    totals: dict[str, int]


class MarketClock(Wire):
    mode: Literal["replay", "live", "closed"]
    market_time: Moment | None
    speed: float
    updated_at: Moment


class FindingCount(Wire):
    """In how many rows a code was found. Rows with an error are in quarantine; rows with a warning were stored."""

    code: str
    severity: Literal["error", "warning"]
    rows: int
    example: str


class ReplayRequest(Wire):
    """What the replay shall do. ``start`` without a day goes on from where it stands; without a speed it keeps its
    speed (market seconds per wall second); without symbols it keeps its symbols.
    """

    action: Literal["start", "stop"] = "start"
    day: date | None = None
    speed: float | None = Field(default=None, gt=0, le=23_400)
    symbols: list[Annotated[str, Field(max_length=32, pattern=SYMBOL_PATTERN)]] = Field(
        default_factory=list, max_length=500
    )


class Ingestion(Wire):
    """One file taken in. Counts add up: read = inserted + updated + unchanged + quarantined. ``notes``: what was
    assumed of symbols that were new."""

    id: UUID
    source: str
    filename: str
    bar_size: str
    column_mapping: dict[str, str]
    state: Literal["running", "done", "failed"]
    rows_read: int
    rows_inserted: int
    rows_updated: int
    rows_unchanged: int
    rows_quarantined: int
    symbols_count: int
    findings: list[FindingCount]
    notes: list[str]
    error: dict[str, object] | None
    created_at: Moment
    finished_at: Moment | None


class QuarantineReason(Wire):
    code: str
    severity: Literal["error", "warning"]
    message: str


class QuarantinedRow(Wire):
    """``repaired_at``: when an accepted repair stored it; the row stays as it came."""

    id: int
    ingestion_id: UUID
    row_number: int
    symbol: str
    bar_size: str
    row_time: str
    raw: dict[str, object]
    reasons: list[QuarantineReason]
    created_at: Moment
    repaired_at: Moment | None


class CorporateAction(Wire):
    """``value``: new shares per old share of a split, cash per share of a dividend."""

    symbol: str
    kind: Literal["split", "dividend"]
    ex_date: date
    value: Amount = Field(gt=0)


class CorporateActionsRequest(Wire):
    """All are stored or none. An action that is stored with another value is a conflict unless ``replace``."""

    source: str = Field(min_length=1, max_length=100, pattern=r"^[^\x00]*$")
    actions: list[CorporateAction] = Field(min_length=1, max_length=10_000)
    replace: bool = False


class ActionFinding(Wire):
    """What the stored bars, or the other actions, say of one that was sent. It was stored all the same."""

    symbol: str
    kind: Literal["split", "dividend"]
    ex_date: date
    value: str
    code: str
    severity: Literal["error", "warning"]
    message: str


class CorporateActionsStored(Wire):
    """``changed`` counts actions that are new or have a new value."""

    received: int
    changed: int
    findings: list[ActionFinding]


class IdentityRow(Wire):
    """A row of a map: a company's first row has its first day, each later one the last day of a ticker."""

    company: str = Field(min_length=1, max_length=64, pattern=r"^[^\x00,]*$")
    date: date
    ticker: str = Field(min_length=1, max_length=32, pattern=r"^[^\x00,]*$")


class IdentityRequest(Wire):
    """Tickers over time, in the manner of LEAN's map files: 2050-12-31 means still. Rows of a company ascend."""

    source: str = Field(default="api", min_length=1, max_length=100, pattern=r"^[^\x00]*$")
    rows: list[IdentityRow] = Field(min_length=2, max_length=100_000)


class IdentityImported(Wire):
    """What was changed; all zero where it was known before. ``findings``, each with its code: corporate actions that
    two instruments of one company had with different values, and which was kept; days that two companies name for one
    ticker."""

    companies: int
    new_instruments: int
    bars_moved: int
    actions_moved: int
    symbols_changed: int
    findings: list[str]
