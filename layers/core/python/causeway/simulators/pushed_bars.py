"""Bars of history that hold pushed trades as well: a vendor's history has what its stream had."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from causeway.market_data.intervals import Grid, interval_starts
from causeway.market_data.trade_bars import TradeColumns, time_bars
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize, micros, moment


class Counted(NamedTuple):
    """A trade that counts for prices."""

    time: datetime
    price: Decimal
    size: Decimal


def with_pushed(
    made: BarColumns,
    bar_size: BarSize,
    pushed: Sequence[datetime],
    trades: Callable[[datetime, datetime], Sequence[Counted]],
) -> BarColumns:
    """``made`` with each intraday bar that holds a pushed trade made anew from all ``trades`` of its time."""
    if not pushed or bar_size is BarSize.DAY_1:
        return made
    times = np.array([micros(at) for at in pushed], dtype=np.int64)
    starts = np.unique(interval_starts(times, bar_size, "America/New_York"))
    anew = [_bar(trades(moment(start), moment(start) + bar_size.width), bar_size) for start in starts.tolist()]
    parts = [made.rows(~np.isin(made.time_us, starts)), *anew]
    time_us = np.concatenate([part.time_us for part in parts])
    prices = np.concatenate([part.prices() for part in parts])
    volume = np.concatenate([part.volume for part in parts])
    return BarColumns.of(time_us, prices, volume).rows(np.argsort(time_us))


def _bar(trades: Sequence[Counted], bar_size: BarSize) -> BarColumns:
    time_us = np.array([micros(one.time) for one in trades], dtype=np.int64)
    price = np.array([float(one.price) for one in trades])
    size = np.array([float(one.size) for one in trades])
    return time_bars(TradeColumns.of(time_us, price, size), Grid(bar_size))
