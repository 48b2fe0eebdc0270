"""What a flawed dividend would be; by made bars of usual moves of 1 %."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from causeway.market_data.action_checks import check_actions
from causeway.market_data.action_repairs import action_repairs
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind, CorporateAction
from tests.unit.market_data.test_series_checks import action, after, scaled, walked

DIVIDEND, SPLIT = ActionKind.DIVIDEND, ActionKind.SPLIT


def paying(row: int, share: float, bars: BarColumns | None = None) -> BarColumns:
    """The price falls by this share on that day."""
    return scaled(bars or walked(), np.where(after(row), 1 - share, 1.0))


def values(bars: BarColumns, *actions: CorporateAction) -> list[tuple[CorporateAction, str, Decimal | None]]:
    return [(one.found, one.code, one.value) for one in action_repairs(bars, actions)]


def test_what_is_sound_has_no_proposal() -> None:
    paid = [action(DIVIDEND, 20, 0.5), action(DIVIDEND, 40, 0.5), action(DIVIDEND, 60, 12)]
    assert values(paying(60, 0.12), *paid) == []
    assert values(walked(), action(DIVIDEND, 0, 50), action(DIVIDEND, 90, 50)) == []  # beyond the bars


@pytest.mark.parametrize("share", [0.12, 0.5, 3.0])
def test_a_dividend_in_hundredths(share: float) -> None:
    flawed = action(DIVIDEND, 40, 100 * share)
    right = action(DIVIDEND, 20, 0.5)
    [(found, code, value)] = values(walked(), right, flawed)
    assert (found, code, value) == (flawed, "dividend_unit", Decimal(str(share)))


def test_a_large_dividend_with_a_wrong_date_is_not_in_hundredths() -> None:
    assert values(paying(43, 0.12), action(DIVIDEND, 40, 12)) == []


def test_one_that_is_like_the_others_is_not_in_hundredths() -> None:
    """The price rose on the day of one of three equal dividends of a twelfth."""
    bars = paying(60, 0.08, paying(20, 0.08))
    assert values(bars, *(action(DIVIDEND, row, 8) for row in (20, 40, 60))) == []


def test_a_gap_says_nothing_of_what_was_paid_in_it() -> None:
    bars = walked().rows((np.arange(80) < 30) | (np.arange(80) > 45))
    assert values(bars, action(DIVIDEND, 40, 30)) == []


def test_a_price_that_was_not_traded_is_waited_for() -> None:
    """Nothing moves on the ex-date and the day after; then the price is down by what was paid."""
    bars = paying(42, 0.12)
    still = np.repeat(bars.prices()[39, 3], 4)
    prices = bars.prices()
    prices[40:42] = still
    quiet = BarColumns.of(bars.time_us, prices, bars.volume)
    assert values(quiet, action(DIVIDEND, 40, 12)) == []


@pytest.mark.parametrize("shares", [5.0, 0.5])
def test_a_dividend_on_the_day_of_a_split_that_was_not_divided_by_it(shares: float) -> None:
    """12 % of the price are paid. Raw bars; what counts is the shares after the split."""
    bars = scaled(paying(40, 0.12), np.where(after(40), 1 / shares, 1.0))
    right = 0.12 * walked().close[39] / shares
    split, flawed = action(SPLIT, 40, shares), action(DIVIDEND, 40, round(right * shares, 6))
    [(found, code, value)] = values(bars, split, flawed)
    assert (found, code) == (flawed, "dividend_not_split")
    assert float(value or 0) == pytest.approx(right, rel=1e-6)
    assert values(bars, split, action(DIVIDEND, 40, round(right, 6))) == []


def test_of_a_dividend_that_stands_twice_the_one_goes_that_shows_less_in_the_price() -> None:
    twice = [action(DIVIDEND, row, 5) for row in (40, 43)]
    for row, gone in ((40, twice[1]), (43, twice[0])):
        assert values(paying(row, 0.05), *twice) == [(gone, "duplicate_dividend", None)]


def test_a_small_one_goes_whose_day_is_out_of_rhythm() -> None:
    bars = walked(800, move=0.01)
    last_year, again = action(DIVIDEND, 40, 0.1), action(DIVIDEND, 40 + 364, 0.1)
    for days in (-5, 5):
        phantom = action(DIVIDEND, 40 + 364 + days, 0.1)
        assert [found for found, _, _ in values(bars, last_year, again, phantom)] == [phantom]


def test_one_in_hundredths_goes_where_the_right_one_stands_beside_it() -> None:
    right, flawed = action(DIVIDEND, 43, 0.5), action(DIVIDEND, 40, 50)
    assert values(walked(), flawed, right) == [(flawed, "dividend_unit", None)]


def test_weekly_dividends_stand_once_each() -> None:
    assert values(walked(), *(action(DIVIDEND, row, 0.1) for row in range(10, 70, 7))) == []


def test_what_is_proposed_is_also_found_when_the_action_arrives() -> None:
    flawed = action(DIVIDEND, 40, 50)
    found = {one.finding.code: one.refuses for one in check_actions(walked(), [flawed], [flawed])}
    assert found == {"dividend_not_in_price": False, "dividend_unit": False}
