"""Importing a symbol history: validity split, facts given to the company they belong to, in one transaction.

Tickers are the installation's, not a user's: the service role imports them, or an admin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from uuid import UUID

from causeway.adapters.storage.database import Database, Row, Transaction
from causeway.errors import Conflict, NotFound
from causeway.market_data.symbol_history import (
    EVER,
    STILL,
    IdentityPlan,
    Move,
    StoredSpan,
    SymbolHistory,
    plan_import,
)

_FIRST, _LAST = datetime(2, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ImportedHistory:
    """What an import did; all zero when it ran before.

    ``findings``: a code and a sentence. ``conflicting_action``: a corporate action that two instruments of one company
    had with different values; the one of the instrument that stays was kept. ``shared_day``: a day that two companies
    name for one ticker; it is the later one's.
    """

    companies: int
    new_instruments: int
    bars_moved: int
    actions_moved: int
    symbols_changed: int
    findings: tuple[str, ...] = ()


class SymbolHistoryStore:
    """Tickers over time, as stored."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def validity(self, symbols: Sequence[str]) -> list[Row]:
        """When each of these symbols meant which instrument, and what else those instruments were called.

        Raises:
            NotFound: a symbol never meant anything.
        """
        wanted = [symbol.strip().upper() for symbol in symbols]
        with self._database.transaction() as transaction:
            rows = transaction.all("symbol_history_around", symbols=wanted)
        for symbol in sorted(set(wanted) - {row["symbol"] for row in rows}):
            raise NotFound(f"no instrument ever had the symbol {symbol[:40]}; GET /v1/data/symbols lists those stored.")
        return rows

    def import_history(
        self, history: SymbolHistory, *, source: str, actor: str = "operator", user_id: UUID | None = None
    ) -> ImportedHistory:
        """Make the stored validity of every symbol of ``history`` what the history says; again, it changes nothing.

        ``user_id``: the admin who asks, where this is not the service role; the database checks that he is one.

        Raises:
            Conflict: two instruments turn out to be one company and hold different bars for one moment. Nothing was
                changed.
        """
        with self._database.transaction(user_id=user_id) as transaction:
            transaction.all("market_data_lock_symbols")
            before = _stored(transaction, history.symbols)
            ids = sorted({span.instrument for span in before})
            transaction.all("bars_lock_instruments", ids=ids)
            plan = plan_import(history, before, partial(_holds_facts, transaction))
            instruments = {**plan.instrument, **_made(transaction, plan)}
            findings = [f"shared_day: {one}" for one in history.findings]
            moved = [_move(transaction, move, instruments[move.company], findings) for move in plan.moves]
            if any(bars for bars, _ in moved):
                touched = {move.source for move in plan.moves} | {instruments[move.company] for move in plan.moves}
                transaction.all("symbol_history_recount", ids=sorted(touched))
            changed = _write(transaction, before, _validity(plan, instruments))
            transaction.changed_series.update(ids, instruments.values())
            bars, actions = sum(one for one, _ in moved), sum(one for _, one in moved)
            done = ImportedHistory(len(history.companies), len(plan.new), bars, actions, changed, tuple(findings))
            if plan.new or bars or actions or changed:
                _audit(transaction, done, source=source, actor=actor, user_id=user_id)
        return done


def _audit(transaction: Transaction, done: ImportedHistory, *, source: str, actor: str, user_id: UUID | None) -> None:
    from psycopg.types.json import Jsonb

    transaction.all("symbol_history_audit", user_id=user_id, actor=actor, source=source, detail=Jsonb(asdict(done)))


def _stored(transaction: Transaction, symbols: Sequence[str]) -> list[StoredSpan]:
    return [
        StoredSpan(row["symbol"], row["first"] or EVER, row["last"] or STILL, row["instrument_id"])
        for row in transaction.all("symbol_history_stored", symbols=list(symbols))
    ]


def _holds_facts(transaction: Transaction, instrument: int, first: date, last: date) -> bool:
    found = transaction.all("symbol_history_has_bars", instrument_id=instrument, start=_start(first), end=_end(last))
    return bool(found[0]["found"])


def _made(transaction: Transaction, plan: IdentityPlan) -> dict[str, int]:
    like = {move.company: move.source for move in plan.moves}
    made = {}
    for company in plan.new:
        made[company] = transaction.all("symbol_history_new_instrument", like=like.get(company))[0]["id"]
    return made


def _move(transaction: Transaction, move: Move, target: int, findings: list[str]) -> tuple[int, int]:
    """Bars and corporate actions that were moved."""
    both = {"source": move.source, "target": target}
    days = {**both, "first": move.first, "last": move.last}
    span = {**both, "start": _start(move.first), "end": _end(move.last)}
    differing = transaction.all("symbol_history_differing_bars", **span)
    if differing:
        at = ", ".join(f"{row['bar_size']} {row['time'].date()}" for row in differing)
        raise Conflict(
            f"instruments {move.source} and {target} are one company ({move.company}) and hold different bars: {at}. "
            "Load the right ones for both first; nothing was changed.",
            details={"company": move.company, "instruments": [move.source, target]},
        )
    findings.extend(_kept(move.company, row) for row in transaction.all("symbol_history_differing_actions", **days))
    given = transaction.all("symbol_history_give", **days, start=span["start"], end=span["end"])[0]
    return given["bars"], given["actions"]


def _kept(company: str, row: Row) -> str:
    kept, dropped = (format(row[name].normalize(), "f") for name in ("kept", "dropped"))
    return (
        f"conflicting_action: {company}: the {row['kind']} of {row['ex_date']} is {kept} ({row['kept_source']}) and "
        f"{dropped} ({row['dropped_source']}); {kept} was kept. Store the right one with replace if it is the other"
    )


def _validity(plan: IdentityPlan, instruments: dict[str, int]) -> list[StoredSpan]:
    named = [StoredSpan(one.symbol, one.first, one.last, instruments[one.company]) for one in plan.validity]
    return sorted([*named, *plan.kept])


def _write(transaction: Transaction, before: Sequence[StoredSpan], after: Sequence[StoredSpan]) -> int:
    """Replace what differs; how many symbols that were."""
    changed = sorted({span.symbol for span in set(before) ^ set(after)})
    transaction.run("symbol_history_clear", symbols=changed)
    for span in after:
        if span.symbol in changed:
            transaction.run(
                "symbol_history_put",
                symbol=span.symbol,
                instrument_id=span.instrument,
                first=None if span.first == EVER else span.first,
                last=None if span.last == STILL else span.last,
            )
    return len(changed)


def _start(first: date) -> datetime:
    return _FIRST if first == EVER else datetime.combine(first, time(), tzinfo=UTC)


def _end(last: date) -> datetime:
    return _LAST if last == STILL else datetime.combine(last, time(), tzinfo=UTC) + timedelta(days=1)
