"""Checks of one series of bars against itself: runs that stand still, volume out of all proportion, lone bars."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from causeway.market_data.findings import Findings
from causeway.market_data.robust import median_around, usual_moves
from causeway.market_data.schedule import DAY_US
from causeway.market_data.standing_apart import standing_apart
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize

STALE_BARS = 5
FEWEST_STALE_BARS = 3
STALE_BARS_OF_ONE_PRICE = 10  # five seconds in a row of one lot at one price are nothing special
MOST_TIMES_USUAL_VOLUME = 100.0
_WINDOW = 30
_FEWEST = 10


def stale_runs(bars: BarColumns, bar_size: BarSize) -> list[tuple[int, int]]:
    """First and last row of every run in which all four prices of all bars are equal.

    Of days, runs of 5 count; of 3 where no bar after the first has volume, or where the bars are too detailed to be
    equal by chance (``telling_bars``). Intraday, a market may trade at one price for minutes: runs of 10 with equal
    volume count, of 5 where the bars have a price between high and low, and of 3 without volume.
    """
    prices = bars.prices()
    same = (prices[1:] == prices[:-1]).all(axis=1)
    daily = bar_size is BarSize.DAY_1
    telling = telling_bars(prices) if daily else _with_a_price_inside(prices)
    if not daily:
        same &= telling[1:] | (bars.volume[1:] == bars.volume[:-1]) | (bars.volume[1:] == 0)
    borders = np.flatnonzero(np.diff(np.r_[0, same.astype(np.int8), 0]))
    runs = []
    for first, last in zip(borders[::2].tolist(), borders[1::2].tolist(), strict=True):
        quiet = not bars.volume[first + 1 : last + 1].any()
        if last - first + 1 >= _fewest_stale(daily=daily, quiet=quiet, telling=bool(telling[first])):
            runs.append((first, last))
    return runs


def _fewest_stale(*, daily: bool, quiet: bool, telling: bool) -> int:
    if quiet or (daily and telling):
        return FEWEST_STALE_BARS
    return STALE_BARS if daily or telling else STALE_BARS_OF_ONE_PRICE


def telling_bars(prices: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Bars that span 10 ticks or more and have 3 or more distinct prices; the tick is 0.01, below 1 it is 0.0001."""
    _, high, low, close = prices.T
    tick = np.where(close < 1, 0.0001, 0.01)
    return np.asarray((high - low >= 9.999 * tick) & _with_a_price_inside(prices))


def _with_a_price_inside(prices: NDArray[np.float64]) -> NDArray[np.bool_]:
    opening, high, low, close = prices.T
    return np.asarray(((opening != high) & (opening != low)) | ((close != high) & (close != low)))


def check_stale(bars: BarColumns, bar_size: BarSize, findings: Findings) -> None:
    """A warning on every bar of a run after its first."""
    for first, last in stale_runs(bars, bar_size):
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
    2015. The bar's whole range, or one price of it (a bad print), may stand off; intraday also two to five whole bars
    together. ``breaks`` are rows that begin a session: nothing is compared across them.
    """
    if len(bars) < _FEWEST:
        return
    daily = bar_size is BarSize.DAY_1
    far = _Far(8.0, np.log1p(0.05)) if daily else _Far(12.0, np.log1p(0.02))
    with np.errstate(divide="ignore", invalid="ignore"):
        high, low, close = np.log(bars.high), np.log(bars.low), np.log(bars.close)
    off = _beyond_neighbours(high, low)
    begins = np.zeros(len(bars), dtype=bool)
    begins[[] if breaks is None else breaks] = True
    off[begins | np.r_[begins[1:], False]] = 0.0
    lone = [(row, row, off[row]) for row in np.flatnonzero(off > far.at_least).tolist()]
    if not daily:
        found = standing_apart(high, low, close, fewest=2)
        lone += [one for one in found if one[2] > far.at_least and not begins[one[0] : one[1] + 2].any()]
    usual = usual_moves(close, np.array([first for first, _, _ in lone], dtype=np.int64))
    for (first, last, gap), move in zip(lone, usual.tolist(), strict=True):
        if move > 0 and gap > far.usual_moves * move:
            what = "a price lies" if first == last else f"{last - first + 1} bars lie"
            message = f"{what} {np.expm1(gap):.1%} beyond both neighbours, {gap / move:.0f} usual moves"
            for row in range(first, last + 1):
                if not findings.has_error(row):
                    findings.add(row, "lone_price", message)


class _Far(NamedTuple):
    usual_moves: float
    at_least: float


def _beyond_neighbours(high: NDArray[np.float64], low: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far a price of each bar lies beyond both neighbours; 0 where those are apart by half of that or more."""
    above = high[1:-1] - np.maximum(high[:-2], high[2:])
    below = np.minimum(low[:-2], low[2:]) - low[1:-1]
    off = np.maximum(above, below)
    apart = np.maximum(low[:-2], low[2:]) - np.minimum(high[:-2], high[2:])
    return np.asarray(np.r_[0.0, np.where(apart < np.abs(off) / 2, off, 0.0), 0.0])
