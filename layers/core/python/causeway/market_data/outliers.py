"""Daily bars that are possible on their own and wrong in their place.

Three patterns, each with a stated rule, because a real move (earnings, a crash, a ticker that changed hands)
must not be taken for an error:

* *repeated bar*: a vendor filled a day with a later day's bar. All four prices are equal to those of one of the
  next 30 bars, and the volume is within 5 %, or at least 3 symbols of the file have this on the same date. On such
  a date, three equal prices of the next 10 bars with a volume within 10 % are enough. Bars that span less
  than 10 ticks, or have fewer than 3 distinct prices, repeat by chance and are left alone. The earlier bar is
  the wrong one: in 14 of 14 cases that a second vintage of the same public data set can settle, it was.
  Three bars or more in a row with equal prices are a stale run, whose first bar may well be right.
* *spike*: low to high lies wholly above (or below) both neighbours by more than 4 usual daily moves, and the
  close comes back: the move across the bar is less than half of the move into it. Between 2.5 and 4 usual moves
  it is reported as an *isolated bar*, a warning. Two to five bars in a row that stand apart together are a spike
  beyond 6 usual moves and 8 %, and isolated bars beyond 2.5 usual moves and 2 %.
* *large move*: a warning only.
* *last bar apart*: nothing lies behind the last bar yet, so that it may be a spike or a move that lasts. A warning
  where low to high lies over 8 usual daily moves (of the bars before) and 5 % off the bar before it.

"Usual daily move" is 1.4826 times the median absolute log return of the 60 bars around, a robust standard
deviation (Rousseeuw and Croux, 1993). Thresholds were set on 150,000 daily bars of five public sources: the largest
isolated bar that is known to be real stands at 2.3 usual moves, the smallest that is certainly wrong at 9. Of several
bars together, the largest that is known to be real stands at 4.5 usual moves and 6 % (three days of April 2025).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from causeway.market_data.findings import Findings
from causeway.market_data.level_shifts import unit_stretches
from causeway.market_data.normalizer import ParsedRows
from causeway.market_data.series_checks import telling_bars
from causeway.market_data.standing_apart import standing_apart
from causeway.market_data.validator import usable_rows

REPEAT_WITHIN_BARS = 30
NEAR_REPEAT_WITHIN_BARS = 10
SYMBOLS_FOR_A_WRONG_DAY = 3
SPIKE_USUAL_MOVES = 4.0
ISOLATED_USUAL_MOVES = 2.5
SPIKE_OF_SEVERAL_USUAL_MOVES, SPIKE_OF_SEVERAL = 6.0, 0.08
ISOLATED_SEVERAL = 0.02
LARGE_MOVE_USUAL_MOVES = 8.0
LARGE_MOVE = 0.25
LAST_BAR_USUAL_MOVES, LAST_BAR = 8.0, 0.05
_SAID = {"large_move", "unit_error", "unit_shift"}  # of the last bar, these say more
_WINDOW = 30
_MIN_RETURNS = 10
_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class _Apart:
    """Bars ``first`` to ``last`` lie ``gap``, in logarithms, off both neighbours and come back."""

    first: int
    last: int
    gap: float
    usual: float

    def code(self) -> str | None:
        """Spike, isolated bar or neither."""
        several = self.last > self.first
        if self.gap <= ISOLATED_USUAL_MOVES * self.usual or (several and self.gap <= np.log1p(ISOLATED_SEVERAL)):
            return None
        moves = SPIKE_OF_SEVERAL_USUAL_MOVES if several else SPIKE_USUAL_MOVES
        far = self.gap > moves * self.usual and not (several and self.gap <= np.log1p(SPIKE_OF_SEVERAL))
        return "spike" if far else "isolated_bar"


@dataclass(frozen=True, slots=True)
class _Repeat:
    earlier: int
    later: int
    equal_prices: int
    lag: int
    volume_difference: float


def check_outliers(parsed: ParsedRows, time_us: NDArray[np.int64], findings: Findings) -> None:
    """Find repeated bars, then spikes and large moves among the rest. For daily bars only."""
    repeats = [repeat for rows in by_symbol(parsed, time_us, findings) for repeat in _repeats(rows, parsed.values)]
    _judge_repeats(repeats, time_us, findings)
    for rows in by_symbol(parsed, time_us, findings):
        check_moves(rows, parsed.values, findings)


def by_symbol(parsed: ParsedRows, time_us: NDArray[np.int64], findings: Findings) -> Iterator[NDArray[np.int64]]:
    """Usable rows of each symbol that has any, ascending in time, one for each bar."""
    rows = usable_rows(time_us, findings)
    order = rows[np.lexsort((time_us[rows], parsed.symbol_id[rows]))]
    symbol, time = parsed.symbol_id[order], time_us[order]
    distinct = np.r_[True, (symbol[1:] != symbol[:-1]) | (time[1:] != time[:-1])][: order.size]
    order = order[distinct]
    if order.size:
        yield from np.split(order, np.flatnonzero(np.diff(parsed.symbol_id[order])) + 1)


def _repeats(rows: NDArray[np.int64], values: NDArray[np.float64]) -> Iterator[_Repeat]:
    prices, volume = values[rows, :4], values[rows, 4]
    telling = telling_bars(prices) & ~_in_a_run(prices)
    for lag in range(1, min(REPEAT_WITHIN_BARS, len(rows) - 1) + 1):
        equal = (prices[lag:] == prices[:-lag]).sum(axis=1)
        for at in np.flatnonzero((equal >= 3) & telling[:-lag]):
            difference = abs(volume[at + lag] - volume[at]) / max(volume[at], volume[at + lag], 1.0)
            yield _Repeat(int(rows[at]), int(rows[at + lag]), int(equal[at]), lag, float(difference))


def _in_a_run(prices: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Bars of three or more in a row with the same four prices."""
    same = np.r_[False, (prices[1:] == prices[:-1]).all(axis=1), False, False]
    middle = same[:-2] & same[1:-1]  # equal to the bar before it and to the one after it
    return np.asarray(middle | np.r_[middle[1:], False] | np.r_[False, middle[:-1]])[: len(prices)]


def _judge_repeats(repeats: list[_Repeat], time_us: NDArray[np.int64], findings: Findings) -> None:
    whole = [repeat for repeat in repeats if repeat.equal_prices == 4]
    dates, counts = np.unique([time_us[repeat.earlier] for repeat in whole], return_counts=True)
    wrong_days = set(dates[counts >= SYMBOLS_FOR_A_WRONG_DAY].tolist())
    seen: set[int] = set()
    for repeat in repeats:
        on_wrong_day = int(time_us[repeat.earlier]) in wrong_days
        if repeat.earlier in seen or not _is_convincing(repeat, on_wrong_day):
            continue
        seen.add(repeat.earlier)
        earlier, later = _day(time_us[repeat.earlier]), _day(time_us[repeat.later])
        others = "; several symbols have this on the day" if on_wrong_day else ""
        message = f"{repeat.equal_prices} of 4 prices equal the bar of {later}, {repeat.lag} bars later{others}"
        findings.add(repeat.earlier, "repeated_bar", message)
        findings.add(repeat.later, "same_as_earlier_bar", f"the bar of {earlier} has these prices")


def _is_convincing(repeat: _Repeat, on_wrong_day: bool) -> bool:
    if repeat.equal_prices == 4:
        return on_wrong_day or repeat.volume_difference <= 0.05
    return on_wrong_day and repeat.lag <= NEAR_REPEAT_WITHIN_BARS and repeat.volume_difference <= 0.10


def check_moves(rows: NDArray[np.int64], values: NDArray[np.float64], findings: Findings) -> None:
    """Spikes, isolated bars and large moves of one symbol's daily bars; ``rows`` of ``values``, ascending in time.

    The way back from a spike is no move: the spike is not stored.
    """
    if len(rows) < _MIN_RETURNS + 3:
        return
    prices = np.log(values[rows, :4])
    _, high, low, close = prices.T
    returns = np.diff(close)
    units = [one for _, one in unit_stretches(np.median(prices, axis=1)) if one.last > one.first]
    apart = {at for one in units if one.closed for at in range(one.first, one.last + 1)}  # check_units says it
    for one in _standing_apart(high, low, close):
        code = one.code()
        if code is not None and one.first not in apart:
            what = "the bar lies" if one.first == one.last else f"{one.last - one.first + 1} bars lie"
            for at in range(one.first, one.last + 1):
                findings.add(
                    int(rows[at]),
                    code,
                    f"{what} {np.expm1(one.gap):.1%} off both neighbours, {one.gap / one.usual:.1f} usual daily moves",
                )
            apart.update(range(one.first, one.last + 1))
    for at in (np.flatnonzero(np.abs(returns) > np.log1p(LARGE_MOVE)) + 1).tolist():
        # The way into and out of what stands apart was said already.
        if not apart & {at, at - 1} and (moved := large_move(returns, at)) is not None:
            findings.add(int(rows[at]), "large_move", moved)
    last = len(rows) - 1
    if last not in apart and not {one.code for one in findings.by_row.get(int(rows[-1]), ())} & _SAID:
        _check_last(int(rows[-1]), high, low, returns, findings)


def _check_last(
    row: int, high: NDArray[np.float64], low: NDArray[np.float64], returns: NDArray[np.float64], findings: Findings
) -> None:
    """As many returns as for a bar in the middle, all from behind."""
    gap, behind = float(max(low[-1] - high[-2], low[-2] - high[-1])), returns[-1 - 2 * _WINDOW : -1]
    usual = 1.4826 * float(np.median(np.abs(behind)))
    if usual > 0 and gap > max(LAST_BAR_USUAL_MOVES * usual, np.log1p(LAST_BAR)):
        off = f"{np.expm1(gap):.1%} off the one before, {gap / usual:.1f} usual daily moves"
        findings.add(row, "last_bar_apart", f"the last bar lies {off}; the next will tell whether it is right")


def large_move(returns: NDArray[np.float64], at: int) -> str | None:
    """What to say of the move into bar ``at``, log return ``at - 1``; None where it is not large, or unknown."""
    usual, move = _usual_move(returns, at, at), returns[at - 1]
    if usual <= 0 or abs(move) <= max(np.log1p(LARGE_MOVE), LARGE_MOVE_USUAL_MOVES * usual):
        return None
    return f"the close moved {np.expm1(move):+.1%}, {abs(move) / usual:.0f} usual daily moves"


def _standing_apart(
    high: NDArray[np.float64], low: NDArray[np.float64], close: NDArray[np.float64]
) -> Iterator[_Apart]:
    returns = np.diff(close)
    for first, last, gap in standing_apart(high, low, close):
        usual = _usual_move(returns, first, last)
        if usual > 0:
            yield _Apart(first, last, gap, usual)


def _usual_move(returns: NDArray[np.float64], first: int, last: int) -> float:
    """Robust standard deviation of the returns around these bars, without those that touch them; 0 if unknown."""
    around = np.r_[returns[max(0, first - 1 - _WINDOW) : max(0, first - 1)], returns[last + 1 : last + 1 + _WINDOW]]
    if around.size < _MIN_RETURNS:
        return 0.0
    return float(1.4826 * np.median(np.abs(around)))


def _day(time_us: int | np.int64) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(time_us))).date().isoformat()
