"""The ingestions of a fetch: one for each provider that answered."""

from __future__ import annotations

from uuid import UUID, uuid5

from causeway.adapters.storage.database import Transaction


def ingestion_of(job_id: UUID, source: str) -> UUID:
    """The id of the ingestion that holds what one provider answered to a fetch."""
    return uuid5(job_id, source)


def end_ingestions(transaction: Transaction, fetch_id: UUID) -> None:
    """Let them say how the fetch ended, or that no page comes while it rests."""
    sources = [one["source"] for one in transaction.all("fetch_sources", job_id=fetch_id)]
    ids = [ingestion_of(fetch_id, source) for source in sources]
    transaction.run("fetch_ingestions_end", fetch_id=fetch_id, ids=ids)
