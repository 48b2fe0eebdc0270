"""Stretches of a series that lie a known factor off: another unit, a split that was left out or applied twice.

A level is compared across one border at a time: the median of the log prices of a bar and of the bar before it. A move
counts as a factor where it lies within 4 usual moves of it, and never further than a sixth of it (a third near a
recorded split of 4 or more). Two opposite moves bound a stretch of at most half of the bars (of a factor that a split
can have, at most 250); any other says that the sides differ, and not which is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causeway.market_data.corporate_actions import midnight_us
from causeway.market_data.findings import Findings
from causeway.market_data.robust import usual_moves
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind, CorporateAction

# Pence for pounds, thousandths, prices that are written times 10,000; a decimal point that is one place off.
UNITS = (100.0, 1000.0, 10_000.0, 10.0)
SPLIT_LIKE = 10.0  # stocks do split 10 for 1: one border alone is no matter of units
NEAR_SPLIT_BARS = 15
LONGEST_STRETCH = 250
SMALLEST_SPLIT = 0.1  # of the logarithm; a smaller one is looked for on its very day, and only in a quiet series
SMALL_SPLIT_USUAL_MOVES = 8.0  # a spin-off's 0.3 % is no larger than a day's move
_USUAL_MOVES = 4.0
_LEAST_TOLERANCE = 0.03
_LARGE_SPLIT = np.log(4)
_SIMPLE_RATIOS = (3 / 2, 4 / 3, 5 / 4, 2, 5 / 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50)
_MOST_IN_A_BAR = np.log(5)
_SMALLEST_UNRECORDED = np.log(1.4)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows ``first`` to ``last`` lie ``factor`` above the rest; ``closed`` where there is a rest on both sides.

    One that is not closed reaches to the series' end; the other side may be the wrong one.
    """

    first: int
    last: int
    factor: float
    closed: bool


def levels(bars: BarColumns) -> NDArray[np.float64]:
    """Median log price of each bar; NaN where a price is missing or not above 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.median(np.log(bars.prices()), axis=1))


def whole_levels(bars: BarColumns) -> NDArray[np.float64]:
    """The same; NaN too where the prices of one bar are over 5 times apart: it is of no level then."""
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(bars.prices())
    return np.where(np.ptp(logs, axis=1) <= _MOST_IN_A_BAR, levels(bars), np.nan)


def stretches(
    level: NDArray[np.float64],
    factor: float,
    *,
    explained: NDArray[np.float64] | None = None,
    least_share: float = 0.08,
    most_share: float = 1 / 6,
    longest: int = LONGEST_STRETCH,
) -> list[Stretch]:
    """Stretches that lie ``factor`` above, or 1/``factor`` of, what is around them.

    ``explained`` (n_bars,) is the log move into each bar that is accounted for otherwise, a dividend's for instance.
    The tolerance is at least and at most these shares of the factor's logarithm: prices of a few ticks are coarse.
    """
    known = np.flatnonzero(np.isfinite(level))
    if known.size < 2:
        return []
    moves = np.diff(level[known])
    if explained is not None:
        moves = moves - np.array([explained[a + 1 : b + 1].sum() for a, b in pairwise(known)])
    size = float(np.log(factor))
    off = np.minimum(np.abs(moves - size), np.abs(moves + size))
    near = np.flatnonzero(off <= abs(size) * most_share)
    usual = np.nan_to_num(usual_moves(level[known], near + 1), nan=0.0)
    least = max(_LEAST_TOLERANCE, least_share * abs(size))
    tolerance = np.minimum(np.maximum(_USUAL_MOVES * usual, least), abs(size) * most_share)
    shifts = [
        (int(known[at + 1]), 1 if np.sign(moves[at]) == np.sign(size) else -1) for at in near[off[near] <= tolerance]
    ]
    return list(_paired(shifts, factor, min(longest, len(known) // 2)))


def _paired(shifts: Sequence[tuple[int, int]], factor: float, longest: int) -> Iterable[Stretch]:
    at = border = 0
    while at < len(shifts):
        row, sign = shifts[at]
        length = shifts[at + 1][0] - row if at + 1 < len(shifts) and shifts[at + 1][1] == -sign else 0
        if 0 < length <= longest:
            yield Stretch(row, row + length - 1, factor**sign, closed=True)
            at += 2
        else:
            # The later side is taken for right: it is the one that the next fetch continues.
            yield Stretch(border, row - 1, factor**-sign, closed=False)
            border, at = row, at + 1


def unit_stretches(level: NDArray[np.float64]) -> list[tuple[float, Stretch]]:
    """Stretches in another unit, with the unit; such as end with the series only where no split explains them."""
    return [
        (unit, one)
        for unit in UNITS
        for one in stretches(level, unit, longest=LONGEST_STRETCH if unit == SPLIT_LIKE else len(level))
        if one.closed or unit != SPLIT_LIKE
    ]


def times_unit(unit: float, *, above: bool) -> str:
    """100 times, or 1/100 of."""
    return f"{unit:.0f} times" if above else f"1/{unit:.0f} of"


def check_splits(
    bars: BarColumns,
    actions: Sequence[CorporateAction],
    findings: Findings,
    *,
    dividend_moves: Mapping[date, float] | None = None,
    zone: str = "UTC",
) -> None:
    """Bars that are said to be split-adjusted: is each split in them exactly once? See ``split_stretches``."""
    for action, one in split_stretches(bars, actions, dividend_moves=dividend_moves, zone=zone):
        shares = float(action.value)
        side = "those around them" if one.closed else "those after"
        recorded = f"a split of {shares:.6g} for 1 is recorded on {action.ex_date}"
        for row in range(one.first, one.last + 1):
            findings.add(row, split_code(one, shares), f"prices are {one.factor:.4g} times {side}; {recorded}")


def split_code(stretch: Stretch, shares: float) -> str:
    """Prices that are too high lack a split of more than one share for one, and have a reverse split twice."""
    return "split_not_applied" if (stretch.factor > 1) == (shares > 1) else "split_applied_twice"


def split_stretches(
    bars: BarColumns,
    actions: Sequence[CorporateAction],
    *,
    dividend_moves: Mapping[date, float] | None = None,
    zone: str = "UTC",
) -> list[tuple[CorporateAction, Stretch]]:
    """Stretches near a recorded split that are its ratio off.

    A split of less than a tenth is looked for at its own date alone, and where it is 8 usual moves or more; a smaller
    one cannot be told from a move. Raw bars are adjusted for their splits first: bars that were adjusted
    already then show as adjusted twice. ``dividend_moves`` maps ex-dates to the log move that a dividend makes,
    log(1 - D/P).
    """
    level, explained = levels(bars), np.zeros(len(bars))
    for day, move in (dividend_moves or {}).items():
        row = int(np.searchsorted(bars.time_us, midnight_us(day, zone)))
        if 0 < row < len(bars):
            explained[row] += move
    found: list[tuple[CorporateAction, Stretch]] = []
    for action in actions:
        if action.kind is ActionKind.SPLIT:
            at = int(np.searchsorted(bars.time_us, midnight_us(action.ex_date, zone)))
            large = abs(np.log(float(action.value))) >= SMALLEST_SPLIT
            look = _near_split if large else _at_small_split
            found.extend((action, one) for one in look(level, explained, float(action.value), at))
    return found


def _at_small_split(
    level: NDArray[np.float64], explained: NDArray[np.float64], shares: float, at: int
) -> list[Stretch]:
    size = abs(float(np.log(shares)))
    if not 0 < at < len(level):
        return []
    [usual] = usual_moves(level, np.array([at]))
    if not usual > 0 or size < SMALL_SPLIT_USUAL_MOVES * usual:
        return []
    found = stretches(level, shares, explained=explained, most_share=1 / 3)
    return [one for one in found if at in (one.first, one.last + 1)]


def _near_split(level: NDArray[np.float64], explained: NDArray[np.float64], shares: float, at: int) -> list[Stretch]:
    """First with dividends accounted for; then without, for a dividend that may be wrong itself; then widely."""
    left = np.abs(np.r_[0.0, np.diff(level)] - explained)
    accounted = (explained != 0) & (left <= np.maximum(3 * np.nan_to_num(usual_moves(level)), 2 * _LEAST_TOLERANCE))
    tries: list[dict[str, Any]] = [{"explained": explained}, {"explained": np.where(accounted, explained, 0.0)}]
    if abs(np.log(shares)) >= _LARGE_SPLIT:
        tries.append({"explained": explained, "least_share": 1 / 3, "most_share": 1 / 3})
    for how in tries:
        found = [one for one in stretches(level, shares, **how) if _is_near(one, at)]
        if found:
            return found
    return []


def _is_near(one: Stretch, at: int) -> bool:
    return min(abs(one.first - at), abs(one.last + 1 - at)) <= NEAR_SPLIT_BARS


def near_a_split(bars: BarColumns, row: int, actions: Sequence[CorporateAction], *, zone: str = "UTC") -> bool:
    """Whether a split is recorded within 15 bars of ``row``."""
    splits = [one.ex_date for one in actions if one.kind is ActionKind.SPLIT]
    rows = [int(np.searchsorted(bars.time_us, midnight_us(day, zone))) for day in splits]
    return any(abs(row - at) <= NEAR_SPLIT_BARS for at in rows)


def check_unrecorded_splits(
    bars: BarColumns, actions: Sequence[CorporateAction], findings: Findings, *, zone: str = "UTC"
) -> None:
    """Raw or adjusted bars: a lasting shift by a simple ratio with volume shifting inversely, and no split near."""
    level = levels(bars)
    with np.errstate(divide="ignore"):
        volume = np.where(bars.volume > 0, np.log(bars.volume), np.nan)
    moves = np.r_[0.0, np.diff(level)]
    large = np.flatnonzero(np.abs(moves) > _SMALLEST_UNRECORDED)
    around = usual_moves(level, large)
    usual = dict(zip(large.tolist(), around.tolist(), strict=True))
    known = [int(np.searchsorted(bars.time_us, midnight_us(one.ex_date, zone))) for one in actions]
    for row in large[np.abs(moves[large]) > 8 * np.nan_to_num(around)].tolist():
        ratio = min(_SIMPLE_RATIOS, key=lambda one: abs(np.log(one) - abs(moves[row])))
        tolerance = max(2 * usual[row], _LEAST_TOLERANCE) if np.isfinite(usual[row]) else _LEAST_TOLERANCE
        near = any(abs(row - at) <= NEAR_SPLIT_BARS for at in known)
        if near or abs(np.log(ratio) - abs(moves[row])) > tolerance or not _volume_follows(volume, row, moves[row]):
            continue
        shares = f"{ratio:.4g} for 1" if moves[row] < 0 else f"1 for {ratio:.4g}"
        findings.add(row, "unrecorded_split", f"prices move by {np.expm1(moves[row]):+.1%}: a split of {shares}?")


def _volume_follows(volume: NDArray[np.float64], row: int, move: float) -> bool:
    before, after = volume[max(0, row - 20) : row], volume[row + 1 : row + 21]
    if np.isfinite(before).sum() < 5 or np.isfinite(after).sum() < 5:
        return False
    shift = np.nanmedian(after) - np.nanmedian(before)
    return bool(abs(shift + move) < abs(shift) and np.sign(shift) == -np.sign(move))
