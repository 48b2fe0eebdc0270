"""The end of a symbol's turn: splits and dividends, checked, proposed repairs, and how the turn ended, together.

In one transaction, so that a runner which is killed and replaced neither stores nor counts anything twice.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from causeway.adapters.storage.database import Row, Transaction
from causeway.adapters.storage.fetch_ingestions import ingestion_of
from causeway.adapters.storage.fetch_store import as_jsonb
from causeway.adapters.storage.fetched_page import IngestionPart
from causeway.adapters.storage.repair_store import keep_action_proposals, keep_proposals
from causeway.adapters.storage.stored_actions import actions_of, add_actions, found_in_bars, taken_out
from causeway.errors import NotFound
from causeway.market_data.action_checks import ActionFinding, conflicting
from causeway.market_data.fetch_turn import SymbolEnd, TurnOver
from causeway.model.time import BarSize, now_utc

_MOST_NOTES = 3


@dataclass(slots=True)
class _Taken:
    """``stored`` actions were new; ``refused`` ones went to quarantine."""

    stored: int = 0
    refused: list[ActionFinding] = field(default_factory=list)
    findings: list[ActionFinding] = field(default_factory=list)


def end_symbol(transaction: Transaction, end: SymbolEnd) -> None:
    """Within the caller's transaction.

    Raises:
        TurnOver: the fetch is another runner's by now, or has ended; nothing is to be committed.
    """
    taken = _take_actions(transaction, end)
    taken.findings.extend(end.findings)
    _keep_findings(transaction, end, taken)
    repairs, said = _propose(transaction, end)
    notes = [*end.notes, *said, *_notes(taken)]
    ended = transaction.run(
        "fetch_symbol_finish",
        job_id=end.job_id,
        runner=end.runner,
        symbol=end.symbol,
        state="failed" if end.error else "succeeded",
        outcome=end.outcome.value,
        message="; ".join(notes),
        error=as_jsonb({"code": end.error.code, "message": end.error.message}) if end.error else None,
        actions=taken.stored,
        repairs=repairs,
    )
    if not ended:
        raise TurnOver(f"{end.symbol} of fetch {end.job_id} is no longer fetched by {end.runner}")


def _take_actions(transaction: Transaction, end: SymbolEnd) -> _Taken:
    meant = transaction.one("market_data_resolve", symbols=[end.symbol], at=now_utc())
    if meant is None or not end.actions:
        return _Taken()
    held = {(one.kind, one.ex_date): one for one in actions_of(transaction, meant["id"])}
    gone = taken_out(transaction, meant["id"])
    new = [one for one in end.actions if (one.kind, one.ex_date) not in held and one not in gone]
    differing = [
        conflicting(held[one.kind, one.ex_date], one)
        for one in end.actions
        if (one.kind, one.ex_date) in held and held[one.kind, one.ex_date].value != one.value
    ]
    found = found_in_bars(transaction, meant["id"], [*held.values(), *new], new)
    refused = {one.action for one in found if one.refuses}
    stored = 0
    for source in dict.fromkeys(one.source or end.source for one in new):
        mine = [one for one in new if (one.source or end.source) == source and one not in refused]
        stored += add_actions(transaction, end.symbol, meant["id"], mine, source=source, replace=False)
    return _Taken(stored, [one for one in found if one.refuses], [*found, *differing])


def _keep_findings(transaction: Transaction, end: SymbolEnd, taken: _Taken) -> None:
    """With the ingestion of whoever said it, by source."""
    by_source: dict[str, list[ActionFinding]] = {}
    for one in taken.findings:
        by_source.setdefault(one.action.source or end.source, []).append(one)
    for source, mine in by_source.items():
        transaction.run("fetch_symbol_source", job_id=end.job_id, symbol=end.symbol, source=source)
        part = IngestionPart(end.job_id, end.user_id, source, end.filename, end.bar_size)
        part.add(transaction, [[one.finding] for one in mine], {})
        refused = [_quarantine_row(end, one) for one in mine if one.refuses]
        if refused:
            transaction.run(
                "ingestions_quarantine",
                user_id=end.user_id,
                ingestion_id=ingestion_of(end.job_id, source),
                bar_size=BarSize.DAY_1.value,
                rows=as_jsonb(refused),
            )


def _quarantine_row(end: SymbolEnd, one: ActionFinding) -> Row:
    shown = one.as_json()
    raw = {name: shown[name] for name in ("kind", "ex_date", "value")}
    identity = "/".join([end.symbol, *raw.values()])
    return {
        "row_number": 0,
        "symbol": end.symbol,
        "row_time": raw["ex_date"],
        "raw": raw,
        "reasons": [one.finding.as_json()],
        "row_hash": hashlib.sha256(identity.encode()).hexdigest(),
    }


def _propose(transaction: Transaction, end: SymbolEnd) -> tuple[int, list[str]]:
    """How many repairs are new, and what there is to say of them."""
    asked = len(end.repairs) + len(end.action_repairs)
    if not asked:
        return 0, []
    try:
        made = keep_proposals(transaction, end.user_id, end.symbol, end.bar_size, end.repairs)
        if end.action_repairs:
            made += keep_action_proposals(transaction, end.user_id, end.symbol, end.action_repairs)
    except NotFound as error:  # it was another ticker then
        return 0, [f"no repair is proposed: {error.message}"]
    new = len(made)
    known = f", {asked - new} known before or not recorded so" if new < asked else ""
    return new, [f"{new} new repair{'' if new == 1 else 's'} proposed{known}"]


def _notes(taken: _Taken) -> list[str]:
    said = [f"{one.finding.code}: {one.finding.message}" for one in taken.findings]
    more = len(said) - _MOST_NOTES
    return [*said[:_MOST_NOTES], *([f"{more} more findings on corporate actions"] if more > 0 else [])]
