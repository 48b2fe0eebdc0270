"""Dividends against an adjusted series and the raw prices beside it: does each step by what was paid?

A dividend D at ex-date t should step the ratio adjusted/close by 1 - D/P_prev (or P/(P+D), which is close to it).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from statistics import median

import numpy as np
from numpy.typing import NDArray

from causeway.market_data.corporate_actions import midnight_us
from causeway.market_data.findings import Finding, Findings
from causeway.market_data.level_shifts import levels
from causeway.market_data.robust import usual_moves
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind, CorporateAction

LARGE_DIVIDEND = 0.05
LARGE_USUAL_MOVES = 5.0
SAME_WITHIN_DAYS = 10
_STEP_NOISE = 3e-4  # single precision, and prices in whole cents
_SHARE_NOISE = 0.15  # of the step: the other convention, and closes that were rounded


def check_dividends(
    bars: BarColumns,
    adjusted_close: NDArray[np.float64],
    actions: Sequence[CorporateAction],
    findings: Findings,
    *,
    zone: str = "UTC",
) -> None:
    """Findings on the bar of each ex-date. ``bars`` are not adjusted for dividends; ``adjusted_close`` (n_bars,) is.

    A dividend without a close on both sides cannot be judged.
    """
    for action in actions:
        rows = _around(bars, midnight_us(action.ex_date, zone))
        if action.kind is ActionKind.DIVIDEND and rows is not None:
            _check_step(bars, adjusted_close, action, rows, findings)
    check_paid(bars, actions, findings, zone=zone)


def check_paid(bars: BarColumns, actions: Sequence[CorporateAction], findings: Findings, *, zone: str = "UTC") -> None:
    """What ``bars`` that are not adjusted for dividends say of them: see ``paid_flaws``."""
    for _, row, flaw in paid_flaws(bars, actions, zone=zone):
        findings.add(row, flaw.code, flaw.message)


def paid_flaws(
    bars: BarColumns, actions: Sequence[CorporateAction], *, zone: str = "UTC"
) -> Iterator[tuple[CorporateAction, int, Finding]]:
    """Dividends that show in no price, or that stand twice, each with the row of its ex-date; no others are judged.

    On the day of a split the price says nothing of a dividend.
    """
    splits = _shares_by_day(actions)
    usual = usual_moves(np.log(np.where(bars.close > 0, bars.close, np.nan)))
    before: CorporateAction | None = None
    weekly = pays_weekly(actions)
    for action in actions:
        if action.kind is not ActionKind.DIVIDEND:
            continue
        rows = _around(bars, midnight_us(action.ex_date, zone))
        if rows is not None:
            shows = None if action.ex_date in splits else _not_in_price(bars, action, rows, usual)
            flaws = (shows, None if weekly else _repeated(before, action))
            yield from ((action, rows[1], flaw) for flaw in flaws if flaw is not None)
        before = action


def dividend_moves(
    bars: BarColumns, actions: Sequence[CorporateAction], *, zone: str = "UTC", as_traded: bool = False
) -> Mapping[date, float]:
    """Log move that each dividend makes into the bar of its ex-date; one of more than the price makes none.

    On the day of a split some sources record it for the shares before, others for those after: what is nearer to how
    the price moved counts. ``as_traded``: the bars are raw, so that the split is in that move.
    """
    found = {}
    splits = _shares_by_day(actions)
    level = levels(bars)
    for action in actions:
        rows = _around(bars, midnight_us(action.ex_date, zone))
        if action.kind is ActionKind.DIVIDEND and rows is not None:
            shares = splits.get(action.ex_date, 1.0)
            price = bars.close[rows[0]] / (shares if as_traded else 1.0)
            readings = {float(action.value) / price, float(action.value) / shares / price}
            moved = float(level[rows[1]] - np.log(price))
            moves = [float(np.log1p(-share)) for share in readings if share < 1]
            if moves:
                found[action.ex_date] = min(moves, key=lambda move: abs(moved - move))
    return found


def _shares_by_day(actions: Sequence[CorporateAction]) -> dict[date, float]:
    return {one.ex_date: float(one.value) for one in actions if one.kind is ActionKind.SPLIT}


def _around(bars: BarColumns, at_us: int) -> tuple[int, int] | None:
    """Last row with a close before a moment, and the first from it on."""
    known = np.flatnonzero(bars.close > 0)
    at = int(np.searchsorted(bars.time_us[known], at_us))
    return (int(known[at - 1]), int(known[at])) if 0 < at < known.size else None


def _check_step(
    bars: BarColumns,
    adjusted_close: NDArray[np.float64],
    action: CorporateAction,
    rows: tuple[int, int],
    findings: Findings,
) -> None:
    before, ex = rows
    ratio = adjusted_close / bars.close
    taken = 1 - ratio[before] / ratio[ex]
    share = float(action.value) / bars.close[before]
    noise = max(_STEP_NOISE, _SHARE_NOISE * share)
    if not np.isfinite(taken) or abs(taken - share) <= noise or abs(taken - share / (1 + share)) <= _STEP_NOISE:
        return
    code, what = _judge(taken, share)
    findings.add(
        ex,
        code,
        f"the dividend of {action.value.normalize():f} on {action.ex_date} is {share:.3%} of "
        f"{bars.close[before]:.6g}; {what}",
    )


def _judge(taken: float, share: float) -> tuple[str, str]:
    if abs(taken * 100 - share) <= 0.2 * share + 100 * 2e-6:
        return "dividend_unit", f"the adjusted series steps by {taken:.4%}, a hundredth of it"
    if abs(taken / 100 - share) <= 0.2 * share:
        return "dividend_unit", f"the adjusted series steps by {taken:.3%}, 100 times it"
    if abs(taken) <= _STEP_NOISE:
        return "dividend_not_applied", "the adjusted series has no step there"
    if abs(taken - (1 - (1 - share) ** 2)) <= 0.1 * share or abs(taken - 2 * share) <= 0.1 * share:
        return "dividend_applied_twice", f"the adjusted series steps by {taken:.3%}, twice it"
    return "dividend_misapplied", f"the adjusted series steps by {taken:.3%}"


def _not_in_price(
    bars: BarColumns, action: CorporateAction, rows: tuple[int, int], usual: NDArray[np.float64]
) -> Finding | None:
    """A large dividend takes the price down; one that does not is no dividend of that size on that day."""
    before, ex = rows
    share = float(action.value) / bars.close[before]
    move = usual[ex]
    if share <= LARGE_DIVIDEND or not np.isfinite(move) or share <= LARGE_USUAL_MOVES * move:
        return None
    fall = 1 - bars.low[ex] / bars.close[before]
    if fall >= share / 2:
        return None
    message = f"a dividend of {share:.1%} of the price on {action.ex_date}, and the price fell by {fall:.1%} at most"
    return Finding("dividend_not_in_price", message)


def pays_weekly(actions: Sequence[CorporateAction]) -> bool:
    """Whether dividends come so often that two equal ones in a row are usual: half of at least three gaps are short."""
    days = sorted({one.ex_date for one in actions if one.kind is ActionKind.DIVIDEND})
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    return len(gaps) >= 3 and median(gaps) <= SAME_WITHIN_DAYS


def same_twice(earlier: CorporateAction, later: CorporateAction) -> bool:
    """Whether two dividends in a row are one that stands twice; not where they are paid weekly."""
    return earlier.value == later.value and (later.ex_date - earlier.ex_date).days <= SAME_WITHIN_DAYS


def _repeated(earlier: CorporateAction | None, later: CorporateAction) -> Finding | None:
    if earlier is None or not same_twice(earlier, later):
        return None
    days = f"on {earlier.ex_date} and on {later.ex_date}"
    return Finding("duplicate_dividend", f"{later.value.normalize():f} {days}")
