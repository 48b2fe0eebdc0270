"""Facts of instruments, and their correction: what an instrument is called, trades on and is priced in.

A correction changes how what is stored is read, and no stored bar: see ``market_data.instrument_facts``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from uuid import UUID

from causeway.adapters.storage.database import Database, Row, Transaction
from causeway.errors import Conflict, NotFound
from causeway.market_data.instrument_facts import Corrected, Facts, corrected
from causeway.model.instrument import AssetClass


class InstrumentStore:
    """Instruments by the symbols that are current now."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, symbol: str) -> Facts:
        """Raises NotFound where no instrument has this symbol now."""
        with self._database.transaction() as transaction:
            return _facts(_row(transaction, symbol))

    def correct(self, user_id: UUID, symbol: str, revision: int, given: Mapping[str, str], *, actor: str) -> Corrected:
        """Change what is in ``given``: any of name, exchange, asset_class and currency. Nothing new changes nothing.

        Raises:
            NotFound: no instrument has this symbol now.
            Conflict: somebody corrected it since ``revision`` was read.
            InvalidInput: the exchange is not known, or does not go with the class.
        """
        with self._database.transaction(user_id=user_id) as transaction:
            before = _facts(_row(transaction, symbol, lock=True))
            if before.revision != revision:
                raise _outdated(before, revision)
            done = corrected(before, given)
            if not done.changes:
                return done
            _write(transaction, done.facts)
            detail = {one.field: [one.before, one.after] for one in done.changes}
            transaction.one(
                "instrument_audit", user_id=user_id, actor=actor, subject=before.symbol, detail=json.dumps(detail)
            )
            transaction.changed_series.add(before.instrument_id)
        return done


def _row(transaction: Transaction, symbol: str, *, lock: bool = False) -> Row:
    name = symbol.strip().upper()
    if lock:
        transaction.all("instrument_lock", symbol=name)
    row = transaction.one("instrument_facts", symbol=name)
    if row is None:
        raise NotFound(
            f"no instrument has the symbol {name[:40]!r} now; GET /v1/data/symbols lists those stored.",
            details={"symbol": name[:40]},
        )
    return row


def _facts(row: Row) -> Facts:
    return Facts(**{**row, "asset_class": AssetClass(row["asset_class"])})


def _write(transaction: Transaction, facts: Facts) -> None:
    transaction.run(
        "instrument_correct",
        id=facts.instrument_id,
        name=facts.name,
        exchange=facts.exchange,
        calendar=facts.calendar,
        asset_class=facts.asset_class.value,
        currency=facts.currency,
        revision=facts.revision,
    )


def _outdated(now: Facts, revision: int) -> Conflict:
    return Conflict(
        f"{now.symbol} was corrected by somebody else: expected revision {revision}, found {now.revision} "
        f"({now.said()}). Read it again, then decide; nothing was changed.",
        details={"revision": now.revision},
    )
