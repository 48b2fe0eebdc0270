"""Repairs of bars, stored or in quarantine, and of corporate actions: proposals that a user accepts or rejects.

Nothing is repaired silently: what was accepted says ``repair:<code>`` as its source, the proposal keeps what it was,
and each decision is audited.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np

from causeway.adapters.storage.bar_loading import BarLoad, note_change
from causeway.adapters.storage.database import Database, Row, Transaction
from causeway.adapters.storage.quarantined_bars import fetched_between, repairable
from causeway.adapters.storage.repaired_actions import as_json, write_action
from causeway.errors import Conflict, InvalidInput, NotFound
from causeway.market_data.action_repairs import ActionProposal
from causeway.market_data.normalizer import FIELDS
from causeway.market_data.provider_repairs import HeldBars
from causeway.market_data.quarantined import QuarantinedBar, among
from causeway.market_data.repairs import Proposal
from causeway.model.bar import Bar, BarColumns
from causeway.model.time import BarSize, isoformat_z, micros, now_utc

MAX_REMARK = 500
_LOGGED = ("instrument_id", "kind", "bar_size", "code", "found", "proposed", "quarantine_id")


class RepairStore:
    """Proposals of a user."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def propose(self, user_id: UUID, symbol: str, bar_size: BarSize, proposals: Sequence[Proposal]) -> list[UUID]:
        """Keep proposals for bars of what ``symbol`` meant at each bar's time; those that are new.

        One that was rejected is new only once the bar or the proposal is another.

        Raises:
            NotFound: the symbol meant nothing at that time.
        """
        with self._database.transaction(user_id=user_id) as transaction:
            return keep_proposals(transaction, user_id, symbol.strip().upper(), bar_size, proposals)

    def propose_actions(self, user_id: UUID, symbol: str, proposals: Sequence[ActionProposal]) -> list[UUID]:
        """Keep proposals for corporate actions of what ``symbol`` means now; those that are new, as with bars.

        None is kept for an action that is not recorded as it was found.

        Raises:
            NotFound: the symbol means nothing now.
        """
        if not proposals:
            return []
        with self._database.transaction(user_id=user_id) as transaction:
            return keep_action_proposals(transaction, user_id, symbol.strip().upper(), proposals)

    def list(
        self,
        user_id: UUID,
        *,
        state: str | None = None,
        symbol: str | None = None,
        before: tuple[datetime, UUID] | None = None,
        limit: int = 100,
    ) -> list[Row]:
        """Newest first, those of one look by the time of the bar or action, latest first.

        ``before`` is (created_at, id) of the last one seen.
        """
        at, last_id = before or (None, None)
        with self._database.transaction(user_id=user_id) as transaction:
            return transaction.all(
                "repairs_list",
                user_id=user_id,
                state=state,
                symbol=symbol.strip().upper() if symbol else None,
                before=at,
                before_id=last_id,
                limit=limit,
            )

    def quarantined(self, user_id: UUID, symbol: str, bar_size: BarSize) -> Sequence[QuarantinedBar]:
        """The user's rows in quarantine that may be repaired."""
        with self._database.transaction(user_id=user_id) as transaction:
            return repairable(transaction, user_id, symbol.strip().upper(), bar_size)

    def accept(self, user_id: UUID, proposal_ids: Sequence[UUID], *, remark: str = "") -> Sequence[Row]:
        """Write what is proposed, all or none; the proposals as they were.

        Raises:
            NotFound: the user has no such proposal.
            Conflict: one was decided before, or its bar or action is no longer what it was when it was proposed.
        """
        with self._database.transaction(user_id=user_id) as transaction:
            proposals = [_open_proposal(transaction, user_id, one) for one in sorted(set(proposal_ids))]
            transaction.all("bars_lock_instruments", ids=sorted({one["instrument_id"] for one in proposals}))
            for proposal in proposals:
                if proposal["kind"] == "bar":
                    _write(transaction, user_id, proposal)
                else:
                    write_action(transaction, proposal)
                _decide(transaction, user_id, proposal, "accepted", remark)
        return proposals

    def reject(self, user_id: UUID, proposal_id: UUID, *, remark: str = "") -> Row:
        """Leave everything as it is; the proposal as it was.

        Raises:
            NotFound: the user has no such proposal.
            Conflict: it was decided before.
        """
        with self._database.transaction(user_id=user_id) as transaction:
            proposal = _open_proposal(transaction, user_id, proposal_id)
            _decide(transaction, user_id, proposal, "rejected", remark)
        return proposal


def keep_proposals(
    transaction: Transaction, user_id: UUID, symbol: str, bar_size: BarSize, proposals: Sequence[Proposal]
) -> list[UUID]:
    """Within the caller's transaction; as ``RepairStore.propose``."""
    from psycopg.types.json import Jsonb

    made: list[UUID] = []
    for instrument_id, mine in _by_instrument(transaction, symbol, proposals).items():
        rows = transaction.all(
            "repairs_propose",
            user_id=user_id,
            instrument_id=instrument_id,
            bar_size=bar_size.value,
            proposals=Jsonb([_as_json(one) for one in mine]),
        )
        made.extend(row["id"] for row in rows)
    return made


def keep_action_proposals(
    transaction: Transaction, user_id: UUID, symbol: str, proposals: Sequence[ActionProposal]
) -> list[UUID]:
    """Within the caller's transaction; as ``RepairStore.propose_actions``."""
    from psycopg.types.json import Jsonb

    rows = transaction.all(
        "repairs_propose_actions",
        user_id=user_id,
        instrument_id=_meant(transaction, symbol, now_utc()),
        proposals=Jsonb([as_json(one) for one in proposals]),
    )
    return [row["id"] for row in rows]


def held_bars(
    transaction: Transaction, user_id: UUID, symbol: str, bar_size: BarSize, times: Sequence[datetime]
) -> HeldBars:
    """What is stored of ``symbol`` at ``times``, and rows that fetches brought into the user's quarantine."""
    if not times:
        return HeldBars(BarColumns.together([]), {})
    first, last = min(times), max(times)
    rows = transaction.all(
        "repairs_bars_at", symbol=symbol, bar_size=bar_size.value, times=list(times), first=first, last=last
    )
    stored = BarColumns(
        np.array([micros(row["time"]) for row in rows], dtype=np.int64),
        *(np.array([row[name] for row in rows], dtype=np.float64) for name in FIELDS),
    )
    return HeldBars(*among(stored, fetched_between(transaction, user_id, symbol, bar_size, first, last)))


def _write(transaction: Transaction, user_id: UUID, proposal: Row) -> None:
    """The proposed bar, in the place of the stored one or, as that of a row in quarantine, where nothing is stored."""
    key = {name: proposal[name] for name in ("instrument_id", "bar_size", "time")}
    stored = transaction.one("repairs_stored_bar", **key)
    of_row = proposal["quarantine_id"] is not None
    found = None if of_row else proposal["found"]
    if stored != found:
        raise Conflict(
            f"the bar of {isoformat_z(proposal['time'])} is {_shown(stored)} now and was "
            f"{_shown(found)} when the repair was proposed; reject this one and check "
            "again.",
            details={"id": str(proposal["id"])},
        )
    proposed, source = proposal["proposed"], f"repair:{proposal['code']}"
    if of_row:
        _take_out(transaction, user_id, proposal)
    if found is None:
        bar = BarColumns(
            np.array([micros(proposal["time"])], dtype=np.int64), *(np.array([proposed[name]]) for name in FIELDS)
        )
        BarLoad({proposal["instrument_id"]: bar}, BarSize(proposal["bar_size"]), source).store(transaction)
        return
    transaction.run("repairs_write_bar", **key, **{name: proposed[name] for name in FIELDS}, source=source)
    note_change(transaction, BarSize(proposal["bar_size"]), [proposal["instrument_id"]])
    if proposal["bar_size"] == BarSize.MINUTE_1.value:
        span = {"firsts": [proposal["time"]], "lasts": [proposal["time"]]}
        transaction.run("bars_mark_stale", ids=[proposal["instrument_id"]], **span)


def _take_out(transaction: Transaction, user_id: UUID, proposal: Row) -> None:
    """The row stays in quarantine, as one that was repaired."""
    row = {"id": proposal["quarantine_id"], "user_id": user_id}
    held = transaction.one("quarantine_lock", **row)
    if held is None or held["repaired_at"] is not None:
        raise Conflict(
            f"the row in quarantine of {isoformat_z(proposal['time'])} was repaired before; reject this one.",
            details={"id": str(proposal["id"])},
        )
    transaction.run("quarantine_repaired", **row)


def _by_instrument(transaction: Transaction, symbol: str, proposals: Sequence[Proposal]) -> dict[int, list[Proposal]]:
    found: dict[int, list[Proposal]] = {}
    for one in proposals:
        found.setdefault(_meant(transaction, symbol, one.time), []).append(one)
    return found


def _meant(transaction: Transaction, symbol: str, at: datetime) -> int:
    meant = transaction.one("market_data_resolve", symbols=[symbol], at=at)
    if meant is None:
        raise NotFound(f"{symbol[:40]} meant no instrument at {isoformat_z(at)}.")
    return int(meant["id"])


def _open_proposal(transaction: Transaction, user_id: UUID, proposal_id: UUID) -> Row:
    found = transaction.one("repairs_lock", id=proposal_id, user_id=user_id)
    if found is None:
        raise NotFound(f"there is no proposed repair {proposal_id}.", details={"id": str(proposal_id)})
    if found["state"] != "proposed":
        raise Conflict(f"the repair {proposal_id} was {found['state']} before.", details={"id": str(proposal_id)})
    return found


def _decide(transaction: Transaction, user_id: UUID, proposal: Row, state: str, remark: str) -> None:
    from psycopg.types.json import Jsonb

    if len(remark) > MAX_REMARK:
        raise InvalidInput(f"a remark has at most {MAX_REMARK} characters; found {len(remark)}.")
    transaction.run("repairs_decide", id=proposal["id"], user_id=user_id, state=state, remark=remark)
    detail = {
        **{name: proposal[name] for name in _LOGGED},
        "time": isoformat_z(proposal["time"]),
        "remark": remark,
    }
    transaction.all("repairs_audit", user_id=user_id, action=f"repair.{state}", id=proposal["id"], detail=Jsonb(detail))


def _as_json(one: Proposal) -> dict[str, Any]:
    return {
        "time": isoformat_z(one.time),
        "code": one.code,
        "reason": one.reason,
        "found": None if one.found is None else _values(one.found),
        "proposed": _values(one.proposed),
        "quarantine_id": one.quarantine_id,
    }


def _values(bar: Bar) -> dict[str, float]:
    return {name: getattr(bar, name) for name in FIELDS}


def _shown(values: Row | None) -> str:
    return "not stored" if values is None else ", ".join(f"{name} {values[name]:.10g}" for name in FIELDS)
