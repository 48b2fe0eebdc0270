"""Proposals: what a flawed bar would be."""

from __future__ import annotations

import numpy as np
import pytest

from causeway.market_data.corporate_actions import Adjustment, adjust
from causeway.market_data.repairs import bar_at, second_source_repairs, split_repairs, unit_repairs
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind
from tests.unit.market_data.test_series_checks import action, after, scaled, walked


def test_sound_bars_have_no_proposal() -> None:
    assert unit_repairs(walked()) == []
    assert split_repairs(scaled(walked(), np.where(after(40), 1.0, 2.0)), [action(ActionKind.SPLIT, 40, 2)]) == []


@pytest.mark.parametrize("factor", [100.0, 0.01, 10.0, 0.1, 1000.0])
def test_a_stretch_in_another_unit_goes_back(factor: float) -> None:
    right = walked()
    wrong = scaled(right, np.where(after(30) & ~after(33), factor, 1.0))
    found = unit_repairs(wrong)
    assert [one.found for one in found] == [bar_at(wrong, row) for row in (30, 31, 32)]
    assert [one.proposed for one in found] == [bar_at(right, row) for row in (30, 31, 32)]
    assert {one.code for one in found} == {"unit_error"}


@pytest.mark.parametrize(("name", "factor"), [("close", 100.0), ("open", 0.01), ("high", 100.0), ("low", 0.001)])
def test_one_price_in_another_unit_goes_back_within_its_bar(name: str, factor: float) -> None:
    """The high was no less than the close, and the low no more than the open: where those are wrong so are these."""
    wrong, right = walked(), walked()
    getattr(wrong, name)[30] *= factor
    wrong.high[30], wrong.low[30] = max(wrong.high[30], wrong.close[30]), min(wrong.low[30], wrong.open[30])
    [found] = unit_repairs(wrong)
    assert (found.code, found.found) == ("unit_error", bar_at(wrong, 30))
    values = {one: getattr(bar_at(right, 30), one) for one in ("open", "close")}
    assert {one: getattr(found.proposed, one) for one in values} == values
    assert found.proposed.high >= max(values.values())
    assert found.proposed.low <= min(values.values())
    assert found.proposed.high < 2 * values["close"]


def test_a_low_that_is_none_in_any_unit_is_a_misprint() -> None:
    """A low of a tenth of the high: ten times it lies above the open."""
    wrong = walked()
    wrong.low[30] = wrong.high[30] / 10
    assert unit_repairs(wrong) == []


@pytest.mark.parametrize(("border", "first", "last", "which"), [(70, 70, 79, "last 10"), (10, 0, 9, "first 10")])
def test_the_shorter_side_of_a_lasting_shift_is_proposed(border: int, first: int, last: int, which: str) -> None:
    wrong = scaled(walked(), np.where(after(border), 100.0, 1.0))
    found = unit_repairs(wrong)
    assert [one.found for one in found] == [bar_at(wrong, row) for row in range(first, last + 1)]
    right = walked() if border == 70 else scaled(walked(), 100.0)
    assert [one.proposed.close for one in found] == pytest.approx(right.close[first : last + 1], rel=1e-9)
    assert {one.code for one in found} == {"unit_shift"}
    assert found[0].reason.startswith(f"the {which} bars are ")
    assert "the unit did change for good" in found[0].reason


def test_a_shift_has_no_proposal_where_a_split_is_near_or_no_side_is_shorter_or_it_is_long() -> None:
    half = scaled(walked(), np.where(after(40), 100.0, 1.0))
    assert unit_repairs(half) == []
    late = scaled(walked(), np.where(after(70), 100.0, 1.0))
    assert unit_repairs(late, [action(ActionKind.SPLIT, 68, 0.01)]) == []
    long = scaled(walked(700), np.where(after(440, 700), 100.0, 1.0))
    assert unit_repairs(long) == []  # 260 bars: over a year


def test_an_adjusted_stretch_of_a_raw_series_goes_back() -> None:
    """Raw prices of 200 before a split of 2 for 1; five bars of it were loaded from a split-adjusted source."""
    split = action(ActionKind.SPLIT, 40, 2)
    raw = scaled(walked(), np.where(after(40), 1.0, 2.0), np.where(after(40), 1.0, 0.5))
    wrong = scaled(raw, np.where(after(30) & ~after(35), 0.5, 1.0), np.where(after(30) & ~after(35), 2.0, 1.0))
    found = split_repairs(wrong, [split])
    assert [one.proposed for one in found] == [bar_at(raw, row) for row in range(30, 35)]
    assert {one.code for one in found} == {"split_applied_twice"}
    assert adjust(raw, [split], Adjustment.SPLIT, ex_closes={}).close[0] == raw.close[0] / 2


def test_what_two_sources_contradict_takes_the_seconds_price() -> None:
    right, wrong = walked(), walked()
    wrong.close[10], wrong.high[10] = right.close[10] * 1.05, right.high[10] * 1.05
    [found] = second_source_repairs(wrong, right, right, names=("Alpha", "Beta"))
    assert found.proposed == bar_at(right, 10)
    assert found.reason.startswith("Alpha has high ")
    assert found.reason.endswith(", as Beta")


def test_a_proposal_that_is_no_bar_is_not_made() -> None:
    wrong = walked()
    right = BarColumns(wrong.time_us, wrong.open, wrong.high, wrong.low, wrong.close.copy(), wrong.volume)
    right.close[10] = wrong.high[10] * 1.1
    assert second_source_repairs(wrong, right, right) == []
