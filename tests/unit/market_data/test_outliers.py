"""Bars that are possible on their own and wrong in their place; and real moves that must pass."""

from __future__ import annotations

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


def test_a_day_that_swings_and_comes_back_inside_its_own_range_passes() -> None:
    rows = walk("X", START, 100)
    low = float(rows[50][4]) * 0.8
    rows[50][4] = f"{low:.2f}"
    assert codes(check(rows)) == {}


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
