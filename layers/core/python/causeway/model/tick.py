"""Trades and quotes: as providers report them, and the last known state of a market."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Quote:
    """Best bid and offer with the last trade.

    ``market_time`` is the market's clock (the replay's under replay); ``received_at`` is wall time here.
    ``bid_size``, ``ask_size`` and ``volume`` are in units of the instrument; volume is the session's total.
    """

    symbol: str
    instrument_id: int
    bid: Decimal
    ask: Decimal
    last: Decimal
    bid_size: Decimal
    ask_size: Decimal
    volume: Decimal
    market_time: datetime
    received_at: datetime
    source: str

    @property
    def mid(self) -> Decimal:
        """Halfway between bid and ask."""
        return (self.bid + self.ask) / 2


@dataclass(frozen=True, slots=True)
class TradeTick:
    """One trade as a provider reported it.

    ``time`` is the market's, ``received_at`` is wall time here. ``conditions`` are the provider's own codes;
    ``eligible`` says whether it counts for open, high, low and close (an odd lot or a late report does not; it still
    counts for volume unless its size is zero).
    """

    symbol: str
    time: datetime
    price: Decimal
    size: Decimal
    received_at: datetime
    source: str
    trade_id: str = ""
    venue: str = ""
    conditions: tuple[str, ...] = ()
    eligible: bool = True


@dataclass(frozen=True, slots=True)
class QuoteTick:
    """Best bid and offer as a provider reported them; a side that nobody offers is None."""

    symbol: str
    time: datetime
    bid: Decimal | None
    ask: Decimal | None
    bid_size: Decimal
    ask_size: Decimal
    received_at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class TradeCorrection:
    """An earlier trade was busted (``corrected`` None) or corrected, or one is put in that was not reported.

    Exchanges number their trades each for itself: ``venue`` is the trade's, or empty where ids are the source's own.
    ``earlier`` is the trade as it was, where the source repeats it.
    """

    symbol: str
    trade_id: str
    corrected: TradeTick | None
    received_at: datetime
    source: str
    venue: str = ""
    earlier: TradeTick | None = None


@dataclass(frozen=True, slots=True)
class TickColumns:
    """Trades of one instrument as columns, in the provider's order, ascending in time; shapes are (n_trades,).

    ``time_us`` holds microseconds since 1970-01-01 UTC; ``trade_id`` is the provider's number, 0 where it has none.
    """

    time_us: NDArray[np.int64]
    price: NDArray[np.float64]
    size: NDArray[np.float64]
    eligible: NDArray[np.bool_]
    trade_id: NDArray[np.int64]

    def __len__(self) -> int:
        return int(self.time_us.shape[0])


@dataclass(frozen=True, slots=True)
class TradingStatus:
    """What a market says of trading in a symbol: ``code`` is its own, ``reason`` is for people.

    ``halted``: it was halted, or goes on; None: the code says neither (an imbalance, an indication), and what was true
    before still is.
    """

    symbol: str
    time: datetime
    halted: bool | None
    code: str
    reason: str
    received_at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class PriceBands:
    """Limit up, limit down: trades outside ``lower`` to ``upper`` are not allowed; ``code`` is the market's own."""

    symbol: str
    time: datetime
    lower: Decimal
    upper: Decimal
    code: str
    received_at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class TradingState:
    """The last known state of trading in an instrument, from its statuses and price bands; None: nothing was said.

    ``code``, ``reason`` and ``status_time`` are those of the last status, ``bands_time`` is that of the bands.
    ``known_at``: ``halted`` was true without doubt then, by a status or by a trade; None: it never was.
    """

    symbol: str
    instrument_id: int
    halted: bool
    code: str
    reason: str
    status_time: datetime | None
    lower: Decimal | None
    upper: Decimal | None
    bands_time: datetime | None
    received_at: datetime
    source: str
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HaltsTold:
    """A feed that tells of halts missed none since ``since``; None: its connection is lost, and it may miss some."""

    since: datetime | None
