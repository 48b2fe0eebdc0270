"""Bringing one symbol up to date: plan, pages, corporate actions, and what a provider would repair."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

from causeway.errors import CausewayError, Conflict, InvalidInput, NotFound
from causeway.market_data.asset_classes import notes_on_new
from causeway.market_data.exchanges import check_stored
from causeway.market_data.fetch_outcome import Question, Verdict, judge, worth_waiting_s
from causeway.market_data.fetch_outcome import failed as verdict_on
from causeway.market_data.fetch_plan import Series, Span, done_fraction, plan_all, plan_fetch, remaining
from causeway.market_data.fetch_turn import Known, Page, SymbolEnd, Turn
from causeway.market_data.ingestion import DEFAULT_CURRENCY, CheckOptions, IngestionRequest
from causeway.market_data.judged_blocks import BLOCK_BARS, NEIGHBOURS, Block, cut_anew
from causeway.market_data.page_checks import check_page
from causeway.market_data.sessions import session_days
from causeway.market_data.undo_splits import as_traded
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import CorporateAction
from causeway.model.fetch import FetchSpec, Outcome, Repairs
from causeway.model.instrument import AssetClass
from causeway.model.time import now_utc
from causeway.ports.feed import BarPage, BarsRequest, FetchCancelled, FetchControl, HistoricalFeed, PriceBasis
from containers.ingest import provider_repairs
from containers.ingest.second_opinion import SecondOpinion
from containers.ingest.stored_check import StoredCheck
from containers.ingest.tables import Runs

_log = logging.getLogger(__name__)
_WITH_ACTIONS = {AssetClass.EQUITY, AssetClass.ETF}
_REACH_MARGIN = timedelta(hours=1)  # the request is made a little after the plan
Checkpoint = Callable[[str], None]
AnswerT = TypeVar("AnswerT")


def nothing(_step: str) -> None:
    """The checkpoint outside tests."""


class Halted(Exception):  # noqa: N818 - a request that was granted, not an error
    """A test ended the runner at a named step."""


class Deferred(Exception):  # noqa: N818 - a turn that comes again, not an error
    """Providers allow no more for now, for the reason that ``error`` gives."""

    def __init__(self, error: CausewayError, wait_s: float) -> None:
        super().__init__(error.message)
        self.error, self.wait_s = error, wait_s


class _ProviderFailed(Exception):  # noqa: N818 - carries the error to where it is kept
    def __init__(self, error: CausewayError) -> None:
        super().__init__(error.message)
        self.error = error


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed fetch."""

    id: UUID
    user_id: UUID
    runner: str
    spec: FetchSpec
    name: str
    scheduled: bool = False


@dataclass(slots=True)
class SymbolFetch:
    """One symbol's turn. ``tell(symbol, fraction)`` hears how far it is; bars are held against those of ``checks``.

    ``may_defer(seconds)`` says whether a symbol that is throttled for so long may have its turn again later.
    """

    runs: Runs
    job: Job
    feed: HistoricalFeed
    control: FetchControl
    checkpoint: Checkpoint
    tell: Callable[[str, float], None]
    may_defer: Callable[[float], bool]
    checks: Mapping[str, HistoricalFeed] = field(default_factory=dict)
    block_bars: int = BLOCK_BARS

    def run(self, turn: Turn) -> None:
        """Fetch what is left of it and keep how it ended.

        Raises:
            FetchCancelled: there is no more use for it.
            Deferred: providers throttle for longer than a request waits; the symbol's turn is not over.
            TurnOver: the fetch is another runner's by now, or has ended.
            Unavailable: the database was lost.
        """
        notes: list[str] = []
        actions: Sequence[CorporateAction] = ()
        repairs = provider_repairs.Found()
        try:
            known = self.runs.known(turn.symbol, self.job.spec)
            check_stored(turn.symbol, known.listing, "" if known.is_new else self.job.spec.exchange)
            known = self._bars(turn, known, notes)
            if (
                self.checks and not self.job.scheduled
            ):  # a schedule checks what comes, as its checks cost requests daily
                StoredCheck(self.runs, self._opinion()).run(turn.symbol, self._wanted(), known, notes)
            verdict = self._verdict(turn, known)
            if verdict.error is None:
                actions = self._actions(turn, known, notes)
                repairs = self._repairs(turn, notes)
        except _ProviderFailed as failed:
            wait_s = worth_waiting_s(failed.error, patient=self.job.spec.patient)
            if wait_s is not None and self.may_defer(wait_s):
                raise Deferred(failed.error, wait_s) from failed
            verdict = verdict_on(failed.error)
        except (InvalidInput, NotFound, Conflict) as refused:  # the page cannot be stored; others can
            verdict = Verdict(Outcome.FAILED, "", refused)
        self.checkpoint("before the end of a symbol")
        self.runs.finish_symbol(self._end(turn, notes, verdict, actions, repairs))
        self.tell(turn.symbol, 1.0)
        self.checkpoint("symbol ended")

    def _verdict(self, turn: Turn, known: Known) -> Verdict:
        question = self._question(turn, known)
        if self.job.spec.repairs is Repairs.ONLY and self._stored_span(known) is None:
            start, end = question.wanted.start, question.wanted.end
            span = f"from {start:%Y-%m-%d} to {end:%Y-%m-%d}"
            said = f"no {question.bar_size} bar is stored {span} that could be repaired; fetch some first"
            return Verdict(Outcome.NOTHING, "", NotFound(said))
        return judge(question, replace(self.runs.counts(self.job.id, turn.symbol), errors=turn.errors))

    def _question(self, turn: Turn, known: Known) -> Question:
        spec, now = self.job.spec, now_utc()
        wanted = self._wanted()
        ranges, reaches = turn.ranges or (), self._reaches(now)
        return Question(
            spec.bar_size, wanted, ranges, known.held, self.feed.name.split(","), known.calendar, now, reaches
        )

    def _wanted(self) -> Span:
        return Span(self.job.spec.start, self.job.spec.end or now_utc())

    def _bars(self, turn: Turn, known: Known, notes: list[str]) -> Known:
        """What is known of the symbol afterwards."""
        if turn.ranges is None:
            remarks: list[str] = []
            turn.ranges = self._plan(known, remarks)
            self.runs.save_plan(self.job.id, turn.symbol, turn.ranges, "; ".join(remarks))
        self.checkpoint("planned")
        for span in remaining(turn.ranges, turn.resume):
            pages = self._pages(turn, span, known)
            for block in cut_anew(pages, size=self.block_bars, kept_at=(_ProviderFailed,)):
                known = known.placed(turn.symbol, block.page, self.job.spec)
                notes.extend(one for one in known.doubts(turn.symbol, block.page) if one not in notes)
                page = self._checked(turn, block, known, notes)
                self.runs.store_page(page)
                turn.errors.update(page.checked.findings.error_codes())
                turn.resume = page.resume
                if known.is_new and len(page.checked.accepted):
                    known = replace(known, currency=page.request.currency)
                    notes.extend(notes_on_new([turn.symbol], known.kind, known.listing))
                self.checkpoint("page stored")
        return known

    def _plan(self, known: Known, remarks: list[str]) -> list[Span]:
        spec, now = self.job.spec, now_utc()
        series = Series(spec.bar_size, known.calendar, spec.extended_hours)
        reaches = self._reaches(now) or spec.start
        wanted = Span(max(spec.start, reaches), spec.end or now + timedelta(days=1))
        if spec.repairs is Repairs.ONLY or wanted.end <= wanted.start:
            return []
        if known.sessions_come_later and known.asset_class is AssetClass.INDEX:
            return [Span(wanted.start, min(wanted.end, now))] if wanted.start < now else []
        if reaches > spec.start:
            remarks.append(f"bars of {spec.bar_size} reach back to {reaches.date()} at the providers")
        if spec.again:
            return plan_all(series, wanted, now)
        return plan_fetch(series, wanted, known.held, now, known.answered)

    def _reaches(self, now: datetime) -> datetime | None:
        """How far the providers go back; None where there is no limit."""
        reach = self.feed.offer.reach_of(self.job.spec.bar_size)
        return None if reach is None else now - reach + _REACH_MARGIN

    def _pages(self, turn: Turn, span: Span, known: Known) -> Iterator[BarPage]:
        """As traded, each with its source."""
        spec = self.job.spec
        request = BarsRequest(turn.symbol, spec.bar_size, span.start, span.end, spec.extended_hours)
        pages = self.feed.bars(request, self.control)
        while True:
            self.control.check()
            page = self._asked(turn.symbol, lambda: next(pages, None))
            if page is None:
                return
            self.checkpoint("page fetched")
            self.tell(turn.symbol, min(done_fraction(turn.ranges or (), page.resume), 0.999))
            calendar = known.placed(turn.symbol, page, spec).calendar
            bars = as_traded(page.bars, page.basis, page.splits, spec.bar_size, calendar)
            yield replace(page, bars=bars, basis=PriceBasis.RAW, splits=(), source=page.source or self.feed.name)

    def _checked(self, turn: Turn, block: Block, known: Known, notes: list[str]) -> Page:
        bar_size, page = self.job.spec.bar_size, block.page
        before, after = self.runs.neighbours(self.job.user_id, turn.symbol, page.bars, bar_size, NEIGHBOURS)
        others = self._others(turn.symbol, page, known, notes)
        checked = check_page(
            turn.symbol,
            page.bars,
            bar_size,
            CheckOptions(now_utc(), bar_size, calendar=known.calendar),
            session_days,
            around=(before, block.after if len(block.after) else after),
            others=others,
            currencies=(page.currency, known.currency),
        )
        request = IngestionRequest(
            filename=self._filename(),
            source=page.source,
            bar_size=bar_size,
            asset_class=known.asset_class,
            replace=self.job.spec.replace,
            currency=page.currency or DEFAULT_CURRENCY,
            exchange=known.listing.exchange,
            calendar=known.calendar,
        )
        return Page(
            job_id=self.job.id,
            user_id=self.job.user_id,
            runner=self.job.runner,
            symbol=turn.symbol,
            checked=checked,
            request=request,
            holes=page.holes,
            expected=turn.resume,
            resume=page.resume,
            others=others,
            untimed=page.untimed,
        )

    def _others(self, symbol: str, page: BarPage, known: Known, notes: list[str]) -> dict[str, BarColumns]:
        if not self.checks or not len(page.bars):
            return {}
        return self._opinion().ask(symbol, page, known.calendar, notes)

    def _opinion(self) -> SecondOpinion:
        return SecondOpinion(self.checks, self.job.spec, self.control)

    def _filename(self) -> str:
        return f"fetch {self.job.name or self.job.id}"

    def _end(
        self,
        turn: Turn,
        notes: Sequence[str],
        verdict: Verdict,
        actions: Sequence[CorporateAction],
        repairs: provider_repairs.Found,
    ) -> SymbolEnd:
        return SymbolEnd(
            job_id=self.job.id,
            user_id=self.job.user_id,
            runner=self.job.runner,
            symbol=turn.symbol,
            bar_size=self.job.spec.bar_size,
            filename=self._filename(),
            source=self.feed.name,
            outcome=verdict.outcome,
            notes=[note for note in (verdict.message, *notes, *repairs.notes) if note],
            error=verdict.error,
            actions=actions,
            repairs=repairs.proposals,
            action_repairs=repairs.of_actions,
            findings=repairs.findings,
        )

    def _actions(self, turn: Turn, known: Known, notes: list[str]) -> Sequence[CorporateAction]:
        spec = self.job.spec
        if not turn.ranges or not self.feed.offer.corporate_actions or known.asset_class not in _WITH_ACTIONS:
            return ()
        try:
            found = self._asked(turn.symbol, lambda: self._ask_actions(turn.symbol, spec.start))
        except _ProviderFailed as failed:
            if not isinstance(failed.error, InvalidInput | NotFound):
                raise
            notes.append(f"no corporate actions: {failed.error.message}")
            return ()
        self.checkpoint("actions fetched")
        return found

    def _repairs(self, turn: Turn, notes: list[str]) -> provider_repairs.Found:
        spec, known = self.job.spec, self.runs.known(turn.symbol, self.job.spec)
        span = self._stored_span(known)
        if spec.repairs is Repairs.NONE or span is None:
            return provider_repairs.Found()
        request = BarsRequest(turn.symbol, spec.bar_size, span.start, span.end, spec.extended_hours)
        try:
            offered = self._asked(turn.symbol, lambda: provider_repairs.ask(self.feed, request, known, self.control))
            self.checkpoint("repairs fetched")
            return provider_repairs.judge(offered, known, request, partial(self.runs.held, self.job.user_id))
        except _ProviderFailed as failed:
            if spec.repairs is Repairs.ONLY or not isinstance(failed.error, InvalidInput | NotFound):
                raise
            notes.append(f"no repairs: {failed.error.message}")
            return provider_repairs.Found()

    def _stored_span(self, known: Known) -> Span | None:
        now = now_utc()
        return provider_repairs.stored_span(self.job.spec, known, self._reaches(now), now)

    def _ask_actions(self, symbol: str, start: datetime) -> Sequence[CorporateAction]:
        return self.feed.actions(symbol, start.date(), _today(), self.control)

    def _asked(self, symbol: str, ask: Callable[[], AnswerT]) -> AnswerT:
        """A provider's errors are kept apart from the database's."""
        try:
            return ask()
        except (FetchCancelled, Halted):
            raise
        except CausewayError as error:
            raise _ProviderFailed(error) from error
        except Exception as error:
            _log.exception("fetching %s failed", symbol)
            cause = CausewayError("something went wrong inside; the log of the runner has the cause")
            raise _ProviderFailed(cause) from error


def _today() -> date:
    return now_utc().date()
