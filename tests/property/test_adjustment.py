"""Adjusted prices against an account in exact arithmetic: one share, splits booked, dividends reinvested."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from causeway.market_data.corporate_actions import Adjustment, Anchor, adjust
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind, CorporateAction

FIRST = date(2024, 1, 1)
DAY_US = 86_400_000_000
CENTS = st.integers(1, 100_000).map(lambda cents: Decimal(cents) / 100)
RATIOS = st.sampled_from(["2", "7", "1.5", "0.1", "0.008", "1.0027"]).map(Decimal)
ACTION = st.one_of(
    st.tuples(st.just(ActionKind.SPLIT), st.integers(0, 11), RATIOS),
    st.tuples(st.just(ActionKind.DIVIDEND), st.integers(0, 11), CENTS),  # often above the price: a special dividend
)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def worth(closes: list[Decimal], actions: list[CorporateAction]) -> list[Fraction]:
    """Of what one share of the first day became; a dividend is paid on the shares after its day's split."""
    shares, found = Fraction(1), []
    for number, close in enumerate(closes):
        mine = [one for one in actions if one.ex_date == day(number) and number > 0]
        for one in mine:
            shares *= Fraction(one.value) if one.kind is ActionKind.SPLIT else 1
        cash = sum((Fraction(one.value) for one in mine if one.kind is ActionKind.DIVIDEND), Fraction(0))
        shares *= (Fraction(close) + cash) / Fraction(close)
        found.append(shares * Fraction(close))
    return found


@given(st.lists(CENTS, min_size=12, max_size=12), st.lists(ACTION, max_size=6), st.sampled_from(list(Anchor)))
@settings(max_examples=200, deadline=None)
def test_total_return(closes: list[Decimal], found: list[tuple[ActionKind, int, Decimal]], anchor: Anchor) -> None:
    """Several actions on one day among them, a split and dividends together too."""
    actions = [CorporateAction(kind, day(number), value) for kind, number, value in found]
    prices = np.array([float(close) for close in closes])
    times = ((FIRST - date(1970, 1, 1)).days + np.arange(12, dtype=np.int64)) * DAY_US
    bars = BarColumns.of(times, np.stack([prices] * 4, axis=1), np.ones(12))
    ex_closes = {day(number): float(close) for number, close in enumerate(closes)}
    adjusted = adjust(bars, actions, Adjustment.TOTAL, ex_closes=ex_closes, anchor=anchor).close
    expected = worth(closes, actions)
    np.testing.assert_allclose(adjusted / adjusted[0], [float(one / expected[0]) for one in expected], rtol=1e-12)
    kept = 0 if anchor is Anchor.FIRST else -1
    assert adjusted[kept] == prices[kept]
