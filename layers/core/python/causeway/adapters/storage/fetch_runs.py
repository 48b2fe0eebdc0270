"""Running fetches, as the runner sees them: claim, plan, pages, end.

A page's bars, its counts and the pointer behind it are one transaction, and that transaction is refused where the fetch
is no longer this runner's: killed anywhere, the next runner goes on from the last page that was stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import chain
from typing import Literal
from uuid import UUID, uuid4

import numpy as np

from causeway.adapters.storage.database import Database, Row, Transaction
from causeway.adapters.storage.fetch_ingestions import end_ingestions
from causeway.adapters.storage.fetch_store import as_jsonb, audit, stored_symbols
from causeway.adapters.storage.fetched_page import FetchedPage
from causeway.adapters.storage.repair_store import held_bars
from causeway.adapters.storage.second_source_store import keep_bars, neighbours, own_bars, unchecked_bars
from causeway.adapters.storage.symbol_end import end_symbol
from causeway.errors import NotFound
from causeway.market_data.asset_classes import Kind, kind_of
from causeway.market_data.exchanges import Listing, listing_of
from causeway.market_data.fetch_outcome import Received
from causeway.market_data.fetch_plan import Held, Span, settled
from causeway.market_data.fetch_turn import Known, Page, SymbolEnd, Turn
from causeway.market_data.provider_repairs import HeldBars
from causeway.model.bar import BarColumns
from causeway.model.fetch import FetchSpec
from causeway.model.instrument import AssetClass
from causeway.model.time import BarSize, isoformat_z

ANSWER_DAYS = 30  # so long a provider's answer counts: what it lacked is not asked for again
Ended = Literal["succeeded", "partly", "failed", "cancelled"]


class FetchRuns:
    """Runs as the service role: it sees every user's fetches."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def close(self) -> None:
        """Close every connection."""
        self._database.close()

    def claim(self, runner: str, ttl_s: float, fetch_id: UUID | None = None) -> Row | None:
        """Take ``fetch_id``, or the oldest fetch, that waits or whose runner has been silent for ``ttl_s``."""
        with self._database.transaction() as transaction:
            row = transaction.one("fetch_claim", runner=runner, ttl_s=ttl_s, id=fetch_id)
            if row is not None:
                transaction.run("fetch_symbols_release", job_id=row["id"])
                detail = {"attempt": row["attempt"]}
                audit(transaction, row["user_id"], row["id"], f"runner:{runner}", "fetch.started", detail)
        return row

    def state(self, fetch_id: UUID) -> str:
        """Raises NotFound."""
        with self._database.transaction() as transaction:
            row = transaction.one("fetch_state", id=fetch_id)
        if row is None:
            raise NotFound(f"there is no fetch {fetch_id}")
        return str(row["state"])

    def heartbeat(
        self,
        fetch_id: UUID,
        runner: str,
        *,
        progress: float,
        rows_per_s: float | None,
        eta_s: float | None,
        message: str,
    ) -> bool | None:
        """Whether cancellation was requested; None when the fetch is no longer this runner's."""
        with self._database.transaction() as transaction:
            row = transaction.one(
                "fetch_heartbeat",
                id=fetch_id,
                runner=runner,
                progress=progress,
                rows_per_s=rows_per_s,
                eta_s=eta_s,
                message=message,
            )
        return None if row is None else bool(row["cancel"])

    def totals(self, fetch_id: UUID) -> Row:
        """total, ended, failed and unchanged symbols, rows read, stored and quarantined, and one of the reasons."""
        with self._database.transaction() as transaction:
            return transaction.all("fetch_totals", job_id=fetch_id)[0]

    def behind(self, fetch_id: UUID) -> list[str]:
        """Symbols of a schedule's fetch that have no bar of its session yet, though a provider answered."""
        with self._database.transaction() as transaction:
            return [row["symbol"] for row in transaction.all("fetch_behind", id=fetch_id)]

    def next_symbol(self, fetch_id: UUID) -> Turn | None:
        """Take the next symbol; None when none waits."""
        with self._database.transaction() as transaction:
            row = transaction.one("fetch_symbol_claim", job_id=fetch_id)
        if row is None:
            return None
        return Turn(row["symbol"], None if row["ranges"] is None else _spans(row["ranges"]), row["resume"])

    def known(self, symbol: str, spec: FetchSpec) -> Known:
        """What is stored of a symbol, and what providers answered lately.

        Raises:
            InvalidInput: the exchange that was named is not one on which a symbol of this form trades.
        """
        with self._database.transaction() as transaction:
            found = transaction.one("fetch_calendar", symbol=symbol)
            years = transaction.all("market_data_coverage_map", symbols=[symbol], bar_size=spec.bar_size.value)
            answered = transaction.all(
                "fetch_answered",
                symbol=symbol,
                days=ANSWER_DAYS,
                bar_size=spec.bar_size.value,
                extended_hours=as_jsonb(spec.extended_hours),
                providers=as_jsonb(list(spec.providers)),
            )
        if found:
            kind, listing = Kind(AssetClass(found["asset_class"])), Listing(found["exchange"], found["calendar"])
        else:
            kind = kind_of(symbol, spec.asset_class)
            listing = listing_of(symbol, kind.asset_class, exchange=spec.exchange)
        spans = [settled(_spans(row["ranges"]), row["finished_at"]) for row in answered]
        return Known(kind, listing, found["currency"] if found else "", _held(years), list(chain.from_iterable(spans)))

    def save_plan(self, fetch_id: UUID, symbol: str, ranges: Sequence[Span], message: str) -> None:
        """Keep what will be asked for, so that whoever goes on asks for the same, and a remark on it."""
        stored = [[isoformat_z(span.start), isoformat_z(span.end)] for span in ranges]
        with self._database.transaction() as transaction:
            transaction.run(
                "fetch_symbol_plan", job_id=fetch_id, symbol=symbol, ranges=as_jsonb(stored), message=message
            )

    def store_page(self, page: Page) -> None:
        """Raises TurnOver where the fetch is another runner's by now, or has ended."""
        with self._database.transaction() as transaction:
            FetchedPage(page).store(transaction)

    def neighbours(
        self, user_id: UUID, symbol: str, bars: BarColumns, bar_size: BarSize, most: int
    ) -> tuple[BarColumns, BarColumns]:
        """At most ``most`` bars before the first of ``bars``, and after the last, those in quarantine among them."""
        if not len(bars):
            return bars, bars
        with self._database.transaction() as transaction:
            span = int(bars.time_us[0]), int(bars.time_us[-1])
            return neighbours(transaction, user_id, symbol, span, bar_size, most)

    def unchecked(self, symbol: str, bar_size: BarSize, source: str, span: Span, most: int) -> BarColumns:
        """The last stored bars of ``span``, ascending, that ``source`` neither brought nor was asked about."""
        with self._database.transaction() as transaction:
            return unchecked_bars(transaction, symbol, bar_size, source, span, most)

    def own_bars(self, symbol: str, bar_size: BarSize, source: str, span: Span) -> int:
        """How many stored bars of ``span`` are the provider's own."""
        with self._database.transaction() as transaction:
            return own_bars(transaction, symbol, bar_size, source, span)

    def keep_others(self, symbol: str, bar_size: BarSize, source: str, bars: BarColumns) -> None:
        """Keep bars of ``source`` beside the stored ones."""
        with self._database.transaction() as transaction:
            keep_bars(transaction, symbol, bar_size, source, bars)

    def held(self, user_id: UUID, symbol: str, bar_size: BarSize, times: Sequence[datetime]) -> HeldBars:
        """What is stored at these times, or in the user's quarantine."""
        with self._database.transaction() as transaction:
            return held_bars(transaction, user_id, symbol, bar_size, times)

    def finish_symbol(self, end: SymbolEnd) -> None:
        """A symbol's turn is over. New actions are stored; findings on them are kept, and named in the message. Repairs
        are proposed.

        Raises:
            TurnOver: the fetch is another runner's by now, or has ended.
        """
        with self._database.transaction() as transaction:
            end_symbol(transaction, end)

    def counts(self, fetch_id: UUID, symbol: str) -> Received:
        """What came of a symbol so far, over every runner that was at it."""
        with self._database.transaction() as transaction:
            return Received(**transaction.all("fetch_symbol_counts", job_id=fetch_id, symbol=symbol)[0])

    def wait(self, fetch_id: UUID, runner: str, until: datetime, message: str) -> bool:
        """Let a fetch rest until ``until``; False when it has ended, is another's, or shall be cancelled."""
        with self._database.transaction() as transaction:
            row = transaction.one("fetch_wait", id=fetch_id, runner=runner, until=until, message=message)
            if row is None:
                return False
            transaction.run("fetch_symbols_release", job_id=fetch_id)
            end_ingestions(transaction, fetch_id)
            detail = {"until": isoformat_z(until), "message": message}
            audit(transaction, row["user_id"], fetch_id, f"runner:{runner}", "fetch.waiting", detail)
        return True

    def waits_over(self) -> list[UUID]:
        """Fetches whose wait is over and that nobody has taken up."""
        with self._database.transaction() as transaction:
            return [row["id"] for row in transaction.all("fetch_waits_over")]

    def left_alone(self, after_s: float) -> list[Row]:
        """Scheduled fetches that no runner has taken up for ``after_s``: schedule, session, minutes, and ``busy`` where
        some runner is at another fetch."""
        with self._database.transaction() as transaction:
            return transaction.all("fetch_left_alone", after_s=after_s)

    def finish(self, fetch_id: UUID, runner: str, state: Ended, message: str) -> bool:
        """End a fetch; False when it had ended, or is another runner's."""
        with self._database.transaction() as transaction:
            row = transaction.one("fetch_finish", id=fetch_id, runner=runner, state=state, message=message)
            if row is None:
                return False
            transaction.run("fetch_symbols_cancel", job_id=fetch_id)
            end_ingestions(transaction, fetch_id)
            audit(transaction, row["user_id"], fetch_id, f"runner:{runner}", f"fetch.{state}", {"message": message})
        return True

    def give_back(self, fetch_id: UUID, runner: str) -> None:
        """Return a claimed fetch to the queue."""
        with self._database.transaction() as transaction:
            row = transaction.one("fetch_give_back", id=fetch_id, runner=runner)
            if row is not None:
                transaction.run("fetch_symbols_release", job_id=fetch_id)
                audit(transaction, row["user_id"], fetch_id, f"runner:{runner}", "fetch.given_back", {})

    def submit_scheduled(self, schedule: str, session: date, spec: FetchSpec, symbols: Sequence[str]) -> Row:
        """Queue what a schedule asks for, once for a session: id and state. No ``symbols``: all that are stored.

        Raises:
            NotFound: there is no admin whom it could belong to, or no symbol.
        """
        with self._database.transaction() as transaction:
            self._insert_scheduled(transaction, schedule, session, spec, symbols)
            return transaction.all("fetch_of_session", schedule=schedule, session=session)[0]

    def has_run(self, schedule: str, session: date) -> bool:
        """Whether a schedule has queued its fetch of a session."""
        with self._database.transaction() as transaction:
            return transaction.one("fetch_of_session", schedule=schedule, session=session) is not None

    def has_symbols(self, spec: FetchSpec, symbols: Sequence[str]) -> bool:
        """Whether ``submit_scheduled`` has anything to queue."""
        if symbols:
            return True
        with self._database.transaction() as transaction:
            return bool(stored_symbols(transaction, spec))

    def _insert_scheduled(
        self, transaction: Transaction, schedule: str, session: date, spec: FetchSpec, symbols: Sequence[str]
    ) -> None:
        owner = transaction.one("fetch_owner")
        wanted = list(symbols) or stored_symbols(transaction, spec)
        if owner is None or not wanted:
            lacking = "no symbol has stored bars of its size" if owner else "there is no admin whom it could belong to"
            raise NotFound(f"the schedule {schedule} cannot run: {lacking}")
        fetch_id, about = uuid4(), as_jsonb(spec.as_json())
        new = transaction.one(
            "fetch_insert_scheduled", id=fetch_id, user_id=owner["id"], schedule=schedule, session=session, spec=about
        )
        if new is not None:
            transaction.run("fetch_symbols_insert", job_id=fetch_id, symbols=wanted)
            detail = {"symbols": len(wanted), "session": session.isoformat()}
            audit(transaction, owner["id"], fetch_id, f"schedule:{schedule}", "fetch.submitted", detail)


def _spans(stored: Sequence[Sequence[str]]) -> list[Span]:
    return [Span(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in stored]


def _held(years: Sequence[Row]) -> Held:
    if not years:
        return Held()
    first_days = [date(row["year"], 1, 1).toordinal() - date(1970, 1, 1).toordinal() for row in years]
    days = [start + np.flatnonzero(row["bars"]) for start, row in zip(first_days, years, strict=True)]
    return Held(np.concatenate(days), years[-1]["last"])
