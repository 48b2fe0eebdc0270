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
from causeway.model.tick import Quote, TradingState
from causeway.ports.spool import Entry, Spool
from causeway.streaming.live_market import LiveBar
from causeway.streaming.live_records import unpack_bars, unpack_quotes, unpack_states

_log = logging.getLogger(__name__)
QUOTES, BARS, TRADES, STATES = LANES = "quotes", "bars", "trades", "states"


class Store(Protocol):
    def write(self, quotes: Sequence[Quote], bars: Sequence[LiveBar]) -> None: ...
    def write_states(self, states: Sequence[TradingState]) -> None: ...


class _Batch(NamedTuple):
    """States are written first: no order is to meet the quote of a halted symbol before its halt is known."""

    states: list[Entry]
    quotes: list[Entry]
    bars: list[Entry]

    def lanes(self) -> list[tuple[str, list[Entry]]]:
        return [(name, entries) for name, entries in zip((STATES, QUOTES, BARS), self, strict=True) if entries]


class LiveWriter:
    """Empties the spool into the store. ``counts``: quotes, bars, states, writes, failures, refused."""

    def __init__(self, spool: Spool, store: Store, refused_dir: Path) -> None:
        self._spool, self._store, self._refused_dir = spool, store, refused_dir
        self.counts: Counter[str] = Counter()

    def flush(self, should_stop: Callable[[], bool] = lambda: False) -> bool:
        """Write what waits, batch by batch; False where the database does not answer."""
        self._spool.sync(BARS)
        while True:
            quotes, bars = list(self._spool.read(QUOTES)), list(self._spool.read(BARS))
            batch = _Batch(
                list(self._spool.read(STATES)), quotes, bars
            )  # read last: those of the quotes are among them
            if not batch.lanes():
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
            self._store_all(batch)
        except Unavailable:
            raise
        except Exception:
            _log.exception("the database refused a batch; its records are tried one by one")
            self._write_singly(batch)
        for name, entries in batch.lanes():
            self.counts[name] += sum(entry.items for entry in entries)
            self._spool.acknowledge(name, entries[-1].after)
        self.counts["writes"] += 1

    def _store_all(self, batch: _Batch) -> None:
        if batch.states:
            self._store.write_states([state for entry in batch.states for state in unpack_states(entry.payload)])
        if batch.quotes or batch.bars:
            quotes = [quote for entry in batch.quotes for quote in unpack_quotes(entry.payload)]
            bars = [bar for entry in batch.bars for bar in unpack_bars(entry.payload)]
            self._store.write(quotes, bars)

    def _write_singly(self, batch: _Batch) -> None:
        for name, entries in batch.lanes():
            for entry in entries:
                try:
                    self._store_all(_Batch([], [], [])._replace(**{name: [entry]}))
                except Unavailable:
                    raise
                except Exception:
                    self.counts["refused"] += entry.items
                    _log.exception("refused %s are kept in %s.refused", name, name)
                    with (self._refused_dir / f"{name}.refused").open("ab") as file:
                        file.write(entry.payload + b"\n")
