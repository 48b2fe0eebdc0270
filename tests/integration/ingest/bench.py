"""A user who asks for fetches, and runners that work at them."""

from __future__ import annotations

import threading
from typing import Any
from uuid import UUID

from causeway.adapters.storage.database import Row
from causeway.adapters.storage.fetch_runs import FetchRuns
from causeway.adapters.storage.fetch_store import FetchStore
from causeway.model.fetch import FetchSpec
from causeway.model.time import BarSize
from causeway.ports.feed import HistoricalFeed
from containers.ingest.runner import IngestRunner, Pace
from tests.fixtures.databases import Databases
from tests.integration.ingest.fetching import YEAR

SPEC = FetchSpec(BarSize.DAY_1, *YEAR)
PACE = Pace(idle_s=0.01, heartbeat_s=0.02, ttl_s=0.0, grace_s=5.0)


class Bench:
    """A user, his fetches, and runners on a feed."""

    def __init__(self, databases: Databases, user_id: UUID) -> None:
        self.store = FetchStore(databases.app)
        self.runs = FetchRuns(databases.service)
        self.user_id = user_id

    def submit(self, *symbols: str, spec: FetchSpec = SPEC) -> UUID:
        row = self.store.submit(self.user_id, "", spec, symbols, actor="test")
        fetch_id: UUID = row["id"]
        return fetch_id

    def run(self, feed: HistoricalFeed, *, runs: FetchRuns | None = None, **more: Any) -> bool:
        runner = IngestRunner(runs or self.runs, lambda _spec: feed, symbols_at_once=2, pace=PACE, **more)
        return runner.run_one(threading.Event())

    def get(self, fetch_id: UUID) -> Row:
        return self.store.get(self.user_id, fetch_id)

    def symbols(self, fetch_id: UUID) -> dict[str, Row]:
        return {row["symbol"]: row for row in self.store.symbols(self.user_id, fetch_id)}
