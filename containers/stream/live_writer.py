"""From the spool to the database, every few hundred milliseconds, in a thread of its own.

A database that is slow or away is waited for; meanwhile the spool holds what comes. What it refuses for a reason of
its own (not for want of an answer) would stop everything behind it, so it is put aside in ``*.refused`` and counted.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from causeway.errors import Unavailable
from causeway.model.tick import Quote
from causeway.ports.spool import Entry, Spool
from causeway.streaming.live_market import LiveBar
from causeway.streaming.live_records import unpack_bars, unpack_quotes

_log = logging.getLogger(__name__)
QUOTES, BARS, TRADES = "quotes", "bars", "trades"


class Store(Protocol):
    def write(self, quotes: Sequence[Quote], bars: Sequence[LiveBar]) -> None: ...


class _Batch(NamedTuple):
    quotes: list[Entry]
    bars: list[Entry]


class LiveWriter:
    """Empties the spool into the store. ``counts``: quotes, bars, writes, failures, refused."""

    def __init__(self, spool: Spool, store: Store, refused_dir: Path) -> None:
        self._spool, self._store, self._refused_dir = spool, store, refused_dir
        self.counts: Counter[str] = Counter()

    def flush(self, should_stop: Callable[[], bool] = lambda: False) -> bool:
        """Write what waits, batch by batch; False where the database does not answer."""
        self._spool.sync(BARS)
        while True:
            batch = _Batch(list(self._spool.read(QUOTES)), list(self._spool.read(BARS)))
            if not batch.quotes and not batch.bars:
                return True
            try:
                self._write(batch)
            except Unavailable as error:
                self.counts["failures"] += 1
                _log.warning("the database does not take live data, it waits on disk: %s", error.message)
                return False
            if should_stop():
                return True

    def _write(self, batch: _Batch) -> None:
        try:
            self._store.write(_quotes(batch.quotes), _bars(batch.bars))
        except Unavailable:
            raise
        except Exception:
            _log.exception("the database refused a batch; its records are tried one by one")
            self._write_singly(batch)
        for name, entries in ((QUOTES, batch.quotes), (BARS, batch.bars)):
            if entries:
                self.counts[name] += sum(entry.items for entry in entries)
                self._spool.acknowledge(name, entries[-1].after)
        self.counts["writes"] += 1

    def _write_singly(self, batch: _Batch) -> None:
        for name, entries in ((QUOTES, batch.quotes), (BARS, batch.bars)):
            for entry in entries:
                try:
                    quotes = _quotes([entry]) if name == QUOTES else []
                    self._store.write(quotes, _bars([entry]) if name == BARS else [])
                except Unavailable:
                    raise
                except Exception:
                    self.counts["refused"] += entry.items
                    _log.exception("refused %s are kept in %s.refused", name, name)
                    with (self._refused_dir / f"{name}.refused").open("ab") as file:
                        file.write(entry.payload + b"\n")


def _quotes(entries: Sequence[Entry]) -> list[Quote]:
    return [quote for entry in entries for quote in unpack_quotes(entry.payload)]


def _bars(entries: Sequence[Entry]) -> list[LiveBar]:
    return [bar for entry in entries for bar in unpack_bars(entry.payload)]
