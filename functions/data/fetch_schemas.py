"""Wire shapes of /v1/data/fetches."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, get_args
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from causeway.model.symbol import SYMBOL_PATTERN
from causeway.web.wire import Moment, Wire
from functions.data.schemas import BarSizeName

ProviderName = Literal["yahoo", "alphavantage", "iqfeed", "alpaca", "files"]
AssetClassName = Literal["equity", "etf", "fx", "crypto", "future", "index"]
AssetClassAsked = Literal["", "equity", "etf", "fx", "crypto", "future", "index"]
FetchState = Literal["queued", "running", "waiting", "succeeded", "partly", "failed", "cancelled"]
OutcomeName = Literal["", "stored", "already_stored", "nothing", "unknown", "refused", "failed"]
RepairsAsked = Literal["none", "also", "only"]


class FetchRequest(Wire):
    """Bars that start in [start, end); without ``end`` up to now. ``symbols`` null: all that have bars of this size.

    Only what is missing is asked for, unless ``again``. ``providers`` in order; empty: those of the settings.
    ``check_against``: bars are held against those of this provider, and a second one settles who is wrong.
    ``patient``: a symbol that the others do not know waits for a provider whose plan is used up.
    ``repairs``: what the provider's own repair would change becomes proposals: ``also`` after the bars, or ``only``, of
    what is stored in the range, and no bar is fetched. Yahoo has one.
    ``asset_class``: of symbols that are new; empty: as the provider says, else by the form of the symbol (``EURUSD=X``,
    ``^GSPC``, ``ES=F``, ``BTC-USD``), else equity.
    ``exchange``: the MIC of symbols that are new, such as XLON; empty: as the provider says.
    """

    name: str = Field(default="", max_length=200, pattern=r"^[^\x00]*$")
    symbols: list[Annotated[str, Field(min_length=1, max_length=32, pattern=SYMBOL_PATTERN)]] | None = Field(
        default=None, min_length=1, max_length=10_000
    )
    bar_size: BarSizeName = "1d"
    start: Moment
    end: Moment | None = None
    providers: list[ProviderName] = Field(default_factory=list, max_length=len(get_args(ProviderName)))
    extended_hours: bool = False
    asset_class: AssetClassAsked = ""
    replace: bool = False
    again: bool = False
    check_against: list[ProviderName] = Field(default_factory=list, max_length=2)
    patient: bool = False
    repairs: RepairsAsked = "none"
    exchange: str = Field(default="", max_length=4, pattern=r"^[A-Za-z0-9]*$")

    @model_validator(mode="after")
    def _in_order(self) -> FetchRequest:
        if self.end is not None and self.end <= self.start:
            raise ValueError(f"end must be after start; found {self.start.isoformat()} to {self.end.isoformat()}")
        return self


class FetchSpec(Wire):
    """What was asked for."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    bar_size: BarSizeName
    start: Moment
    end: Moment | None
    providers: list[str]
    extended_hours: bool
    asset_class: str
    replace: bool
    again: bool
    check_against: list[str] = Field(default_factory=list)
    patient: bool = False
    repairs: RepairsAsked = "none"
    exchange: str = ""


class Fetch(Wire):
    """Where a fetch stands. ``rows_per_s`` and ``eta_s`` are those of the run in progress. Rows add up:
    read = inserted + updated + unchanged + quarantined. ``schedule`` and ``session`` are set where a schedule asked.
    ``first_symbols``: up to four, in the order in which they were asked for. ``waits_until``: when a fetch goes on that
    is waiting for a provider's plan. ``repairs``: proposals that were new. State ``partly``: some symbols failed;
    ``failed``: all did.
    """

    id: UUID
    name: str
    spec: FetchSpec
    state: FetchState
    message: str
    schedule: str
    session: date | None
    retry_of: UUID | None
    progress: float
    rows_per_s: float | None
    eta_s: float | None
    waits_until: Moment | None
    first_symbols: list[str]
    symbols_total: int
    symbols_done: int
    symbols_failed: int
    rows_read: int
    rows_inserted: int
    rows_updated: int
    rows_unchanged: int
    rows_quarantined: int
    holes: int
    repairs: int
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None


class FetchProblem(Wire):
    """Why a symbol failed."""

    code: str
    message: str


class FetchedSymbol(Wire):
    """Where one symbol stands: bars before ``resume`` are stored. ``actions``: splits and dividends that were new;
    ``repairs``: proposals that were new.

    ``outcome`` is empty until it has ended. ``first_bar`` and ``last_bar`` are those that providers gave.
    """

    symbol: str
    state: FetchState
    resume: Moment | None
    pages: int
    rows_read: int
    rows_inserted: int
    rows_updated: int
    rows_unchanged: int
    rows_quarantined: int
    holes: int
    actions: int
    repairs: int
    sources: list[str]
    outcome: OutcomeName
    first_bar: Moment | None
    last_bar: Moment | None
    message: str
    error: FetchProblem | None
    started_at: Moment | None
    finished_at: Moment | None


class FetchDetail(Fetch):
    """A fetch with its symbols, in order."""

    symbols: list[FetchedSymbol]
