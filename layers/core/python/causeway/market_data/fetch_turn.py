"""What passes between the runner of a fetch and the tables behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from causeway.errors import CausewayError
from causeway.market_data.action_checks import ActionFinding
from causeway.market_data.action_repairs import ActionProposal
from causeway.market_data.asset_classes import Kind, kind_of
from causeway.market_data.exchanges import ON_EXCHANGES, Listing, listing_of
from causeway.market_data.fetch_plan import Held, Span
from causeway.market_data.ingestion import CheckedRows, IngestionRequest
from causeway.market_data.repairs import Proposal
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import CorporateAction
from causeway.model.fetch import FetchSpec, Outcome
from causeway.model.instrument import AssetClass
from causeway.model.time import BarSize
from causeway.ports.feed import BarPage, UntimedRow


class TurnOver(CausewayError):  # noqa: N818 - what happened, not what is wrong
    """The symbol is another runner's by now, or its fetch has ended; nothing of the page was stored."""


@dataclass(slots=True)
class Turn:
    """A claimed symbol. ``ranges`` None: not planned yet. Every bar of them before ``resume`` is stored.

    ``errors``: rows of this turn by the error that took them to quarantine.
    """

    symbol: str
    ranges: list[Span] | None
    resume: datetime | None
    errors: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a symbol before it is fetched. ``currency`` is empty where no instrument is stored."""

    kind: Kind
    listing: Listing
    currency: str
    held: Held
    answered: list[Span]

    @property
    def asset_class(self) -> AssetClass:
        """As it is stored, or as it will be."""
        return self.kind.asset_class

    @property
    def calendar(self) -> str:
        """Whose sessions it keeps."""
        return self.listing.calendar

    @property
    def is_new(self) -> bool:
        """Whether no instrument is stored yet."""
        return not self.currency

    @property
    def sessions_come_later(self) -> bool:
        """Whether nobody has said where it trades, and no provider was asked yet."""
        return self.is_new and self.listing.assumed and not self.answered

    def placed(self, symbol: str, page: BarPage, spec: FetchSpec) -> Known:
        """With what it is and where it trades, by what the page says; what is stored stays."""
        if not self.is_new:
            return self
        kind = kind_of(symbol, spec.asset_class, page.asset_class)
        if spec.exchange or not page.exchange or kind.asset_class not in ON_EXCHANGES:
            listing = listing_of(
                symbol, kind.asset_class, exchange=spec.exchange, calendar=page.calendar, currency=page.currency
            )
        else:
            listing = Listing(page.exchange, page.calendar)
        return replace(self, kind=kind, listing=listing)

    def doubts(self, symbol: str, page: BarPage) -> list[str]:
        """A sentence where the provider says other sessions than those that are stored and that nobody named."""
        if self.is_new or self.listing.exchange or page.calendar in ("", self.calendar):
            return []
        named = page.exchange or page.calendar
        return [
            f"{page.source or 'the provider'} says {named}, and sessions of {self.calendar} are stored; correct with: "
            f"causeway symbols set {symbol} --exchange {named}"
        ]


@dataclass(frozen=True, slots=True)
class Page:
    """Checked bars of one symbol, what the provider said beside them, and bars of others by provider.

    The pointer stands at ``expected`` and goes to ``resume``.
    """

    job_id: UUID
    user_id: UUID
    runner: str
    symbol: str
    checked: CheckedRows
    request: IngestionRequest
    holes: Sequence[datetime]
    expected: datetime | None
    resume: datetime
    others: Mapping[str, BarColumns] = field(default_factory=dict)
    untimed: Sequence[UntimedRow] = ()


@dataclass(frozen=True, slots=True)
class SymbolEnd:
    """How a symbol's turn ended: ``error`` says why it failed, ``actions`` are what providers said of it.

    ``source`` is who said so where an action does not name its source itself. ``repairs``, of bars, and
    ``action_repairs`` are proposed, ``findings`` kept beside those on ``actions``.
    """

    job_id: UUID
    user_id: UUID
    runner: str
    symbol: str
    bar_size: BarSize
    filename: str
    source: str
    outcome: Outcome = Outcome.STORED
    notes: Sequence[str] = ()
    error: CausewayError | None = None
    actions: Sequence[CorporateAction] = ()
    repairs: Sequence[Proposal] = ()
    action_repairs: Sequence[ActionProposal] = ()
    findings: Sequence[ActionFinding] = ()
