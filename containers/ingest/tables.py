"""What the runner and the scheduler need of the database; ``wiring`` gives it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from causeway.market_data.fetch_outcome import Received
from causeway.market_data.fetch_plan import Span
from causeway.market_data.fetch_turn import Known, Page, SymbolEnd, Turn
from causeway.market_data.provider_repairs import HeldBars
from causeway.model.bar import BarColumns
from causeway.model.fetch import FetchSpec
from causeway.model.time import BarSize

Fetch = dict[str, Any]


class Runs(Protocol):
    """See ``causeway.adapters.storage.fetch_runs``."""

    def claim(self, runner: str, ttl_s: float, fetch_id: UUID | None = None) -> Fetch | None: ...

    def heartbeat(
        self, fetch_id: UUID, runner: str, *, progress: float, rows_per_s: float | None, eta_s: float | None,
        message: str,
    ) -> bool | None: ...  # fmt: skip

    def totals(self, fetch_id: UUID) -> Fetch: ...

    def behind(self, fetch_id: UUID) -> Sequence[str]: ...

    def next_symbol(self, fetch_id: UUID) -> Turn | None: ...

    def known(self, symbol: str, spec: FetchSpec) -> Known: ...

    def save_plan(self, fetch_id: UUID, symbol: str, ranges: Sequence[Span], message: str) -> None: ...

    def store_page(self, page: Page) -> None: ...

    def neighbours(
        self, user_id: UUID, symbol: str, bars: BarColumns, bar_size: BarSize, most: int
    ) -> tuple[BarColumns, BarColumns]: ...

    def unchecked(self, symbol: str, bar_size: BarSize, source: str, span: Span, most: int) -> BarColumns: ...

    def own_bars(self, symbol: str, bar_size: BarSize, source: str, span: Span) -> int: ...

    def keep_others(self, symbol: str, bar_size: BarSize, source: str, bars: BarColumns) -> None: ...

    def held(self, user_id: UUID, symbol: str, bar_size: BarSize, times: Sequence[datetime]) -> HeldBars: ...

    def finish_symbol(self, end: SymbolEnd) -> None: ...

    def counts(self, fetch_id: UUID, symbol: str) -> Received: ...

    def wait(self, fetch_id: UUID, runner: str, until: datetime, message: str) -> bool: ...

    def finish(
        self, fetch_id: UUID, runner: str, state: Literal["succeeded", "partly", "failed", "cancelled"], message: str
    ) -> bool: ...

    def give_back(self, fetch_id: UUID, runner: str) -> None: ...
