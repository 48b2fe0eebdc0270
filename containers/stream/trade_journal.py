"""The accepted trades of the last minutes on disk, so that bars in the making outlive the process.

Each record says up to when everything was told. While trades are missing that moment stands still: a process that goes
on asks history from there. What comes before a gap that is not filled with trades is dropped: no bar can go on from it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile

from causeway.model.tick import TradeTick
from causeway.model.time import micros, moment
from causeway.ports.feed import LONGEST_GAP
from causeway.ports.spool import Spool
from causeway.streaming.live_market import LiveTrade
from causeway.streaming.live_records import pack_trades, packed_us, unpack_trades
from containers.stream.live_writer import TRADES

_KEPT = timedelta(minutes=3)  # trades that bars in the making may still need
_EMPTY_EVERY = timedelta(seconds=1)
_WHOLE = 1 << 30
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Journal:
    """Trades that an earlier process was told in [since, until)."""

    trades: list[TradeTick]
    since: datetime
    until: datetime


class TradeJournal:
    """``append`` writes a record of so many items. One thread appends; ``begin_at`` may come from another."""

    def __init__(self, spool: Spool, append: Callable[[str, bytes, int], object]) -> None:
        self._spool, self._append = spool, append
        self._lock = threading.Lock()
        self._begins_at: datetime | None = None
        self._written_at: datetime | None = None

    def load(self, now: datetime) -> Journal | None:
        """What an earlier process left; None, with nothing kept, where that is too long ago."""
        records = self._spool.read(TRADES, _WHOLE)
        if not records or now - moment(packed_us(records[-1].payload)) > LONGEST_GAP:
            self._drop_all()
            return None
        trades = [trade.tick for record in records for trade in unpack_trades(record.payload)]
        return Journal(trades, *(moment(packed_us(record.payload)) for record in (records[0], records[-1])))

    def wait(self) -> None:
        """Nothing is kept until ``begin_at``."""
        self._begins_at = _NEVER

    def begin_at(self, at: datetime) -> None:
        """No bar goes on from trades before ``at``."""
        with self._lock:
            held = self._begins_at
            self._begins_at = at if held is None or held == _NEVER else max(held, at)

    def keep(self, trades: Sequence[LiveTrade], told_until: datetime, now: datetime) -> None:
        """Keep what was told; a record without trades each second says that there were none."""
        if not self._has_begun(now):
            self._drop_all()
            return
        if trades or self._written_at is None or not self._written_at <= now < self._written_at + _EMPTY_EVERY:
            self._written_at = now
            self._append(TRADES, pack_trades(trades, told_until), len(trades))

    def trim(self, told_until: datetime) -> None:
        """Take off what no bar in the making can need."""
        border = micros(told_until - _KEPT)
        old = takewhile(lambda record: packed_us(record.payload) < border, self._spool.read(TRADES))
        if last := deque(old, maxlen=1):
            self._spool.acknowledge(TRADES, last[0].after)

    def _has_begun(self, now: datetime) -> bool:
        with self._lock:
            if self._begins_at is not None and now >= self._begins_at:
                self._begins_at = None
            return self._begins_at is None

    def _drop_all(self) -> None:
        for last in self._spool.read(TRADES, _WHOLE)[-1:]:
            self._spool.acknowledge(TRADES, last.after)
