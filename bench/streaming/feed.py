"""The live feed with a made provider, Redis, a spool on disk, and a database that never answers."""

from __future__ import annotations

import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.streaming.load import SYMBOLS, UPDATES_PER_S, ticks
from causeway.adapters.messaging.pubsub import RedisEventBus
from causeway.adapters.messaging.spool import Spool
from causeway.adapters.storage.cache_manager import CacheManager
from causeway.errors import Unavailable
from causeway.model.tick import Quote, TradingState
from causeway.ports.feed import Connection, ConnectionChange, FeedEvent
from causeway.settings import LiveSettings
from causeway.streaming.live_market import InstrumentSpan, LiveBar
from containers.stream.live_feed import LiveMarketFeed
from containers.stream.live_writer import LANES, QUOTES, TRADES

_PAUSE_S = 0.005


class MadeFeed:
    """UPDATES_PER_S quotes a second, in small portions."""

    name = "made"
    tells_halts = False

    def subscribe(self, symbols: Collection[str]) -> None:
        """Every symbol is streamed."""

    def events(self, should_stop: Callable[[], bool], timeout_s: float) -> Iterator[FeedEvent | None]:  # noqa: ARG002
        yield ConnectionChange(Connection.UP, datetime.now(UTC))
        began, made = time.perf_counter(), 0
        while not should_stop():
            due = int((time.perf_counter() - began) * UPDATES_PER_S)
            yield from ticks(made, due - made)
            made = due
            time.sleep(_PAUSE_S)


class DeadStore:
    """A database that was there when the feed began."""

    def spans(self, _symbols: Sequence[str] | None) -> dict[str, list[InstrumentSpan]]:
        return {symbol: [InstrumentSpan(number, 0, 2**62)] for number, symbol in enumerate(SYMBOLS)}

    def last_quotes(self, _symbols: Sequence[str]) -> list[Quote]:
        return []

    def states(self, _symbols: Sequence[str]) -> list[TradingState]:
        return []

    def last_bar(self, *_: object) -> None:
        raise Unavailable("the database of this benchmark never answers")

    def keep_flawed(self, *_: object) -> None:
        raise Unavailable("the database of this benchmark never answers")

    def note_stand_in(self, *_: object) -> None:
        raise Unavailable("the database of this benchmark never answers")

    def counted(self) -> dict[str, object]:
        return {}

    def write_states(self, _states: Sequence[TradingState]) -> None:
        raise Unavailable("the database of this benchmark never answers")

    def __init__(self) -> None:
        self._asked = 0

    def hold_clock(self, *_: object, **__: object) -> bool:
        self._asked += 1
        if self._asked > 1:
            raise Unavailable("the database of this benchmark never answers again")
        return True

    def write(self, _quotes: Sequence[Quote], _bars: Sequence[LiveBar]) -> None:
        raise Unavailable("the database of this benchmark never answers")


def main(redis_url: str) -> None:
    """Stream until SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with tempfile.TemporaryDirectory() as directory:
        spool = Spool(Path(directory), LANES, droppable=(QUOTES, TRADES), max_bytes=64 << 20)
        settings = LiveSettings(spool_dir=Path(directory))
        LiveMarketFeed(MadeFeed(), DeadStore(), spool, RedisEventBus(redis_url), CacheManager(redis_url), settings).run(
            stop
        )


if __name__ == "__main__":
    main(sys.argv[1])
