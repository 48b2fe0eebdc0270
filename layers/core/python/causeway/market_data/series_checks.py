"""Checks of one series of bars against itself: runs that stand still, volume out of all proportion, lone bars."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from causeway.market_data.findings import Findings
from causeway.market_data.robust import median_around, usual_moves
from causeway.market_data.schedule import DAY_US
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize

STALE_BARS = 5
FEWEST_STALE_BARS = 3
MOST_TIMES_USUAL_VOLUME = 100.0
_WINDOW = 30
_FEWEST = 10


def stale_runs(bars: BarColumns, bar_size: BarSize, *, longer_than: int = STALE_BARS) -> list[tuple[int, int]]:
    """First and last row of every run in which all four prices of all bars are equal.

    A run counts from ``longer_than`` bars on, and from 3 where no bar of it after the first has volume, or where daily
    bars are too detailed to be equal by chance (``telling_bars``). Intraday bars must have equal volume too: a market
    may well trade at one price for minutes.
    """
    prices = bars.prices()
    same = (prices[1:] == prices[:-1]).all(axis=1)
    telling = telling_bars(prices) & (bar_size is BarSize.DAY_1)
    if bar_size is not BarSize.DAY_1:
        same &= (bars.volume[1:] == bars.volume[:-1]) | (bars.volume[1:] == 0)
    borders = np.flatnonzero(np.diff(np.r_[0, same.astype(np.int8), 0]))
    runs = []
    for first, last in zip(borders[::2], borders[1::2], strict=True):
        length = int(last - first + 1)
        quiet = not bars.volume[first + 1 : last + 1].any()
        if length >= (min(FEWEST_STALE_BARS, longer_than) if quiet or telling[first] else longer_than):
            runs.append((int(first), int(last)))
    return runs


def telling_bars(prices: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Bars that span 10 ticks or more and have 3 or more distinct prices; the tick is 0.01, below 1 it is 0.0001."""
    opening, high, low, close = prices.T
    tick = np.where(close < 1, 0.0001, 0.01)
    inside = (opening != high) & (opening != low)
    closed_inside = (close != high) & (close != low)
    return np.asarray((high - low >= 9.999 * tick) & (inside | closed_inside))


def check_stale(bars: BarColumns, bar_size: BarSize, findings: Findings, *, longer_than: int = STALE_BARS) -> None:
    """A warning on every bar of a run after its first."""
    for first, last in stale_runs(bars, bar_size, longer_than=longer_than):
        volume = "no volume" if not bars.volume[first + 1 : last + 1].any() else "volume"
        for row in range(first + 1, last + 1):
            findings.add(row, "stale_run", f"{last - first + 1} bars in a row have the same four prices, with {volume}")


def check_volume(bars: BarColumns, bar_size: BarSize, findings: Findings) -> None:
    """A warning where volume is over 100 times the usual: of the days around, or of this time on other days.

    Of days also where it is under a hundredth of it, and where it is 0 although the price moved within the bar.
    """
    daily, moved = bar_size is BarSize.DAY_1, bars.high > bars.low
    for row, usual in _usual_volume(bars, bar_size):
        times = bars.volume[row] / usual
        if times > MOST_TIMES_USUAL_VOLUME:
            findings.add(row, "volume_spike", f"volume {bars.volume[row]:g} is {times:.0f} times the usual {usual:g}")
        elif daily and times < 1 / MOST_TIMES_USUAL_VOLUME and (bars.volume[row] > 0 or moved[row]):
            findings.add(row, "volume_drop", f"volume is {bars.volume[row]:g}; the usual is {usual:g}")


def _usual_volume(bars: BarColumns, bar_size: BarSize) -> list[tuple[int, float]]:
    volume = np.where(bars.volume > 0, bars.volume, np.nan)
    groups = [np.arange(len(bars))]
    if bar_size is not BarSize.DAY_1:
        clock = bars.time_us % DAY_US
        order = np.lexsort((bars.time_us, clock))
        groups = np.split(order, np.flatnonzero(np.diff(clock[order])) + 1)
    found: list[tuple[int, float]] = []
    for rows in groups:
        if len(rows) > _FEWEST:
            usual = median_around(volume[rows], _WINDOW)
            found.extend((int(row), float(one)) for row, one in zip(rows, usual, strict=True) if np.isfinite(one))
    return sorted(found)


def check_lone_bars(
    bars: BarColumns, bar_size: BarSize, findings: Findings, *, breaks: NDArray[np.int64] | None = None
) -> None:
    """A warning where a price stands far off both neighbouring bars and the next bar is back.

    Far is over 12 usual moves of the closes around and over 2 %; of days over 8 and 5 %: so far out were 91 of 140,000
    daily bars of five public sources, most of them misprints, a dozen of them the crashes of 6 May 2010 and 24 August
    2015. The bar's whole range, or one price of it (a bad print), may stand off. ``breaks`` are rows that begin a
    session: nothing is compared across them.
    """
    if len(bars) < _FEWEST:
        return
    usual_moves_off, at_least = (8.0, 0.05) if bar_size is BarSize.DAY_1 else (12.0, 0.02)
    with np.errstate(divide="ignore", invalid="ignore"):
        high, low, close = np.log(bars.high), np.log(bars.low), np.log(bars.close)
    above = high[1:-1] - np.maximum(high[:-2], high[2:])
    below = np.minimum(low[:-2], low[2:]) - low[1:-1]
    off = np.r_[0.0, np.maximum(above, below), 0.0]
    apart = np.r_[0.0, np.maximum(low[:-2], low[2:]) - np.minimum(high[:-2], high[2:]), 0.0]
    back = apart < np.abs(off) / 2
    if breaks is not None:
        off[breaks], off[np.maximum(breaks - 1, 0)] = 0.0, 0.0
    far = np.flatnonzero((off > np.log1p(at_least)) & back)
    for row, usual in zip(far, usual_moves(close, far), strict=True):
        if usual > 0 and off[row] > usual_moves_off * usual and not findings.has_error(int(row)):
            times = f"{off[row] / usual:.0f} usual moves"
            findings.add(
                int(row), "lone_price", f"a price lies {np.expm1(off[row]):.1%} beyond both neighbours, {times}"
            )
