"""Adjustment factors, against numbers worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from causeway.errors import InvalidInput
from causeway.market_data.corporate_actions import Adjustment, Anchor, Convention, adjust
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind, CorporateAction

DAY_US = 86_400_000_000
MONDAY = date(2024, 1, 1)


def bars(closes: list[float], *, start_us: int | None = None) -> BarColumns:
    first = (MONDAY - date(1970, 1, 1)).days * DAY_US if start_us is None else start_us
    prices = np.array(closes, dtype=float)
    times = first + DAY_US * np.arange(len(closes), dtype=np.int64)
    return BarColumns(times, prices, prices, prices, prices, np.full(len(closes), 1000.0))


SPLIT = CorporateAction(ActionKind.SPLIT, date(2024, 1, 3), Decimal(2))
DIVIDEND = CorporateAction(ActionKind.DIVIDEND, date(2024, 1, 3), Decimal(1))


def test_a_split_halves_earlier_prices_and_doubles_earlier_volume() -> None:
    adjusted = adjust(bars([100, 102, 51, 52]), [SPLIT], Adjustment.SPLIT, ex_closes={})
    assert adjusted.close.tolist() == [50, 51, 51, 52]
    assert adjusted.volume.tolist() == [2000, 2000, 1000, 1000]


def test_raw_is_raw() -> None:
    raw = bars([100, 102, 51, 52])
    assert adjust(raw, [SPLIT], Adjustment.RAW, ex_closes={}) is raw


def test_returns_of_the_total_series_are_total_returns() -> None:
    # (99 + 1) / 100 - 1 = 0: the fall on the ex-date is the dividend.
    adjusted = adjust(bars([100, 100, 99, 99]), [DIVIDEND], Adjustment.TOTAL, ex_closes={date(2024, 1, 3): 99.0})
    assert np.diff(adjusted.close) == pytest.approx([0, 0, 0], abs=1e-12)
    assert adjusted.close[-1] == 99
    assert adjusted.volume.tolist() == [1000] * 4


def test_two_dividends_of_a_day_are_one_of_their_sum() -> None:
    """(98 + 1 + 2.5) / 101 of the day before; one factor after the other would count 1 * 2.5 / 98 on top."""
    both = [DIVIDEND, CorporateAction(ActionKind.DIVIDEND, date(2024, 1, 3), Decimal("2.5"))]
    adjusted = adjust(bars([100, 101, 98, 99]), both, Adjustment.TOTAL, ex_closes={date(2024, 1, 3): 98.0})
    assert adjusted.close[2] / adjusted.close[1] == pytest.approx(101.5 / 101, rel=1e-14)


def test_a_dividend_above_the_price_has_no_factor_of_yahoos_kind() -> None:
    """A company sold off, 85 paid out of 80: 1 - 85/80 would turn earlier prices negative."""
    special = [CorporateAction(ActionKind.DIVIDEND, date(2024, 1, 3), Decimal(85))]
    ex, previous = {date(2024, 1, 3): 2.0}, {date(2024, 1, 3): 80.0}
    raw = bars([79, 80, 2])
    with pytest.raises(InvalidInput, match=r"dividend of 85 on 2024-01-03 is not below the close before it, 80"):
        adjust(raw, special, Adjustment.TOTAL, ex_closes=ex, previous_closes=previous, convention=Convention.YAHOO)
    found = adjust(raw, special, Adjustment.TOTAL, ex_closes=ex)
    assert found.close[2] / found.close[1] == pytest.approx(87 / 80)


def test_split_adjustment_leaves_dividends_alone() -> None:
    adjusted = adjust(bars([100, 100, 99]), [DIVIDEND], Adjustment.SPLIT, ex_closes={date(2024, 1, 3): 99.0})
    assert adjusted.close.tolist() == [100, 100, 99]


def test_an_action_after_the_last_bar_still_counts_for_splits() -> None:
    later = CorporateAction(ActionKind.SPLIT, date(2030, 1, 2), Decimal(4))
    assert adjust(bars([100, 104]), [later], Adjustment.SPLIT, ex_closes={}).close.tolist() == [25, 26]


def test_anchored_at_the_first_bar_no_bit_depends_on_a_later_fact() -> None:
    closes = {date(2024, 1, 3): 99.0}
    with_later = adjust(bars([100, 100, 99, 98]), [DIVIDEND], Adjustment.TOTAL, ex_closes=closes, anchor=Anchor.FIRST)
    without = adjust(bars([100, 100]), [], Adjustment.TOTAL, ex_closes={}, anchor=Anchor.FIRST)
    assert with_later.close[:2].tobytes() == without.close.tobytes()
    assert with_later.close.tolist() == pytest.approx([100, 100, 100, 98 * 100 / 99])


def test_an_action_before_the_first_bar_changes_nothing_when_anchored_there() -> None:
    early = CorporateAction(ActionKind.SPLIT, date(2023, 1, 2), Decimal(2))
    assert adjust(bars([100, 101]), [early], Adjustment.SPLIT, ex_closes={}, anchor=Anchor.FIRST).close[0] == 100


def test_intraday_ex_dates_begin_at_midnight_of_the_exchange() -> None:
    # 2024-01-03 03:00 UTC is still 2 January in New York; 14:30 UTC is the morning of the ex-date.
    start = ((date(2024, 1, 3) - date(1970, 1, 1)).days * 24 + 3) * 3_600_000_000
    raw = BarColumns(np.array([start, start + 11 * 3_600_000_000 + 1_800_000_000]), *[np.array([100.0, 50.0])] * 5)
    adjusted = adjust(raw, [SPLIT], Adjustment.SPLIT, ex_closes={}, zone="America/New_York")
    assert adjusted.close.tolist() == [50, 50]


def test_subtracted_dividends_keep_differences() -> None:
    """100, 100, (split 2 for 1) 50 with a dividend of 1, 51: before the split, 100/2 - 1 = 49."""
    cash = CorporateAction(ActionKind.DIVIDEND, date(2024, 1, 4), Decimal(1))
    adjusted = adjust(
        bars([100, 102, 51, 50, 52]), [SPLIT, cash], Adjustment.TOTAL, ex_closes={}, convention=Convention.SUBTRACTIVE
    )
    assert adjusted.close.tolist() == [49, 50, 50, 50, 52]
    first = adjust(
        bars([100, 102, 51, 50, 52]), [SPLIT, cash], Adjustment.TOTAL, ex_closes={}, convention=Convention.SUBTRACTIVE,
        anchor=Anchor.FIRST,
    )  # fmt: skip
    assert first.close.tolist() == [100, 102, 102, 102, 106]


def test_yahoos_rule_takes_the_close_before_on_the_basis_of_the_ex_date() -> None:
    """A dividend of 1 per new share, 2 new shares per old one at 100: 1 - 1/50, and half for the split."""
    adjusted = adjust(
        bars([100, 100, 49]), [SPLIT, DIVIDEND], Adjustment.TOTAL, ex_closes={},
        previous_closes={date(2024, 1, 3): 100.0}, convention=Convention.YAHOO,
    )  # fmt: skip
    assert adjusted.close.tolist() == pytest.approx([49, 49, 49])
