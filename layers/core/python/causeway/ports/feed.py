"""Providers of market data. Implementations: Yahoo, Alpha Vantage, IQFeed, Alpaca, files.

A provider hands over what it says, normalised in form only: our spelling of symbols, UTC, bars stamped with their
start, prices in the instrument's currency. It repairs nothing and fills nothing. The numbered cases that each must
pass: docs/contracts/feed.md, ``tests/contract/feed``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, runtime_checkable

from causeway.errors import CausewayError
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind, CorporateAction
from causeway.model.instrument import AssetClass
from causeway.model.tick import PriceBands, QuoteTick, TickColumns, TradeCorrection, TradeTick, TradingStatus
from causeway.model.time import BarSize


class FetchCancelled(Exception):  # noqa: N818 - a request that was granted, not an error
    """``FetchControl.should_stop`` said so; what was yielded before is whole."""


def _never() -> bool:
    return False


def _ignore(_text: str) -> None:
    return None


def _ignore_failure(_provider: str, _error: CausewayError) -> None:
    return None


def _ignore_wait(_seconds: float, _why: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class FetchControl:
    """How a caller follows and ends a fetch.

    ``say`` is told what went otherwise than usual. ``failed`` is told of each provider that could not answer, by its
    name, when the next one is asked or none is left. ``waits`` is told, in the thread that waits, for how many seconds
    and why; 0 once it goes on.
    """

    should_stop: Callable[[], bool] = _never
    say: Callable[[str], None] = _ignore
    failed: Callable[[str, CausewayError], None] = _ignore_failure
    waits: Callable[[float, str], None] = _ignore_wait

    def check(self) -> None:
        """Raises FetchCancelled once the caller wants no more."""
        if self.should_stop():
            raise FetchCancelled


class PriceBasis(StrEnum):
    """RAW: as traded. SPLIT: divided by every later split, as Yahoo's are; undone before anything is stored."""

    RAW = "raw"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class BarsRequest:
    """Bars of one symbol that start in [start, end); aware times. Without ``extended_hours`` the regular session."""

    symbol: str
    bar_size: BarSize
    start: datetime
    end: datetime
    extended_hours: bool = False


@dataclass(frozen=True, slots=True)
class UntimedRow:
    """A row of a file that cannot be placed in time: ``line`` of ``file``, its cells by column, and why.

    ``reasons`` are codes and messages as those of the checks; ``time`` is what stands in the place of the time.
    """

    file: str
    line: int
    time: str
    cells: tuple[tuple[str, str], ...]
    reasons: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class BarPage:
    """Some bars of a request, ascending.

    ``resume``: every bar that starts before it has been handed over, so a fetch that was cut short goes on with
    ``start=resume``. ``holes``: starts of bars that the provider lists without values; they are not among ``bars``.
    ``splits``: where ``basis`` is SPLIT, all splits since the first bar up to today, as the provider applied them.
    ``untimed``: rows of files without a time, which belong to no range; the same ones may come with every request.
    ``source``: the provider, where several stand behind the feed that was asked; empty: that feed itself.
    ``exchange``: the MIC of the listing, and ``calendar``: the name of the exchange calendar that it keeps; each empty
    where the provider does not say. ``asset_class``: what the instrument is, where it says so.
    """

    bars: BarColumns
    resume: datetime
    basis: PriceBasis = PriceBasis.RAW
    currency: str = ""
    holes: tuple[datetime, ...] = ()
    splits: tuple[CorporateAction, ...] = ()
    source: str = ""
    untimed: tuple[UntimedRow, ...] = ()
    exchange: str = ""
    calendar: str = ""
    asset_class: AssetClass | None = None


@dataclass(frozen=True, slots=True)
class FeedOffer:
    """What a provider offers. ``reach`` is how far back a bar size goes; one that is missing goes back for ever.

    ``some_symbols``: that it lacks a symbol does not say that there is none, as with a directory of files.
    ``repairs``: the feed is a ``RepairingFeed``, and of some use as one.
    """

    bar_sizes: frozenset[BarSize]
    corporate_actions: bool = False
    live: bool = False
    needs_key: bool = False
    repairs: bool = False
    reach: tuple[tuple[BarSize, timedelta], ...] = ()
    some_symbols: bool = False

    def reach_of(self, bar_size: BarSize) -> timedelta | None:
        """How far back bars of this size go; None: for ever."""
        return dict(self.reach).get(bar_size)


class HistoricalFeed(Protocol):
    """Bars and corporate actions of the past. Safe to share between threads."""

    name: str
    offer: FeedOffer

    def bars(self, request: BarsRequest, control: FetchControl) -> Iterator[BarPage]:
        """Pages in order, without overlap; a bar that is still forming is not handed over.

        Throttles and failures are tried again within the provider's budget of time, then raised.

        Raises:
            InvalidInput: the bar size is not offered, or reaches further back than the provider does.
            NotFound: the provider knows no such symbol.
            Denied: the key is wrong, or the plan does not cover this.
            TooMany: throttled for longer than the budget; ``retry_after_s`` says until when.
            Unavailable: no answer, or none that could be read.
            FetchCancelled: the caller wants no more.
        """
        ...

    def actions(self, symbol: str, first: date, last: date, control: FetchControl) -> Sequence[CorporateAction]:
        """Splits and dividends with first <= ex-date <= last, ascending; dividends as paid per share on that day.

        A feed that stands for several says at each action who answered.

        Raises:
            InvalidInput: the provider has none to offer. Otherwise as ``bars``.
        """
        ...


@dataclass(frozen=True, slots=True)
class ActionRepair:
    """A split or dividend as ``actions`` hands it over and as it would be repaired; 0 where there is none."""

    kind: ActionKind
    ex_date: date
    served: Decimal
    proposed: Decimal
    flaw: str


@dataclass(frozen=True, slots=True)
class OfferedRepairs:
    """Bars that a provider's own repair would change. Nothing is changed.

    Row by row and ascending: a bar as ``bars`` hands it over, with NaN where the provider has no value, the same bar
    repaired, the ``flaws`` in the provider's words, and their ``codes`` as in ``market_data.findings``, empty where
    there is none. ``basis``, ``currency`` and ``splits`` as in ``BarPage``, of both. ``by`` is what repairs, with its
    version. ``source``: as in ``BarPage``.
    """

    by: str
    served: BarColumns
    proposed: BarColumns
    flaws: tuple[str, ...]
    codes: tuple[str, ...]
    basis: PriceBasis = PriceBasis.RAW
    currency: str = ""
    splits: tuple[CorporateAction, ...] = ()
    actions: tuple[ActionRepair, ...] = ()
    source: str = ""


@runtime_checkable
class RepairingFeed(Protocol):
    """A provider whose flaws are known, and repaired by somebody who knows them. Optional."""

    name: str
    offer: FeedOffer

    def repairs(self, request: BarsRequest, control: FetchControl) -> OfferedRepairs:
        """What would be repaired in the bars of ``request``, judged by all of them.

        Raises:
            InvalidInput: nobody repairs, or as ``HistoricalFeed.bars``. Otherwise as ``HistoricalFeed.bars``.
        """
        ...


@runtime_checkable
class TradeHistory(Protocol):
    """Trades of the past, where a provider has them."""

    name: str

    def trades(self, symbol: str, start: datetime, end: datetime, control: FetchControl) -> Iterator[TickColumns]:
        """Trades in [start, end), ascending, page by page.

        Raises:
            As ``HistoricalFeed.bars``.
        """
        ...


class Connection(StrEnum):
    UP = "up"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class ConnectionChange:
    """The live connection came up or was lost. ``at`` is wall time; ``reason`` is for people.

    After LOST and UP, trades between the two were missed: ``adapters.feeds.gap_backfill`` fetches them from history.
    """

    state: Connection
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SymbolRefused:
    """The provider will not stream this symbol, and why. The others go on."""

    symbol: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that could not be read; it was dropped, the stream goes on. ``text`` holds its first characters."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class MissedTrades:
    """Trades of ``symbol`` in [start, end) were missed while the connection was down, and history has not got them."""

    symbol: str
    start: datetime
    end: datetime
    reason: str


LONGEST_GAP = timedelta(minutes=15)  # trades of a longer one are not asked for


@dataclass(frozen=True, slots=True)
class Gap:
    """The stream did not tell the trades of ``symbol`` in [start, end); ``start`` None: since whatever is stored last.

    ``trades``: they are being fetched and will be told before newer ones, then GapFilled or MissedTrades follows. Where
    it is False nobody fetches them: whoever keeps bars reads those of this time from history.
    """

    symbol: str
    start: datetime | None
    end: datetime
    trades: bool


@dataclass(frozen=True, slots=True)
class GapFilled:
    """The last gap of ``symbol`` is over: its trades were told."""

    symbol: str


FeedEvent = (
    TradeTick
    | QuoteTick
    | TradeCorrection
    | TradingStatus
    | PriceBands
    | ConnectionChange
    | SymbolRefused
    | Unreadable
    | MissedTrades
    | Gap
    | GapFilled
)


class LiveFeed(Protocol):
    """Trades and quotes as they happen. One thread iterates ``events``; any may call ``subscribe``.

    ``tells_halts``: it tells of every halt while it is connected.
    """

    name: str
    tells_halts: bool

    def subscribe(self, symbols: Collection[str]) -> None:
        """From now on stream exactly these. Before ``events`` runs it only takes note."""
        ...

    def events(self, should_stop: Callable[[], bool], timeout_s: float) -> Iterator[FeedEvent | None]:
        """Connect and yield events, None each time ``timeout_s`` passes quietly. Reconnects and resubscribes by itself.

        Ends soon after ``should_stop``; closes the connection when it ends or is closed.

        Raises:
            Denied: the key is wrong, or the plan does not cover the stream; trying again would not help.
        """
        ...
