"""Trades of the made market: each minute's open, high, low and close, and one odd lot that must not count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from causeway.model.time import BarSize
from causeway.simulators.market import SimulatedMarket

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_QUARTER = timedelta(seconds=15)
_ODD_LOT_AWAY = Decimal("0.25")  # beyond the bar's high, so that counting it would show


@dataclass(frozen=True, slots=True)
class MadeTrade:
    """``counts``: for open, high, low and close."""

    time: datetime
    price: Decimal
    size: int
    number: int
    counts: bool = True


def made_trades(market: SimulatedMarket, symbol: str, start: datetime, end: datetime) -> Iterator[MadeTrade]:
    """Trades in [start, end), ascending; those that count add up to the market's minutes exactly.

    Raises:
        NotFound: there is no such symbol.
    """
    minute = start.replace(second=0, microsecond=0)
    bars = market.bars(symbol, BarSize.MINUTE_1, minute, end)
    columns = (bars.time_us, bars.open, bars.high, bars.low, bars.close, bars.volume)
    for time_us, opening, high, low, close, volume in zip(*(column.tolist() for column in columns), strict=True):
        at = _EPOCH + timedelta(microseconds=time_us)
        each = int(volume) // 4
        sizes = (each, each, each, int(volume) - 3 * each)
        number = time_us // 60_000_000 * 10
        trades = [
            MadeTrade(at + place * _QUARTER, _cents(price), size, number + place)
            for place, (price, size) in enumerate(zip((opening, high, low, close), sizes, strict=True))
        ]
        odd = MadeTrade(at + timedelta(seconds=50), _cents(high) + _ODD_LOT_AWAY, 1, number + 4, counts=False)
        yield from (trade for trade in (*trades, odd) if start <= trade.time < end and trade.size > 0)


def _cents(price: float) -> Decimal:
    return Decimal(f"{price:.2f}")
