"""What is computed from the bars of one instrument before inference, bar by bar and point in time.

The value at a bar depends on that bar, the bar before it and the corporate actions between the two, and on nothing
later: a split tomorrow moves no bit of today's value. NaN marks a bar that carries no value.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind, CorporateAction

Floats = NDArray[np.float64]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_US = 86_400_000_000


def total_returns(bars: BarColumns, actions: Sequence[CorporateAction]) -> Floats:
    """Simple close-to-close returns with splits and dividends, shape (n_bars,); the first is NaN.

    A share held over an ex-date becomes ``value`` shares at a split and is paid the dividend on each:
    r = split (close + dividend) / previous close - 1. An action belongs to the first bar whose UTC date is its
    ex-date or later. NaN where a close is missing, zero or negative.
    """
    close = np.where(np.isfinite(bars.close) & (bars.close > 0), bars.close, np.nan)
    split, dividend = _per_bar(bars, actions)
    returns = np.full(len(bars), np.nan)
    returns[1:] = split[1:] * (close[1:] + dividend[1:]) / close[:-1] - 1.0
    return returns


def _per_bar(bars: BarColumns, actions: Sequence[CorporateAction]) -> tuple[Floats, Floats]:
    split, dividend = np.ones(len(bars)), np.zeros(len(bars))
    days = bars.time_us // _DAY_US
    for action in actions:
        ex_day = (datetime(action.ex_date.year, action.ex_date.month, action.ex_date.day, tzinfo=UTC) - _EPOCH).days
        i = int(np.searchsorted(days, ex_day))
        if i == 0 or i == len(bars):
            continue  # before the first or after the last bar: no return spans it
        if action.kind is ActionKind.SPLIT:
            split[i] *= float(action.value)
        else:
            dividend[i] += float(action.value)
    return split, dividend


def log_range_volatility(bars: BarColumns) -> Floats:
    """Log of the Garman-Klass volatility of each bar, ln(sigma) per bar, from raw prices, shape (n_bars,).

    sigma^2 = ln(H/L)^2 / 2 - (2 ln 2 - 1) ln(C/O)^2. A bar without range (high equals low) has no logarithm: it is
    NaN, and its time is left out for every symbol. So is a bar with a missing, zero, negative or contradictory price.

    Source: Garman & Klass 1980, equation 19a (drift zero).
    """
    prices = np.stack([bars.open, bars.high, bars.low, bars.close])
    usable = np.isfinite(prices).all(axis=0) & (prices > 0).all(axis=0)
    usable &= (bars.low <= np.minimum(bars.open, bars.close)) & (bars.high >= np.maximum(bars.open, bars.close))
    o, h, l, c = np.log(np.where(usable, prices, 1.0))
    variance = 0.5 * (h - l) ** 2 - (2.0 * math.log(2.0) - 1.0) * (c - o) ** 2
    usable &= variance > 0
    return np.where(usable, 0.5 * np.log(np.where(usable, variance, 1.0)), np.nan)


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970-01-01 UTC, exactly."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment_of(time_us: int) -> datetime:
    """The instant of a number of microseconds since 1970-01-01 UTC."""
    return _EPOCH + timedelta(microseconds=time_us)
