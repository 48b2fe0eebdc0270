"""Made trades and quotes for whoever streams, when a simulated vendor is tried by hand."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Protocol

_CENT = Decimal("0.01")


class Streams(Protocol):
    """A simulated vendor that streams."""

    def watched(self) -> Collection[str]:
        """Symbols that somebody watches and that trade."""
        ...

    def last_price(self, symbol: str) -> Decimal: ...

    def push(self, symbol: str, price: str, size: str) -> None: ...

    def push_quote(self, symbol: str, bid: str, ask: str) -> None: ...


class Traffic:
    """``rate`` trades a second in all, each after a quote, as a random walk; ends with ``stop``."""

    def __init__(self, vendor: Streams, rate: float, *, seed: int = 0) -> None:
        self._vendor = vendor
        self._pause_s = 1.0 / rate
        self._rng = random.Random(seed)
        self._prices: dict[str, Decimal] = {}
        self._stopped = threading.Event()
        threading.Thread(target=self._run, name="simulator-traffic", daemon=True).start()

    def stop(self) -> None:
        """No more of it."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.wait(self._pause_s):
            self._step(self._rng.choice)

    def _step(self, choose: Callable[[list[str]], str]) -> None:
        watched = sorted(self._vendor.watched())
        if not watched:
            return
        symbol = choose(watched)
        price = self._prices.get(symbol) or self._vendor.last_price(symbol)
        price = max(price + self._rng.randint(-3, 3) * _CENT, _CENT * 2)
        self._prices[symbol] = price
        self._vendor.push_quote(symbol, str(price - _CENT), str(price + _CENT))
        self._vendor.push(symbol, str(price), str(self._rng.randint(1, 9) * 100))
