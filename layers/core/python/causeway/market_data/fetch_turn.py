"""What passes between the runner of a fetch and the tables behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from causeway.errors import CausewayError
from causeway.market_data.action_checks import ActionFinding
from causeway.market_data.fetch_plan import Held, Span
from causeway.market_data.ingestion import CheckedRows, IngestionRequest
from causeway.market_data.repairs import Proposal
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import CorporateAction
from causeway.model.fetch import Outcome
from causeway.model.time import BarSize
from causeway.ports.feed import UntimedRow


class TurnOver(CausewayError):  # noqa: N818 - what happened, not what is wrong
    """The symbol is another runner's by now, or its fetch has ended; nothing of the page was stored."""


@dataclass(slots=True)
class Turn:
    """A claimed symbol. ``ranges`` None: not planned yet. Every bar of them before ``resume`` is stored."""

    symbol: str
    ranges: list[Span] | None
    resume: datetime | None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a symbol before it is fetched. ``currency`` is empty where no instrument is stored."""

    calendar: str
    currency: str
    held: Held
    answered: list[Span]


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

    ``source`` is who said so where an action does not name its source itself. ``repairs`` are proposed, ``findings``
    kept beside those on ``actions``.
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
    findings: Sequence[ActionFinding] = ()
