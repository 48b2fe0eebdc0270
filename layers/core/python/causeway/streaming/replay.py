"""Stored bars as a moving market: where the price stands at any moment of a session.

A bar tells four prices, not their order. The path used here starts at the open, visits low and high (which comes
first, and when, follows from a hash of symbol and bar start, so it is the same in every replay), ends at the close,
and is linear between. It never leaves [low, high]. This is an assumption for paper trading, not a claim about what
the market did within the bar.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from causeway.model.tick import Quote

NEW_YORK = ZoneInfo("America/New_York")
_OPEN, _CLOSE = time(9, 30), time(16, 0)
_SIZE_FRACTION = Decimal(1) / Decimal(780)  # half of an average minute of a 390-minute session, on each side


@dataclass(frozen=True, slots=True)
class SessionHours:
    """Regular trading hours of one day."""

    day: date
    open: datetime
    close: datetime


def session_hours(day: date) -> SessionHours:
    """09:30 to 16:00 in New York on ``day``. Early closes are replayed at full length."""
    return SessionHours(day, datetime.combine(day, _OPEN, NEW_YORK), datetime.combine(day, _CLOSE, NEW_YORK))


@dataclass(frozen=True, slots=True)
class PathBar:
    """A bar laid over the span of market time in which it is replayed."""

    start: datetime
    end: datetime
    open: float
    high: float
    low: float
    close: float
    volume: float


@dataclass(frozen=True, slots=True)
class SessionPath:
    """The price path of one instrument over one session.

    ``knot_s`` and ``prices`` (n_knots,) hold seconds since ``origin`` and prices; ``edge_s`` and ``volumes``
    (n_edges,) the cumulative volume at each bar's two ends.
    """

    symbol: str
    instrument_id: int
    tick_size: Decimal
    low: Decimal
    high: Decimal
    origin: datetime
    knot_s: NDArray[np.float64]
    prices: NDArray[np.float64]
    edge_s: NDArray[np.float64]
    volumes: NDArray[np.float64]

    def quote(self, moment: datetime, received_at: datetime, spread_bps: float) -> Quote | None:
        """The quote at ``moment``; None before the first bar starts.

        ``last`` is on the tick grid and within the session's range; bid and ask lie half the spread away from it,
        rounded outwards to a tick. Sizes are half of an average minute's volume of the session, at least one unit.
        """
        elapsed_s = (moment - self.origin).total_seconds()
        if elapsed_s < self.knot_s[0]:
            return None
        last = self._on_grid(float(np.interp(elapsed_s, self.knot_s, self.prices)))
        half = last * Decimal(str(spread_bps)) / 20_000
        size = max(Decimal(1), (Decimal(float(self.volumes[-1])) * _SIZE_FRACTION).to_integral_value())
        return Quote(
            symbol=self.symbol,
            instrument_id=self.instrument_id,
            bid=max(_to_tick(last - half, self.tick_size, ROUND_FLOOR), self.tick_size),
            ask=_to_tick(last + half, self.tick_size, ROUND_CEILING),
            last=last,
            bid_size=size,
            ask_size=size,
            volume=Decimal(int(np.interp(elapsed_s, self.edge_s, self.volumes))),
            market_time=moment,
            received_at=received_at,
            source="replay",
        )

    def _on_grid(self, price: float) -> Decimal:
        rounded = _to_tick(Decimal(repr(price)), self.tick_size, ROUND_HALF_EVEN)
        return min(max(rounded, self.low), self.high)


def session_path(symbol: str, instrument_id: int, tick_size: Decimal, bars: Sequence[PathBar]) -> SessionPath:
    """The path through ``bars``, ascending in time and not overlapping; the price rests between them.

    Raises:
        ValueError: no bars.
    """
    if not bars:
        raise ValueError(f"a path of {symbol} needs at least one bar")
    origin = bars[0].start
    knots = [knot for bar in bars for knot in _knots(symbol, bar)]
    edges, volumes, total = [], [], 0.0
    for bar in bars:
        edges += [_seconds(origin, bar.start), _seconds(origin, bar.end)]
        volumes += [total, total + bar.volume]
        total += bar.volume
    return SessionPath(
        symbol=symbol,
        instrument_id=instrument_id,
        tick_size=tick_size,
        low=Decimal(repr(min(bar.low for bar in bars))),
        high=Decimal(repr(max(bar.high for bar in bars))),
        origin=origin,
        knot_s=np.array([_seconds(origin, moment) for moment, _ in knots]),
        prices=np.array([price for _, price in knots]),
        edge_s=np.array(edges),
        volumes=np.array(volumes),
    )


def _knots(symbol: str, bar: PathBar) -> list[tuple[datetime, float]]:
    digest = hashlib.sha256(f"{symbol}|{bar.start.isoformat()}".encode()).digest()
    first, second = (bar.low, bar.high) if digest[0] % 2 else (bar.high, bar.low)
    width = bar.end - bar.start
    return [
        (bar.start, bar.open),
        (bar.start + width * (0.10 + 0.30 * digest[1] / 255), first),
        (bar.start + width * (0.60 + 0.30 * digest[2] / 255), second),
        (bar.end, bar.close),
    ]


def _seconds(origin: datetime, moment: datetime) -> float:
    return (moment - origin).total_seconds()


def _to_tick(price: Decimal, tick: Decimal, rounding: str) -> Decimal:
    return (price / tick).to_integral_value(rounding) * tick


def advance(moment: datetime, close: datetime, elapsed_s: float, speed: float) -> datetime:
    """Market time after ``elapsed_s`` of wall time, no later than the session's close."""
    return min(moment + timedelta(seconds=elapsed_s * speed), close)
