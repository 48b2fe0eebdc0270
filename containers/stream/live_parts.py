"""What a live feed is put together from: a store, further sinks, and a provider that can go on after a restart."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from causeway.model.tick import HaltsTold, Quote, TradeTick, TradingState
from causeway.streaming.live_market import Drained, InstrumentSpan, LiveBar
from containers.stream.bar_backfill import Store as BackfillStore


class Store(BackfillStore, Protocol):
    """What the feed needs of ``LiveStore``."""

    def spans(self, symbols: Sequence[str] | None) -> Mapping[str, Sequence[InstrumentSpan]]: ...
    def last_quotes(self, symbols: Sequence[str]) -> Sequence[Quote]: ...
    def states(self, symbols: Sequence[str]) -> Sequence[TradingState]: ...
    def hold_clock(
        self,
        holder: str,
        market_time: datetime,
        *,
        name: str,
        over: bool = False,
        tally: Mapping[str, object] | None = None,
        halts: HaltsTold | None = None,
    ) -> bool: ...
    def counted(self) -> Mapping[str, Any]: ...
    def write(self, quotes: Sequence[Quote], bars: Sequence[LiveBar]) -> None: ...
    def write_states(self, states: Sequence[TradingState]) -> None: ...


class Sink(Protocol):
    """Somewhere else that wants everything, such as Kafka. Must not block and must not raise."""

    def put(self, drained: Drained) -> None: ...
    def report(self) -> Mapping[str, int]: ...
    def close(self) -> None: ...


@runtime_checkable
class Resumable(Protocol):
    """A feed that can fetch what came while no process ran."""

    def resume_from(self, trades: Collection[TradeTick], at: datetime) -> None: ...
