"""What a flawed dividend would be if its flaw were undone: proposals with a reason, never applied here.

A dividend D takes a price P to P - D on its ex-date. How far the first price from then on is from there, in usual moves
of the series, says how likely a reading of the record is. Three flaws say what the record should be:

* *dividend_unit*: in another unit than the prices, so that a hundredth of it is meant;
* *dividend_not_split*: on the day of a split, and for the other side's shares;
* *duplicate_dividend*: the same dividend twice within a few days; the one goes for whose day less speaks, of the price
  and of the days of other years.

Moves have fat tails: readings are compared by the likelihoods of Student's t with 4 degrees of freedom (Blattberg and
Gonedes, 1974, found 3 to 6 in daily returns of stocks). What shows in no price is left alone: a dividend that is a
hundredth of what was paid is too small for that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from statistics import median

import numpy as np
from numpy.typing import NDArray

from causeway.market_data.corporate_actions import Adjustment, adjust, midnight_us
from causeway.market_data.dividend_checks import SAME_WITHIN_DAYS, pays_weekly, same_twice
from causeway.market_data.findings import Finding, Findings
from causeway.market_data.level_shifts import levels
from causeway.market_data.robust import usual_moves
from causeway.market_data.schedule import DAY_US
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind, CorporateAction

UNIT = 100
_DEGREES = 4
_SURE_OF_A_UNIT = np.log(50)  # nats by which the price speaks for another reading
_SURE_OF_A_SPLIT = np.log(10)  # sources do leave out the split of that very day
_LEAST_USUAL_MOVE = 0.003
_QUIET_BARS = 5  # a price that does not move at all may not have been traded yet
_OTHER_DAYS = 5
_LONGEST_BREAK_US = 10 * DAY_US  # between the prices on both sides of an ex-date; over a gap they say nothing of it
_MOST_OFF = 4.0  # usual moves: a reading that is proposed must explain the price
_LIKE_THE_OTHERS = 3.0
_WEEKS_OF_A_YEAR = 52
_DAYS_A_NAT = 3.0


@dataclass(frozen=True, slots=True)
class ActionProposal:
    """``value`` in the place of the one that is recorded in ``found``, because of ``code``; None takes it out.

    ``reason`` is for people.
    """

    code: str
    reason: str
    found: CorporateAction
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class _Paid:
    """A dividend and what the price did on its ex-date. ``price``: the close before it, on the shares after a split.

    ``move``: log of the first price from the ex-date on over ``price``; ``usual``: the scale of such a move.
    ``other_falls``: the log moves of the days around.
    """

    action: CorporateAction
    split: Decimal
    price: float
    move: float
    usual: float
    other_falls: NDArray[np.float64]

    def share(self, value: Decimal) -> float:
        return float(value) / self.price

    def off(self, value: Decimal) -> float:
        """Usual moves between the price and where ``value`` takes it; infinite for more than the price."""
        share = self.share(value)
        return float(abs(self.move - np.log1p(-share)) / self.usual) if share < 1 else float("inf")

    def for_it(self, value: Decimal) -> float:
        """Nats by which the price speaks for ``value`` and against what is recorded; 0 where it explains nothing."""
        if self.off(value) > _MOST_OFF:
            return 0.0
        return _surprise(self.off(self.action.value)) - _surprise(self.off(value))

    def for_its_day(self) -> float:
        """Nats by which the price speaks for the dividend on this day and against none."""
        return _surprise(self.off(Decimal(0))) - _surprise(self.off(self.action.value))

    def falls_on_another_day(self) -> bool:
        """Whether the whole dividend shows a few days off: its date is wrong then, and not its amount."""
        share = self.share(self.action.value)
        if not 0 < share < 1:
            return False
        return bool((np.abs(self.other_falls - np.log1p(-share)) < 2 * self.usual).any())


def _surprise(off: float) -> float:
    return float((_DEGREES + 1) / 2 * np.log1p(off**2 / _DEGREES))


def action_repairs(bars: BarColumns, actions: Sequence[CorporateAction]) -> list[ActionProposal]:
    """Proposals for dividends of ``actions``, ascending; at most one each. ``bars`` are daily and raw.

    What lies beyond the bars cannot be judged.
    """
    paid = list(_all_paid(bars, sorted(actions, key=lambda one: one.ex_date)))
    found = {one.found.ex_date: one for one in _wrong_amounts(paid)}
    for one in _twice(paid, found):
        found[one.found.ex_date] = one
    return [found[day] for day in sorted(found)]


def check_amounts(bars: BarColumns, actions: Sequence[CorporateAction], findings: Findings) -> None:
    """The amounts for which there is a proposal, on the bar of the ex-date."""
    for action, flaw in amount_flaws(bars, actions):
        findings.add(int(np.searchsorted(bars.time_us, midnight_us(action.ex_date, "UTC"))), flaw.code, flaw.message)


def amount_flaws(bars: BarColumns, actions: Sequence[CorporateAction]) -> Iterator[tuple[CorporateAction, Finding]]:
    """The same by action; what stands twice is found by ``paid_flaws``."""
    for one in action_repairs(bars, actions):
        if one.code != "duplicate_dividend":
            yield one.found, Finding(one.code, one.reason)


def _all_paid(bars: BarColumns, actions: Sequence[CorporateAction]) -> Iterator[_Paid]:
    adjusted = adjust(bars, actions, Adjustment.SPLIT, ex_closes={})
    adjusted = adjusted.rows(np.isfinite(levels(adjusted)))
    level = levels(adjusted)
    with np.errstate(invalid="ignore"):
        close = np.log(adjusted.close)
    splits = {one.ex_date: one.value for one in actions if one.kind is ActionKind.SPLIT}
    for one in actions:
        ex = int(np.searchsorted(adjusted.time_us, midnight_us(one.ex_date, "UTC")))
        if one.kind is not ActionKind.DIVIDEND or not 0 < ex < len(adjusted):
            continue
        if adjusted.time_us[ex] - adjusted.time_us[ex - 1] <= _LONGEST_BREAK_US:
            later = _later_shares(splits, one.ex_date)
            yield _paid(one, splits.get(one.ex_date, Decimal(1)), later, close, level, ex)


def _later_shares(splits: dict[date, Decimal], day: date) -> float:
    """New shares per share of ``day`` by later splits: what adjusted prices are divided by."""
    return float(np.prod([float(value) for at, value in splits.items() if at > day]))


def _paid(
    action: CorporateAction,
    split: Decimal,
    later: float,
    close: NDArray[np.float64],
    level: NDArray[np.float64],
    ex: int,
) -> _Paid:
    before = close[ex - 1]
    bars = level[ex : ex + _QUIET_BARS]
    waited = int(np.argmax(bars != before)) if (bars != before).any() else 0
    [usual] = usual_moves(close, np.array([ex]))
    around = np.r_[close[max(0, ex - 1 - _OTHER_DAYS) : ex], close[ex : ex + _OTHER_DAYS + 1]]
    others = np.delete(np.diff(around), min(ex, _OTHER_DAYS + 1) - 1)
    scale = max(float(np.nan_to_num(usual, nan=np.inf)), _LEAST_USUAL_MOVE) * np.sqrt(waited + 1)
    return _Paid(action, split, float(np.exp(before)) * later, float(bars[waited] - before), float(scale), others)


def _wrong_amounts(paid: Sequence[_Paid]) -> Iterator[ActionProposal]:
    suspects = {one.action.ex_date for one in paid if _in_another_unit(one)}
    right = [one for one in paid if one.action.ex_date not in suspects]
    usual_share = median(one.share(one.action.value) for one in right) if right else 0.0
    for one in paid:
        recorded = one.share(one.action.value)
        if one.split != 1 and one.for_it(one.action.value / one.split) > _SURE_OF_A_SPLIT:
            yield _of_the_other_shares(one)
        elif one.action.ex_date in suspects and recorded > _LIKE_THE_OTHERS * usual_share:
            yield _in_hundredths(one, right)


def _in_another_unit(one: _Paid) -> bool:
    return one.for_it(one.action.value / UNIT) > _SURE_OF_A_UNIT and not one.falls_on_another_day()


def _of_the_other_shares(one: _Paid) -> ActionProposal:
    value = _short(one.action.value / one.split)
    reason = (
        f"the split of {one.split.normalize():f} for 1 is of the same day: {_plain(one.action.value)} would take the "
        f"price down by {one.share(one.action.value):.1%}, {_plain(value)} by {one.share(value):.1%}; it "
        f"{_said(one.move)}"
    )
    return ActionProposal("dividend_not_split", reason, one.action, value)


def _in_hundredths(one: _Paid, right: Sequence[_Paid]) -> ActionProposal:
    value = _short(one.action.value / UNIT)
    share = one.share(one.action.value)
    reason = f"{_plain(one.action.value)} is {share:.1%} of the price, which {_said(one.move)}"
    near = [other.action for other in right if 0 < _days(other.action, one.action) <= SAME_WITHIN_DAYS]
    same = next((other for other in near if other.value == value), None)
    if same is not None:
        reason += f"; a hundredth of it is recorded on {same.ex_date}, so it stands twice"
        return ActionProposal("dividend_unit", reason, one.action, None)
    return ActionProposal("dividend_unit", f"{reason}: in pence, cents or the like", one.action, value)


def _twice(paid: Sequence[_Paid], wrong: Iterable[date]) -> Iterator[ActionProposal]:
    """Of two equal ones the one goes for whose day less speaks."""
    dividends = [one for one in paid if one.action.ex_date not in set(wrong)]
    if pays_weekly([one.action for one in dividends]):
        return
    gone: date | None = None
    for earlier, later in pairwise(dividends):
        if not same_twice(earlier.action, later.action) or earlier.action.ex_date == gone:
            continue
        others = [one.action for one in dividends if one not in (earlier, later)]
        less, more = sorted((earlier, later), key=lambda one: one.for_its_day() - _out_of_rhythm(one.action, others))
        reason = (
            f"{_plain(less.action.value)} stands on {more.action.ex_date} too; the price {_said(less.move)} here and "
            f"{_said(more.move)} there"
        )
        if _out_of_rhythm(more.action, others) < _out_of_rhythm(less.action, others):
            reason += ", and the days of other years are nearer to that one"
        gone = less.action.ex_date
        yield ActionProposal("duplicate_dividend", reason, less.action, None)


def _out_of_rhythm(action: CorporateAction, others: Iterable[CorporateAction]) -> float:
    """Nats against a day that is not a year, of whole weeks, from that of another dividend."""
    apart = [abs(_days(action, other) - _WEEKS_OF_A_YEAR * 7) for other in others]
    return min([*apart, SAME_WITHIN_DAYS]) / _DAYS_A_NAT


def _said(move: float) -> str:
    return f"{'fell' if move < 0 else 'rose'} by {abs(np.expm1(move)):.1%}" if move else "did not move"


def _days(one: CorporateAction, other: CorporateAction) -> int:
    return abs((one.ex_date - other.ex_date).days)


def _short(value: Decimal) -> Decimal:
    """Ten digits: a value over a split of 3 for 1 has no end."""
    return Decimal(f"{value:.10g}")


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")
