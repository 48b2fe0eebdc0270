"""Trades to bars, whole columns at once: by time, by volume, by money traded.

The order of trades is their time, then their sequence number, then the order in which they are given. Volume is the
correctly rounded sum, which no order of addition changes, so that ``trade_stream`` gives the same bars to the bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import fsum
from typing import Self

import numpy as np
from numpy.typing import NDArray

from causeway.errors import InvalidInput
from causeway.market_data.eligibility import PRICED, RANGED, UNPRICED
from causeway.market_data.intervals import OUTSIDE, Grid
from causeway.model.bar import BarColumns

_EXACT = 2.0**53
_NEARLY = 1 - 1e-9  # ten trades of 0.1 fill 1, though their sum in binary falls short of it


@dataclass(frozen=True, slots=True)
class TradeColumns:
    """Trades of one instrument in any order; every array has shape (n_trades,).

    ``tier`` and ``volume`` say what a trade counts for (``eligibility``); ``sequence`` orders trades of one moment.
    """

    time_us: NDArray[np.int64]
    price: NDArray[np.float64]
    size: NDArray[np.float64]
    sequence: NDArray[np.int64]
    tier: NDArray[np.int8]
    volume: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        time_us: NDArray[np.int64],
        price: NDArray[np.float64],
        size: NDArray[np.float64],
        *,
        sequence: NDArray[np.int64] | None = None,
        tier: NDArray[np.int8] | None = None,
        volume: NDArray[np.bool_] | None = None,
    ) -> Self:
        """Columns with the usual answers for what is not given: in the order given, all count for everything."""
        n_trades = len(time_us)
        return cls(
            time_us,
            price,
            size,
            np.arange(n_trades) if sequence is None else sequence,
            np.full(n_trades, PRICED, dtype=np.int8) if tier is None else tier,
            np.ones(n_trades, dtype=np.bool_) if volume is None else volume,
        )

    def __len__(self) -> int:
        return int(self.time_us.shape[0])

    def rows(self, which: NDArray[np.int64]) -> TradeColumns:
        """These rows, in this order."""
        return TradeColumns(
            self.time_us[which], self.price[which], self.size[which], self.sequence[which], self.tier[which],
            self.volume[which],
        )  # fmt: skip

    def in_order(self) -> TradeColumns:
        """By time, then sequence, then as given."""
        if (np.diff(self.time_us) > 0).all():
            return self
        return self.rows(np.lexsort((self.sequence, self.time_us)))


class Measure(StrEnum):
    """What fills a bar that is not made by time."""

    VOLUME = "volume"
    DOLLARS = "dollars"


def time_bars(trades: TradeColumns, grid: Grid) -> BarColumns:
    """Bars on ``grid``. Trades between sessions are left out; an interval without a priced trade has no bar.

    Raises:
        InvalidInput: a trade lies outside the schedule's range.
    """
    ordered = trades.in_order()
    starts = grid.starts(ordered.time_us)
    kept = np.flatnonzero(starts != OUTSIDE)
    return _bars(ordered.rows(kept) if kept.size < len(ordered) else ordered, starts[kept], starts[kept])


def filled_bars(trades: TradeColumns, measure: Measure, target: float, days: Grid) -> BarColumns:
    """Bars that close with the trade that brings what was traded to ``target`` units, or money in currency units.

    Each day of ``days`` (a daily grid) begins a new bar, so its last one holds what was left. A bar is stamped with its
    first trade, and two may begin in one microsecond. Trades that count for no volume fill nothing.
    Source: Lopez de Prado, Advances in Financial Machine Learning (2018), section 2.3.2.

    Raises:
        InvalidInput: ``target`` is not above 0.
    """
    full = full_at(target)
    ordered = trades.in_order()
    day = days.starts(ordered.time_us)
    kept = np.flatnonzero(day != OUTSIDE)
    ordered, day = ordered.rows(kept), day[kept]
    worth = np.where(ordered.volume, ordered.size, 0.0)
    if measure is Measure.DOLLARS:
        worth *= ordered.price
    number = np.zeros(len(ordered), dtype=np.int64)
    borders = np.r_[np.flatnonzero(np.r_[True, np.diff(day) != 0]), len(ordered)] if len(ordered) else []
    bars = 0
    for first, end in pairwise(borders):
        bars = _number_filled(worth[first:end], full, number[first:end], bars)
    if len(ordered) == 0:
        return _bars(ordered, number, number)
    opening = np.flatnonzero(np.r_[True, np.diff(number) != 0])
    return _bars(ordered, number, ordered.time_us[opening][np.cumsum(np.r_[True, np.diff(number) != 0]) - 1])


def full_at(target: float) -> float:
    """The amount from which on a bar counts as full: the target less a billionth.

    Raises:
        InvalidInput: ``target`` is not above 0.
    """
    if not target > 0:
        raise InvalidInput(f"a bar is filled by an amount above 0; found {target}.", details={"field": "target"})
    return target * _NEARLY


def _number_filled(worth: NDArray[np.float64], full: float, number: NDArray[np.int64], bars: int) -> int:
    """Write each trade's bar number from ``bars`` on; the first number that is free."""
    total = np.cumsum(worth)
    first, before = 0, 0.0
    while first < len(worth):
        # An amount that is lost in the rounding of the total is filled by any trade.
        last = max(first, int(np.searchsorted(total, before + full)))
        number[first : last + 1] = bars
        bars += 1
        if last >= len(worth):
            break
        first, before = last + 1, float(total[last])
    return bars


def _bars(trades: TradeColumns, key: NDArray[np.int64], stamp: NDArray[np.int64]) -> BarColumns:
    """One bar for each run of equal ``key`` that holds a trade with a price."""
    if len(trades) == 0:
        return BarColumns(np.zeros(0, dtype=np.int64), *[np.zeros(0)] * 5)
    first = np.flatnonzero(np.r_[True, np.diff(key) != 0])
    size_of_group = np.diff(np.r_[first, len(trades)])
    best = np.minimum.reduceat(trades.tier, first)
    group = np.repeat(np.arange(first.size), size_of_group)
    of_best = trades.tier == best[group]
    priced = np.flatnonzero((of_best | (trades.tier == RANGED) & (best[group] == PRICED)) & (trades.tier < UNPRICED))
    if priced.size == 0:
        return BarColumns(np.zeros(0, dtype=np.int64), *[np.zeros(0)] * 5)
    opens = np.flatnonzero(np.r_[True, np.diff(group[priced]) != 0])
    kept = group[priced[opens]]
    price = trades.price[priced]
    # The last of the best tier closes a bar; ranged ones alone close it at the first.
    closes = np.maximum.reduceat(np.where(of_best[priced], np.arange(priced.size), -1), opens)
    closes = np.where(best[kept] == RANGED, opens, closes)
    return BarColumns(
        stamp[first[kept]],
        price[opens],
        np.maximum.reduceat(price, opens),
        np.minimum.reduceat(price, opens),
        price[closes],
        _exact_sums(np.where(trades.volume, trades.size, 0.0), first)[kept],
    )


def _exact_sums(sizes: NDArray[np.float64], first: NDArray[np.int64]) -> NDArray[np.float64]:
    """Correctly rounded sum of each run; whole numbers add up exactly in any order."""
    if (sizes == np.rint(sizes)).all() and np.abs(sizes).sum() < _EXACT:
        return np.asarray(np.add.reduceat(sizes, first))
    ends = np.r_[first[1:], sizes.size]
    return np.array([fsum(sizes[start:end].tolist()) for start, end in zip(first, ends, strict=True)])
