"""What the live feed's backfill leaves behind besides bars: flawed ones, and spans that it could not have as finely."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from causeway.adapters.storage.database import Transaction
from causeway.adapters.storage.fetch_store import as_jsonb
from causeway.adapters.storage.fetched_page import HEADER, PageTable, add_findings
from causeway.adapters.storage.intake import Intake
from causeway.market_data.columns import map_columns
from causeway.market_data.findings import summarise
from causeway.market_data.ingestion import CheckedRows, IngestionRequest
from causeway.model.time import BarSize, now_utc


def keep_flawed(transaction: Transaction, symbol: str, checked: CheckedRows, source: str) -> None:
    """Quarantine the flawed rows as a fetch does. A feed has no user: they are the first admin's, if there is one."""
    owner = transaction.one("live_quarantine_owner")
    if owner is None or not checked.findings.error_rows():
        return
    ingestion_id = _ingestion_of(owner["id"], source, checked.bar_size)
    before = transaction.one("live_quarantine_findings", id=ingestion_id)
    found = summarise(checked.quarantined().values())
    transaction.run(
        "live_quarantine_ingestion",
        id=ingestion_id,
        user_id=owner["id"],
        source=source,
        bar_size=checked.bar_size.value,
        findings=as_jsonb(add_findings(before["findings"] if before else [], found)),
    )
    request = IngestionRequest("live backfill", source, checked.bar_size, symbol=symbol)
    mapping = map_columns(HEADER, symbol=symbol)
    Intake(ingestion_id, owner["id"], PageTable(checked), mapping, request, checked).store_quarantine(transaction)
    transaction.run("live_quarantine_count", id=ingestion_id)


def note_stand_in(
    transaction: Transaction, symbol: str, bar_size: BarSize, span: tuple[datetime, datetime], of: BarSize, reason: str
) -> None:
    """Bars of ``of`` stand in for those of ``bar_size`` that start in ``span``."""
    first, until = span
    transaction.run(
        "live_note_stand_in",
        symbol=symbol,
        bar_size=bar_size.value,
        first=first,
        until=until,
        of_size=of.value,
        reason=reason[:500],
    )


def _ingestion_of(user_id: UUID, source: str, bar_size: BarSize) -> UUID:
    """One a day, provider and bar size."""
    return uuid5(user_id, f"live backfill/{source}/{bar_size.value}/{now_utc().date()}")
