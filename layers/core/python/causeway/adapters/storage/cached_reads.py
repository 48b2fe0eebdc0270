"""Hot reads through the cache ladder, under the keys of the architecture.

``portfolio:{user_id}:summary`` is dropped by each booking and order (``messaging.dropping_bus``) and lives two
seconds at most, because prices move without either. ``analysis:{id}:result`` never changes. Both are kept for one
user alone, and are handed to that user alone.
"""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from causeway.adapters.storage.cache_manager import CacheManager, Lifetime
from causeway.adapters.storage.database import Database, Row
from causeway.adapters.storage.portfolio_store import PortfolioStore, named_account
from causeway.adapters.storage.result_store import ResultStore
from causeway.errors import NotFound

_SUMMARY = Lifetime(2.0, absent_ttl_s=0.5)
_RESULT = Lifetime(3600.0, changes=False)


def summary_key(user_id: UUID | str) -> str:
    """Where the summaries of a user's accounts lie."""
    return f"portfolio:{user_id}:summary"


class CachedPortfolio(PortfolioStore):
    """Summaries of all accounts of a user are one value; numbers and times in it are text, as on the wire."""

    def __init__(self, database: Database, cache: CacheManager) -> None:
        super().__init__(database)
        self._cache = cache

    def account_summary(self, user_id: UUID, account_id: UUID | None) -> Row:
        def load() -> Any:
            summary = super(CachedPortfolio, self).summary
            return [{"account": one, **summary(user_id, one["id"])} for one in self.accounts(user_id)]

        rows = cast("list[Row]", self._cache.read(summary_key(user_id), load, _SUMMARY))
        accounts = [{**row["account"], "id": UUID(row["account"]["id"])} for row in rows]
        found = named_account(accounts, account_id)
        return {**next(row for row in rows if row["account"]["id"] == str(found["id"])), "account": found}


class CachedResults(ResultStore):
    """Times and ids are text, as on the wire. A result that is not there yet is asked for anew."""

    def __init__(self, database: Database, cache: CacheManager) -> None:
        super().__init__(database)
        self._cache = cache

    def of_job(self, user_id: UUID, job_id: UUID) -> Row:
        def load() -> Any:
            return {"user_id": user_id, "row": super(CachedResults, self).of_job(user_id, job_id)}

        try:
            held = self._cache.read(f"analysis:{job_id}:result", load, _RESULT)
        except NotFound:  # of this user, or of another who asked at the same moment
            return super().of_job(user_id, job_id)
        if held["user_id"] != str(user_id):
            return super().of_job(user_id, job_id)  # which says that there is none
        return cast("Row", held["row"])

    def links(self, user_id: UUID, result_id: str, max_q: float = 1.0) -> list[Row]:
        def load() -> Any:
            return super(CachedResults, self).links(user_id, result_id)

        rows = self._cache.read(f"analysis:{result_id}:links:{user_id}", load, _RESULT)
        return [dict(row) for row in rows if row["q"] <= max_q]
