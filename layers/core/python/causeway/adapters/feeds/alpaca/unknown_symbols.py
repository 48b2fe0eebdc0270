"""Symbols that Alpaca does not know. Its stream takes any symbol and is then silent, so that history is asked aside."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from queue import Empty, SimpleQueue

from causeway.errors import CausewayError
from causeway.ports.feed import SymbolRefused


class UnknownSymbols:
    """Asks once for each symbol, in a thread of its own; a question that fails is asked again with the next."""

    def __init__(self, unknown: Callable[[Collection[str]], set[str]]) -> None:
        self._unknown = unknown
        self._asked: set[str] = set()
        self._found: SimpleQueue[SymbolRefused] = SimpleQueue()

    def ask(self, symbols: Collection[str]) -> None:
        """Find out about those that were not asked about before."""
        new = set(symbols) - self._asked
        if new:
            self._asked |= new
            threading.Thread(target=self._run, args=(new,), name="alpaca-symbols", daemon=True).start()

    def found(self) -> list[SymbolRefused]:
        """What became known since the last call."""
        known: list[SymbolRefused] = []
        while True:
            try:
                known.append(self._found.get_nowait())
            except Empty:
                return known

    def _run(self, symbols: set[str]) -> None:
        try:
            unknown = self._unknown(symbols)
        except CausewayError:
            self._asked -= symbols
            return
        for symbol in sorted(unknown):
            self._found.put(SymbolRefused(symbol, "alpaca has no trade of it on this feed; check the symbol"))
