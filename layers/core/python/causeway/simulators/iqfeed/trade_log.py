"""What was traded in the simulation: pushed trades, and made ones before; so that history has what the stream had."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

from causeway.simulators.made_trades import made_trades
from causeway.simulators.market import SimulatedMarket


@dataclass(frozen=True, slots=True)
class LoggedTrade:
    """``basis`` is C, E or O; ``conditions`` are IQFeed's, in hexadecimal."""

    time: datetime
    price: Decimal
    size: Decimal
    number: int
    basis: str = "C"
    conditions: str = "01"


class TradeLog:
    """Safe to share between threads."""

    def __init__(self, market: SimulatedMarket) -> None:
        self._market = market
        self._pushed: dict[str, list[LoggedTrade]] = defaultdict(list)
        self._numbers = count(1)
        self._lock = threading.Lock()

    def add(
        self, symbol: str, price: Decimal, size: Decimal, basis: str, conditions: str, skew: timedelta
    ) -> LoggedTrade:
        """A trade now, by a clock that is ``skew`` ahead."""
        with self._lock:
            trade = LoggedTrade(datetime.now(UTC) + skew, price, size, next(self._numbers), basis, conditions)
            self._pushed[symbol].append(trade)
        return trade

    def between(self, symbol: str, start: datetime, end: datetime) -> list[LoggedTrade]:
        """Trades in [start, end) up to now, ascending.

        Raises:
            NotFound: there is no such symbol.
        """
        made = [
            LoggedTrade(
                one.time, one.price, Decimal(one.size), one.number, *(("C", "01") if one.counts else ("O", "87"))
            )
            for one in made_trades(self._market, symbol, start, min(end, datetime.now(UTC)))
        ]
        return sorted([*made, *self.pushed(symbol, start, end)], key=lambda one: one.time)

    def pushed(self, symbol: str, start: datetime, end: datetime) -> list[LoggedTrade]:
        """Pushed trades in [start, end)."""
        with self._lock:
            return [one for one in self._pushed[symbol] if start <= one.time < end]
