"""A halt is known before the quotes that come with it, and no full disk loses one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from causeway.adapters.messaging.pubsub import InProcessEventBus
from causeway.adapters.messaging.spool import Spool
from causeway.model.tick import Quote, QuoteTick, TradingState, TradingStatus
from causeway.ports.spool import Entry, SpoolFull
from causeway.settings import LiveSettings
from causeway.streaming.live_market import InstrumentSpan, LiveBar
from containers.stream.live_feed import LiveMarketFeed
from containers.stream.live_writer import LANES, QUOTES, STATES, LiveWriter

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
AAPL = InstrumentSpan(7, -(2**63), 2**63 - 1)


@dataclass
class FullSpool:
    """A spool whose disk may be full."""

    full: bool = False
    appended: list[str] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)

    def append(self, name: str, payload: bytes, items: int = 1) -> None:
        if self.full:
            raise SpoolFull("the bound is reached")
        self.appended.append(name)

    def read(self, name: str, most_bytes: int = 0) -> Sequence[Entry]:
        return ()

    def acknowledge(self, name: str, after: tuple[int, int]) -> None: ...
    def waiting(self, name: str) -> int:
        return 0

    def sync(self, name: str) -> None: ...
    def close(self) -> None: ...


class NoCache:
    def put_quotes(self, quotes: Sequence[Mapping[str, Any]]) -> None: ...


class Feed:
    name, tells_halts = "scripted", True


@dataclass
class Recorder:
    """What reached the database, in order."""

    written: list[str] = field(default_factory=list)

    def write(self, quotes: Sequence[Quote], bars: Sequence[LiveBar]) -> None:
        self.written.append(QUOTES)

    def write_states(self, states: Sequence[TradingState]) -> None:
        self.written.append(STATES)


def _halt() -> TradingStatus:
    return TradingStatus("AAPL", NOW, True, "H", "News pending", NOW, "scripted")


def _quote(second: int = 0) -> QuoteTick:
    at, size = NOW + timedelta(seconds=second), Decimal(100)
    return QuoteTick("AAPL", at, Decimal("9.5"), Decimal("10.5"), size, size, at, "scripted")


def _live(spool: Any, directory: Path) -> LiveMarketFeed:
    settings = LiveSettings(spool_dir=directory)
    parts = (cast(Any, Feed()), cast(Any, None), spool, InProcessEventBus(), cast(Any, NoCache()), settings)
    live = LiveMarketFeed(*parts, now=lambda: NOW)
    live.market.spans = {"AAPL": [AAPL]}
    live._holding = True
    return live


def test_a_halt_is_kept_before_the_quote_that_came_with_it(tmp_path: Path) -> None:
    spool = FullSpool()
    live = _live(spool, tmp_path)
    live.take(_quote())
    live.take(_halt())
    live.step()
    assert spool.appended[:2] == [STATES, QUOTES]


def test_a_halt_is_stored_before_the_quote_that_came_with_it(tmp_path: Path) -> None:
    """An order must not meet the quote of a halted symbol while its halt still waits to be written."""
    spool, store = Spool(tmp_path, LANES, droppable=(QUOTES,), max_bytes=1 << 20), Recorder()
    live = _live(spool, tmp_path)
    live.take(_quote())
    live.take(_halt())
    live.step()
    LiveWriter(spool, store, tmp_path).flush()
    spool.close()
    assert store.written == [STATES, QUOTES]


def test_a_halt_that_a_full_disk_refused_is_kept_once_there_is_room(tmp_path: Path) -> None:
    spool = FullSpool(full=True)
    live = _live(spool, tmp_path)
    live.take(_halt())
    live.step()
    live.step()
    assert spool.appended == []
    spool.full = False
    live._next.clear()  # a second later
    live.step()
    live.step()
    assert spool.appended == [STATES]
