"""A made market that every simulated vendor serves: the same symbol, seed and range give the same numbers, always.

Prices are a random walk in logarithms per minute of the regular session of XNYS, rounded to cents; minutes add up to
days exactly. Nothing here is real.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from causeway.errors import NotFound
from causeway.market_data.aggregator import aggregate
from causeway.market_data.sessions import session_bounds
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind, CorporateAction
from causeway.model.time import BarSize
from causeway.simulators import DEMO_SYMBOLS

_EPOCH = date(1970, 1, 1).toordinal()
_MINUTE_US = 60_000_000
_DAY_US = 86_400_000_000
_FIRST, _LAST = date(2020, 1, 2), date(2027, 12, 31)
_MINUTE_VOLATILITY = 0.0006
DEMO_ACTIONS = {
    "AAPL": (
        CorporateAction(ActionKind.SPLIT, date(2024, 6, 10), Decimal(4)),
        CorporateAction(ActionKind.DIVIDEND, date(2024, 2, 9), Decimal("0.96")),
        CorporateAction(ActionKind.DIVIDEND, date(2024, 8, 12), Decimal("0.25")),
    )
}


@dataclass(frozen=True, slots=True)
class SimulatedMarket:
    """Which symbols there are, and their corporate actions. Every symbol has bars from 2020-01-02 on, raw.

    ``until``: nothing is made from then on, so that what is pushed to a vendor is all that trades.
    """

    seed: int = 0
    symbols: tuple[str, ...] = DEMO_SYMBOLS
    corporate_actions: dict[str, tuple[CorporateAction, ...]] = field(default_factory=lambda: dict(DEMO_ACTIONS))
    until: datetime | None = None

    def bars(self, symbol: str, bar_size: BarSize, start: datetime, end: datetime) -> BarColumns:
        """Raw bars that start in [start, end), of the regular session.

        Raises:
            NotFound: there is no such symbol.
        """
        self._check(symbol)
        end = end if self.until is None else min(end, self.until)
        minutes = _minutes(self.seed, symbol, self.corporate_actions.get(symbol, ()))
        if bar_size is BarSize.DAY_1:
            return _between(_days(self.seed, symbol, self.corporate_actions.get(symbol, ())), start, end)
        if bar_size.width.total_seconds() < 60:
            raise NotFound(f"the simulated market has no bars below a minute; asked for {bar_size}")
        touched = _between(minutes, start, end + bar_size.width)  # a bar that starts before start is cut, and dropped
        return _between(aggregate(touched, bar_size, zone="America/New_York"), start, end)

    def actions(self, symbol: str) -> tuple[CorporateAction, ...]:
        """Splits and dividends, ascending by ex-date."""
        self._check(symbol)
        return tuple(sorted(self.corporate_actions.get(symbol, ()), key=lambda one: (one.ex_date, one.kind)))

    def last_price(self, symbol: str, at: datetime) -> float:
        """Close of the last minute that ended by ``at``."""
        self._check(symbol)
        minutes = _minutes(self.seed, symbol, self.corporate_actions.get(symbol, ()))
        index = int(np.searchsorted(minutes.time_us + _MINUTE_US, _micros(at), side="right")) - 1
        return float(minutes.close[max(index, 0)])

    def _check(self, symbol: str) -> None:
        if symbol not in self.symbols:
            raise NotFound(f"the simulated market has no symbol {symbol}; it has {', '.join(self.symbols)}")


@lru_cache(maxsize=1)
def _opens_and_lengths() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Open in microseconds and length in minutes of every session."""
    _, opens, closes = session_bounds("XNYS", _FIRST, _LAST)
    return opens, (closes - opens) // _MINUTE_US


@lru_cache(maxsize=32)
def _minutes(seed: int, symbol: str, actions: tuple[CorporateAction, ...]) -> BarColumns:
    opens, lengths = _opens_and_lengths()
    within = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    time_us = np.repeat(opens, lengths) + within * _MINUTE_US
    rng = np.random.default_rng([seed, zlib.crc32(symbol.encode())])
    start = 20.0 + 400.0 * rng.random()
    moves = rng.normal(0.0, _MINUTE_VOLATILITY, time_us.size)
    moves -= 0.002 * np.cumsum(moves) * _MINUTE_VOLATILITY  # stays within a plausible range over years
    close = np.maximum(start * np.exp(np.cumsum(moves)), 1.0)
    for action in actions:
        if action.kind is ActionKind.SPLIT:
            later = time_us >= (action.ex_date.toordinal() - _EPOCH) * _DAY_US
            close[later] /= float(action.value)
    opening = np.r_[close[0], close[:-1]]
    first_of_day = within == 0
    opening[first_of_day] = close[first_of_day]
    spread = np.abs(rng.normal(0.0, _MINUTE_VOLATILITY / 2, (2, time_us.size)))
    high = np.maximum(opening, close) * (1.0 + spread[0])
    low = np.minimum(opening, close) * (1.0 - spread[1])
    volume = np.floor(rng.lognormal(8.0, 0.5, time_us.size)) + 1.0
    return BarColumns(time_us, _cents(opening), _cents(high), _cents(low), _cents(close), volume)


def _cents(price: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.round(price, 2), dtype=np.float64)


@lru_cache(maxsize=32)
def _days(seed: int, symbol: str, actions: tuple[CorporateAction, ...]) -> BarColumns:
    return aggregate(_minutes(seed, symbol, actions), BarSize.DAY_1, zone="America/New_York")


def _between(bars: BarColumns, start: datetime, end: datetime) -> BarColumns:
    first, last = np.searchsorted(bars.time_us, [_micros(start), _micros(end)])
    rows = slice(int(first), int(last))
    return BarColumns(
        bars.time_us[rows], bars.open[rows], bars.high[rows], bars.low[rows], bars.close[rows], bars.volume[rows]
    )


def _micros(moment: datetime) -> int:
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds
