"""Rows of a provider's files that have no time, on their way into quarantine; each is kept once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from causeway.adapters.storage.database import Row, Transaction
from causeway.market_data.findings import Finding
from causeway.model.time import BarSize
from causeway.ports.feed import UntimedRow


def new_rows(
    transaction: Transaction, user_id: UUID, symbol: str, bar_size: BarSize, rows: Sequence[UntimedRow]
) -> list[Row]:
    """Those that are not in the user's quarantine yet, as rows of it. A file that is read again says the same again."""
    made = {row["row_hash"]: row for row in (_row(symbol, bar_size, one) for one in rows)}
    if not made:
        return []
    known = transaction.all("quarantine_known", user_id=user_id, hashes=list(made))
    for one in known:
        del made[one["row_hash"]]
    return list(made.values())


def findings_of(row: Row) -> list[Finding]:
    """Why a row is in quarantine."""
    return [Finding(one["code"], one["message"]) for one in row["reasons"]]


def _row(symbol: str, bar_size: BarSize, one: UntimedRow) -> dict[str, Any]:
    where = f"{one.file}, line {one.line}"
    raw = {name: text.replace("\x00", "?") for name, text in one.cells}
    identity = json.dumps([symbol, bar_size.value, one.file, raw], sort_keys=True)
    return {
        "row_number": one.line,
        "symbol": symbol,
        "row_time": one.time.replace("\x00", "?")[:64],
        "raw": raw,
        "reasons": [
            Finding(code, f"{where}: {message}".replace("\x00", "?")).as_json() for code, message in one.reasons
        ],
        "row_hash": hashlib.sha256(identity.encode()).hexdigest(),
    }
