"""A user's quarantined rows of a symbol, read as bars."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from causeway.adapters.storage.database import Row, Transaction
from causeway.market_data.quarantined import FOREIGN, REPAIRABLE, QuarantinedBar, read_bar
from causeway.model.time import BarSize, isoformat_z


def repairable(transaction: Transaction, user_id: UUID, symbol: str, bar_size: BarSize) -> list[QuarantinedBar]:
    """Rows that were not repaired, with a flaw that says what the value should be."""
    rows = transaction.all(
        "quarantine_repairable", user_id=user_id, symbol=symbol, bar_size=bar_size.value, codes=list(REPAIRABLE)
    )
    return _bars(rows, bar_size)


def fetched_between(
    transaction: Transaction, user_id: UUID, symbol: str, bar_size: BarSize, start: datetime, end: datetime
) -> list[QuarantinedBar]:
    """Rows of fetches in [start, end] that belong to the series, if they are wrong."""
    rows = transaction.all(
        "quarantine_fetched",
        user_id=user_id,
        symbol=symbol,
        bar_size=bar_size.value,
        first=isoformat_z(start),
        last=isoformat_z(end),
        foreign=list(FOREIGN),
    )
    return _bars(rows, bar_size)


def _bars(rows: Sequence[Row], bar_size: BarSize) -> list[QuarantinedBar]:
    read = [(row["id"], read_bar(row["raw"], row["column_mapping"], bar_size)) for row in rows]
    return [QuarantinedBar(row_id, bar) for row_id, bar in read if bar is not None]
