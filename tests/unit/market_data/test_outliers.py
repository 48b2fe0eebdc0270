"""Bars that are possible on their own and wrong in their place; and real moves that must pass."""

from __future__ import annotations

import pytest

from tests.unit.market_data.rows import check, codes, walk

START = "2023-01-02"


def scaled(row: list[str], factor: float) -> list[str]:
    return [*row[:2], *(f"{float(cell) * factor:.2f}" for cell in row[2:6]), row[6]]


def dated(row: list[str], like: list[str]) -> list[str]:
    return [*like[:2], *row[2:]]


def test_a_random_walk_is_stored_whole() -> None:
    rows = [row for seed in range(20) for row in walk(f"S{seed}", START, 250, seed=seed)]
    assert check(rows).quarantined() == {}


def test_a_bar_far_off_both_neighbours_is_a_spike() -> None:
    rows = walk("X", START, 100)
    rows[50] = scaled(rows[50], 0.85)
    checked = check(rows)
    assert codes(checked) == {52: ["spike"]}
    assert len(checked.accepted) == 99


def test_a_crash_that_stays_is_stored_with_a_warning() -> None:
    rows = walk("X", START, 100)
    rows[50:] = [scaled(row, 0.7) for row in rows[50:]]
    checked = check(rows)
    assert codes(checked) == {52: ["large_move"]}
    assert len(checked.accepted) == 100


def test_an_earnings_move_of_a_fifth_passes_without_a_word() -> None:
    rows = walk("X", START, 100)
    rows[50:] = [scaled(row, 0.8) for row in rows[50:]]
    assert codes(check(rows)) == {}


def test_a_last_bar_far_off_is_stored_with_a_warning_that_the_next_one_takes_back() -> None:
    rows = walk("X", START, 60)
    rows[-1] = scaled(rows[-1], 0.85)
    checked = check(rows)
    assert codes(checked) == {61: ["last_bar_apart"]}
    assert len(checked.accepted) == 60
    stays = [scaled(row, 0.85) for row in walk("X", START, 61)[59:]]
    assert codes(check([*walk("X", START, 59), *stays])) == {}


@pytest.mark.parametrize(("factor", "code"), [(0.96, None), (0.6, "large_move"), (100, "unit_shift")])
def test_a_last_bar_near_or_of_which_more_can_be_said_has_no_such_warning(factor: float, code: str | None) -> None:
    rows = walk("X", START, 60)
    rows[-1] = scaled(rows[-1], factor)
    found = {one for mine in codes(check(rows)).values() for one in mine}
    assert "last_bar_apart" not in found
    assert code is None or code in found


@pytest.mark.parametrize("count", [2, 3, 5])
@pytest.mark.parametrize("factor", [0.75, 1.3])
def test_bars_that_lie_far_off_together_are_a_spike(count: int, factor: float) -> None:
    rows = walk("X", START, 100)
    rows[50 : 50 + count] = [scaled(row, factor) for row in rows[50 : 50 + count]]
    assert codes(check(rows)) == {52 + at: ["spike"] for at in range(count)}


def test_a_fall_of_three_days_that_is_made_up_for_is_only_told() -> None:
    """As in April 2025, when stocks fell by a tenth in two days and rose by that on the fourth."""
    rows = walk("X", START, 100)
    rows[50:53] = [scaled(row, 0.93) for row in rows[50:53]]
    checked = check(rows)
    assert set(codes(checked)) <= {52, 53, 54}
    assert checked.quarantined() == {}


def test_a_day_that_swings_and_comes_back_inside_its_own_range_is_only_told() -> None:
    """24 August 2015 was real: stocks lost up to a fifth at the open and came back."""
    rows = walk("X", START, 100)
    low = float(rows[50][4]) * 0.8
    rows[50][4] = f"{low:.2f}"
    checked = check(rows)
    assert codes(checked) == {52: ["lone_price"]}
    assert checked.quarantined() == {}


@pytest.mark.parametrize("column", [2, 3, 4, 5])
@pytest.mark.parametrize("factor", [0.1, 10, 100, 0.001])
def test_a_decimal_point_out_of_place_in_one_price(column: int, factor: float) -> None:
    rows = walk("X", START, 100)
    rows[50][column] = f"{float(rows[50][column]) * factor:.4f}"
    prices = [float(cell) for cell in rows[50][2:6]]
    rows[50][3], rows[50][4] = f"{max(prices):.4f}", f"{min(prices):.4f}"
    assert set(check(rows).quarantined()) == {52}
    assert "unit_error" in codes(check(rows))[52]


def test_the_last_bar_may_move_far() -> None:
    rows = walk("X", START, 100)
    rows[-1] = scaled(rows[-1], 0.8)
    assert check(rows).quarantined() == {}


def test_a_later_bar_in_the_place_of_a_day_is_an_error() -> None:
    rows = walk("X", START, 100)
    rows[50] = dated(rows[53], rows[50])
    checked = check(rows)
    assert codes(checked) == {52: ["repeated_bar"], 55: ["same_as_earlier_bar"]}
    assert "bar of 2023-03-16" in checked.quarantined()[52][0].message


def test_a_frozen_feed_loses_no_bar() -> None:
    """Three days or more with one bar's prices: the first may be right, so no later bar sends it to quarantine."""
    rows = walk("X", START, 100)
    for at in (51, 52, 53):
        rows[at] = dated(rows[50], rows[at])
    checked = check(rows)
    assert codes(checked) == {53: ["stale_run"], 54: ["stale_run"], 55: ["stale_run"]}
    assert checked.quarantined() == {}


def test_equal_prices_with_another_volume_pass_on_one_symbol_and_not_on_three() -> None:
    def repeating(symbol: str, seed: int) -> list[list[str]]:
        rows = walk(symbol, START, 100, seed=seed)
        rows[50] = [*dated(rows[53], rows[50])[:6], "123456"]
        return rows

    assert check(repeating("A", 1)).quarantined() == {}
    together = [row for seed, symbol in enumerate("ABC") for row in repeating(symbol, seed)]
    assert len(check(together).quarantined()) == 3


def test_three_equal_prices_count_only_on_a_day_that_is_wrong_for_others() -> None:
    def rows_of(symbol: str, seed: int, *, close: str | None = None) -> list[list[str]]:
        rows = walk(symbol, START, 100, seed=seed)
        rows[50] = dated(rows[53], rows[50])
        if close is not None:
            middle = (float(rows[50][3]) + float(rows[50][4])) / 2
            rows[50][5] = f"{middle:.2f}"
        return rows

    near = rows_of("D", 9, close="another")
    assert check(near).quarantined() == {}
    together = [*near, *(row for seed, symbol in enumerate("ABC") for row in rows_of(symbol, seed))]
    assert min(check(together).quarantined()) == 52


def test_a_quiet_market_that_repeats_itself_passes() -> None:
    rows = walk("X", START, 100)
    for row in rows:
        row[2:6] = ["5.01", "5.02", "5.00", "5.01"]
    assert codes(check(rows)) == {number: ["stale_run"] for number in range(3, 102)}  # warnings: all is stored
