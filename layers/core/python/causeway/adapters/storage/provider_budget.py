"""Request budgets in PostgreSQL: kept across restarts, shared by every process, by the database's clock."""

from __future__ import annotations

from causeway.adapters.storage.database import Database
from causeway.errors import CorruptData


class StoredBudget:
    """See ``RequestBudget``. Writes as a member of ``causeway_service``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, provider: str, *, per_minute: int, per_day: int) -> float:
        with self._database.transaction() as transaction:
            transaction.one("provider_requests_lock", provider=provider)
            row = transaction.one("provider_requests_take", provider=provider, per_minute=per_minute, per_day=per_day)
            if row is None:
                raise CorruptData("provider_requests_take returned no row")
            return float(row["wait_s"])
