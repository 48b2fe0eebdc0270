"""What the routes of this function are given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from causeway.adapters.storage.alert_store import AlertStore
    from causeway.adapters.storage.fetch_store import FetchStore
    from causeway.adapters.storage.ingestion_store import IngestionStore
    from causeway.adapters.storage.instrument_store import InstrumentStore
    from causeway.adapters.storage.intake import Table
    from causeway.adapters.storage.live_store import LiveStore
    from causeway.adapters.storage.quality_store import QualityStore
    from causeway.adapters.storage.repair_store import RepairStore
    from causeway.adapters.storage.replay_requests import ReplayRequests
    from causeway.adapters.storage.symbol_history_store import SymbolHistoryStore
    from causeway.adapters.storage.timeseries_db import TimeseriesDb
    from causeway.model.bar import BarColumns
    from causeway.ports.jobs import JobRunner


@dataclass(frozen=True, slots=True)
class Services:
    """A file of which more than ``quarantine_share`` is kept out raises an alert.

    ``arrow_stream`` makes an Arrow stream of all symbols and their bars part by part; None where pyarrow is not
    installed. ``streams`` is False where an answer is collected whole before it goes out (a Lambda function, 6 MB).
    """

    market_data: TimeseriesDb
    ingestions: IngestionStore
    instruments: InstrumentStore
    open_table: Callable[[Path], Table]
    replay: ReplayRequests
    live: LiveStore
    fetches: FetchStore
    runner: JobRunner
    repairs: RepairStore
    quality: QualityStore
    symbol_history: SymbolHistoryStore
    alerts: AlertStore
    quarantine_share: float = 1.0
    arrow_stream: Callable[[Sequence[str], Iterable[tuple[str, BarColumns]]], Iterator[bytes]] | None = None
    streams: bool = True
