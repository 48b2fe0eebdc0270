"""What a provider's own repair would change of a symbol, as proposals for what is stored of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from causeway.errors import InvalidInput, NotFound
from causeway.market_data.action_checks import ActionFinding
from causeway.market_data.action_repairs import ActionProposal
from causeway.market_data.fetch_plan import Span
from causeway.market_data.fetch_turn import Known
from causeway.market_data.provider_repairs import HeldBars, action_proposals_of, findings_of, named, proposals_of
from causeway.market_data.repairs import Proposal
from causeway.model.fetch import FetchSpec
from causeway.model.time import BarSize, moment
from causeway.ports.feed import BarsRequest, FetchControl, HistoricalFeed, OfferedRepairs, RepairingFeed

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
Held = Callable[[str, BarSize, Sequence[datetime]], HeldBars]


@dataclass(frozen=True, slots=True)
class Found:
    """``findings`` are on splits and dividends for which nothing is proposed; ``notes`` say how it went."""

    proposals: Sequence[Proposal] = ()
    of_actions: Sequence[ActionProposal] = ()
    findings: Sequence[ActionFinding] = ()
    notes: Sequence[str] = field(default_factory=tuple)


def stored_span(spec: FetchSpec, known: Known, earliest: datetime | None, now: datetime) -> Span | None:
    """The part of the range from the first to the last day of which a bar is stored; None where there is none.

    ``earliest``: where the providers' bars begin, None where there is no limit.
    """
    if not len(known.held.days):
        return None
    first, last = (_EPOCH + int(known.held.days[at]) * _DAY for at in (0, -1))
    start = max(spec.start, first, *([] if earliest is None else [earliest]))
    end = min(spec.end or now, last + _DAY)
    return Span(start, end) if start < end else None


def ask(feed: HistoricalFeed, request: BarsRequest, known: Known, control: FetchControl) -> OfferedRepairs:
    """What the feed offers for a symbol of which ``known`` is stored.

    Raises:
        NotFound: it quotes another currency than what is stored. Otherwise as ``RepairingFeed.repairs``.
    """
    if not isinstance(feed, RepairingFeed):
        raise InvalidInput(f"{feed.name} has no repairs of its own to offer.")
    offered = feed.repairs(request, control)
    if known.currency and offered.currency not in {known.currency, ""}:
        raise NotFound(f"{offered.source} quotes {offered.currency} and not {known.currency}, which is stored")
    return offered


def judge(offered: OfferedRepairs, known: Known, request: BarsRequest, held: Held) -> Found:
    """What of it can be proposed."""
    times = [moment(at) for at in offered.served.time_us.tolist()]
    bars = held(request.symbol, request.bar_size, times)
    proposals = proposals_of(offered, bars, request.bar_size, known.calendar)
    return Found(proposals, action_proposals_of(offered), findings_of(offered), [named(proposals, offered)])
