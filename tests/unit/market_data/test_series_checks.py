"""What a series shows of itself: standing still, volume, lone prices, units, splits, dividends; by made bars."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from numpy.typing import NDArray

from causeway.market_data.dividend_checks import check_dividends, check_paid
from causeway.market_data.file_series import check_series
from causeway.market_data.findings import Findings
from causeway.market_data.level_shifts import check_splits, check_unrecorded_splits
from causeway.market_data.quote_checks import check_quotes
from causeway.market_data.schedule import DAY_US
from causeway.market_data.second_source import Outlier, check_second_source, compare
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind, CorporateAction
from causeway.model.time import BarSize
from tests.unit.market_data.rows import check, codes, walk

FIRST = date(2024, 1, 1)
FIRST_DAY = (FIRST - date(1970, 1, 1)).days
MINUTE_US = 60_000_000


def walked(n_bars: int = 80, *, seed: int = 1, move: float = 0.01, step_us: int = DAY_US) -> BarColumns:
    """A random walk of usual moves of 1 %, in cents, with a volume around a million."""
    random = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(random.normal(0, move, n_bars)))
    opening = np.r_[100.0, close[:-1]]
    high = np.maximum(opening, close) * (1 + move / 4)
    low = np.minimum(opening, close) * (1 - move / 4)
    times = FIRST_DAY * DAY_US + step_us * np.arange(n_bars)
    volume = np.rint(1e6 * np.exp(random.normal(0, 0.3, n_bars)))
    return BarColumns.of(times, np.round(np.stack([opening, high, low, close], axis=1), 2), volume)


def scaled(
    bars: BarColumns, factor: NDArray[np.float64] | float, volume: NDArray[np.float64] | float = 1.0
) -> BarColumns:
    prices = bars.prices() * np.reshape(factor, (-1, 1))
    return BarColumns.of(bars.time_us, prices, bars.volume * volume)


def rows_with(findings: Findings, code: str) -> list[int]:
    return sorted(row for row, found in findings.by_row.items() if code in {one.code for one in found})


def after(row: int, n_bars: int = 80) -> NDArray[np.bool_]:
    return np.arange(n_bars) >= row


def action(kind: ActionKind, row: int, value: float) -> CorporateAction:
    return CorporateAction(kind, date.fromordinal(FIRST.toordinal() + row), Decimal(str(value)))


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("bar_size", [BarSize.DAY_1, BarSize.MINUTE_1])
def test_a_random_walk_passes(seed: int, bar_size: BarSize) -> None:
    bars = walked(seed=seed, step_us=DAY_US if bar_size is BarSize.DAY_1 else MINUTE_US)
    assert check_series(bars, bar_size).by_row == {}
    findings = Findings()
    check_unrecorded_splits(bars, [], findings)
    assert findings.by_row == {}


def test_a_run_that_stands_still() -> None:
    bars = walked()
    for column in (bars.open, bars.high, bars.low, bars.close):
        column[20:25] = column[20]
    assert rows_with(check_series(bars, BarSize.DAY_1), "stale_run") == [21, 22, 23, 24]


def test_three_bars_without_volume_or_of_telling_prices_are_enough_and_four_others_are_not() -> None:
    bars = walked()
    for column in (bars.open, bars.high, bars.low, bars.close):
        column[20:23] = bars.close[20]  # one price, as a thin market may have it for days
        column[40:44] = bars.close[40]
        column[60:63] = column[60]  # four prices to the cent
    bars.volume[21:23] = 0
    assert rows_with(check_series(bars, BarSize.DAY_1), "stale_run") == [21, 22, 61, 62]


def test_minutes_of_one_bars_prices_are_a_frozen_feed() -> None:
    bars = walked(step_us=MINUTE_US)
    for column in (bars.open, bars.high, bars.low, bars.close):
        column[20:24] = column[20]
        column[40:45] = column[40]
    for column in (bars.high, bars.low):
        column[40:45] = bars.high[40] + np.array([1, -1])[int(column is bars.low)]
    assert rows_with(check_series(bars, BarSize.MINUTE_1), "stale_run") == [41, 42, 43, 44]


@pytest.mark.parametrize("count", [2, 5])
def test_minutes_that_lie_off_together(count: int) -> None:
    off = after(40) & ~after(40 + count)
    bars = scaled(walked(step_us=MINUTE_US, move=0.001), np.where(off, 1.03, 1.0))
    assert rows_with(check_series(bars, BarSize.MINUTE_1), "lone_price") == list(range(40, 40 + count))


def test_minutes_at_another_level() -> None:
    off = after(30) & ~after(60)
    bars = scaled(walked(step_us=MINUTE_US, move=0.001), np.where(off, 0.5, 1.0))
    assert rows_with(check_series(bars, BarSize.MINUTE_1), "level_shift") == [30, 60]
    times = np.where(after(30), bars.time_us + DAY_US, bars.time_us)
    of_two_days = BarColumns.of(times, bars.prices(), bars.volume)
    assert rows_with(check_series(of_two_days, BarSize.MINUTE_1), "level_shift") == []


def test_minutes_at_one_price_are_a_market_and_at_one_volume_a_frozen_feed() -> None:
    bars = walked(step_us=MINUTE_US)
    for column in (bars.open, bars.high, bars.low, bars.close):
        column[20:30] = bars.close[20]
    assert rows_with(check_series(bars, BarSize.MINUTE_1), "stale_run") == []
    bars.volume[20:30] = bars.volume[20]
    assert rows_with(check_series(bars, BarSize.MINUTE_1), "stale_run") == list(range(21, 30))


def test_volume_of_over_a_hundred_usual_days() -> None:
    bars = walked()
    bars.volume[30] *= 400
    assert rows_with(check_series(bars, BarSize.DAY_1), "volume_spike") == [30]


def test_days_of_next_to_no_volume() -> None:
    """A 0 is told where the price moved; a day without any trade has one price and no volume, rightly."""
    bars = walked()
    bars.volume[[30, 40, 50]] = (0, 3, 0)
    for column in (bars.open, bars.high, bars.low):
        column[50] = bars.close[50]
    assert rows_with(check_series(bars, BarSize.DAY_1), "volume_drop") == [30, 40]


def test_an_instrument_without_volume_is_not_told_so_day_by_day() -> None:
    bars = scaled(walked(), 1.0, 0.0)
    assert check_series(bars, BarSize.DAY_1).by_row == {}


@pytest.mark.parametrize("factor", [1.25, 0.79])
def test_a_stretch_in_another_currency(factor: float) -> None:
    bars = scaled(walked(seed=3), np.where(after(30) & ~after(45), factor, 1.0))
    assert rows_with(check_series(bars, BarSize.DAY_1), "level_shift") == [30, 45]


def test_a_level_that_comes_back_by_another_amount_is_the_market() -> None:
    bars = scaled(walked(seed=3), np.where(after(45), 1.05, np.where(after(30), 1.25, 1.0)))
    assert rows_with(check_series(bars, BarSize.DAY_1), "level_shift") == []


def test_a_busy_minute_of_every_day_is_usual_at_that_time() -> None:
    """The first of 5 minutes has 500 times the volume of the others on each of 40 days; once a quiet one has."""
    bars = walked(200, step_us=MINUTE_US)
    times = FIRST_DAY * DAY_US + DAY_US * (np.arange(200) // 5) + MINUTE_US * (np.arange(200) % 5)
    volume = np.where(np.arange(200) % 5 == 0, 500_000.0, 1000.0)
    volume[103] = 500_000
    busy = BarColumns(times, bars.open, bars.high, bars.low, bars.close, volume)
    assert rows_with(check_series(busy, BarSize.MINUTE_1), "volume_spike") == [103]


def test_a_bad_print_within_a_minute() -> None:
    bars = walked(step_us=MINUTE_US, move=0.001)
    bars.high[40] *= 1.05
    assert rows_with(check_series(bars, BarSize.MINUTE_1), "lone_price") == [40]


def test_an_opening_gap_is_no_lone_price() -> None:
    bars = walked(step_us=MINUTE_US, move=0.001)
    gapped = scaled(bars, np.where(after(40), 1.05, 1.0))
    assert check_series(gapped, BarSize.MINUTE_1).by_row == {}


@pytest.mark.parametrize("factor", [100.0, 0.01, 10.0, 0.1, 1000.0, 10_000.0])
def test_a_stretch_in_another_unit(factor: float) -> None:
    stretch = after(30) & ~after(36)
    found = check_series(scaled(walked(), np.where(stretch, factor, 1.0)), BarSize.DAY_1)
    assert rows_with(found, "unit_error") == list(range(30, 36))


def test_a_long_stretch_in_another_unit() -> None:
    """Of years, where no split is that large; a tenth may be a split for ten, taken back by a reverse split."""
    for factor, flawed in ((100.0, list(range(300, 700))), (10.0, [])):
        bars = scaled(walked(1200), np.where(after(300, 1200) & ~after(700, 1200), factor, 1.0))
        assert rows_with(check_series(bars, BarSize.DAY_1), "unit_error") == flawed


def test_from_one_day_on_at_a_tenth_is_a_matter_of_splits() -> None:
    found = check_series(scaled(walked(), np.where(after(30), 0.1, 1.0), np.where(after(30), 10.0, 1.0)), BarSize.DAY_1)
    assert (rows_with(found, "unit_shift"), rows_with(found, "unit_error")) == ([], [])


def test_from_one_day_on_in_another_unit() -> None:
    found = check_series(scaled(walked(), np.where(after(30), 0.01, 1.0)), BarSize.DAY_1)
    assert (rows_with(found, "unit_shift"), rows_with(found, "unit_error")) == ([30], [])


def test_most_of_a_series_is_not_taken_for_the_flaw() -> None:
    """Bars 10 to 69 of 80 are in another unit than the 20 at the ends: two borders, and no verdict."""
    found = check_series(scaled(walked(), np.where(after(10) & ~after(70), 100.0, 1.0)), BarSize.DAY_1)
    assert (rows_with(found, "unit_shift"), rows_with(found, "unit_error")) == ([10, 70], [])


def test_one_price_in_pence() -> None:
    bars = walked()
    bars.low[30] /= 100
    assert rows_with(check_series(bars, BarSize.DAY_1), "unit_error") == [30]


def test_a_collapse_is_no_unit() -> None:
    bars = scaled(walked(), np.where(after(31), 0.005, 1.0))
    bars.low[30] /= 100
    assert rows_with(check_series(bars, BarSize.DAY_1), "unit_error") == []


@pytest.mark.parametrize("shares", [2.0, 1.5, 0.1, 20.0])
def test_bars_before_a_split_that_lack_it_or_have_it_twice(shares: float) -> None:
    for factor, code in ((shares, "split_not_applied"), (1 / shares, "split_applied_twice")):
        findings = Findings()
        bars = scaled(walked(), np.where(after(40), 1.0, factor))
        check_splits(bars, [action(ActionKind.SPLIT, 43, shares)], findings)
        assert rows_with(findings, code) == list(range(40))
        assert rows_with(findings, {"split_not_applied", "split_applied_twice"}.difference([code]).pop()) == []


def test_a_series_that_is_adjusted_once_passes() -> None:
    findings = Findings()
    check_splits(walked(), [action(ActionKind.SPLIT, 43, 2)], findings)
    assert findings.by_row == {}


def test_a_split_that_nobody_recorded() -> None:
    findings = Findings()
    bars = scaled(walked(), np.where(after(40), 0.25, 1.0), np.where(after(40), 4.0, 1.0))
    check_unrecorded_splits(bars, [], findings)
    assert rows_with(findings, "unrecorded_split") == [40]
    recorded = Findings()
    check_unrecorded_splits(bars, [action(ActionKind.SPLIT, 40, 4)], recorded)
    assert recorded.by_row == {}


def test_a_crash_is_no_split() -> None:
    """Prices halve and volume does not follow."""
    findings = Findings()
    check_unrecorded_splits(scaled(walked(), np.where(after(40), 0.5, 1.0)), [], findings)
    assert findings.by_row == {}


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (0.97, None),
        (1.0, "dividend_not_applied"),
        (0.97**2, "dividend_applied_twice"),
        (1 - 0.0003, "dividend_unit"),
        (0.985, "dividend_misapplied"),
    ],
)
def test_the_step_of_a_dividend(step: float, code: str | None) -> None:
    """3 % of the close before it."""
    bars = walked()
    findings = Findings()
    paid = action(ActionKind.DIVIDEND, 40, round(0.03 * bars.close[39], 6))
    check_dividends(bars, bars.close * np.where(after(40), 1.0, step), [paid], findings)
    assert {one.code for row in findings.by_row.values() for one in row} == ({code} if code else set())
    assert list(findings.by_row) == ([40] if code else [])


def test_a_large_dividend_must_show_in_the_price() -> None:
    bars, share = walked(), 0.2
    paid = action(ActionKind.DIVIDEND, 40, round(share * bars.close[39], 6))
    findings = Findings()
    check_dividends(bars, bars.close * np.where(after(40), 1.0, 1 - share), [paid], findings)
    assert rows_with(findings, "dividend_not_in_price") == [40]
    fallen = scaled(bars, np.where(after(40), 1 - share, 1.0))
    findings = Findings()
    check_dividends(fallen, fallen.close * np.where(after(40), 1.0, 1 - share), [paid], findings)
    assert findings.by_row == {}


def test_one_dividend_on_two_days() -> None:
    bars = walked()
    paid = [action(ActionKind.DIVIDEND, row, round(0.01 * bars.close[39], 6)) for row in (40, 42)]
    adjusted = bars.close * np.where(after(42), 1.0, 0.99) * np.where(after(40), 1.0, 0.99)
    findings = Findings()
    check_dividends(bars, adjusted, paid, findings)
    assert rows_with(findings, "duplicate_dividend") == [42]


def test_a_fund_that_pays_the_same_every_week_pays_no_dividend_twice() -> None:
    bars = walked()
    weekly = [action(ActionKind.DIVIDEND, row, 0.1) for row in (30, 37, 44, 51)]
    findings = Findings()
    check_paid(bars, weekly, findings)
    assert findings.by_row == {}
    check_paid(bars, weekly[:2], findings)
    assert rows_with(findings, "duplicate_dividend") == [37]


def test_two_sources_and_a_third() -> None:
    mine, theirs, third = walked(), walked(), walked()
    mine.close[10] *= 1.03
    theirs.close[20] *= 1.03
    third.close[30] *= 1.03
    mine.close[40], third.close[40] = 1.03 * mine.close[40], np.nan
    found = {one.row: one.outlier for one in compare(mine, theirs, third)}
    assert found == {10: Outlier.FIRST, 20: Outlier.SECOND, 40: Outlier.UNSETTLED}
    findings = Findings()
    check_second_source(mine, theirs, findings, third)
    assert (rows_with(findings, "contradicted"), rows_with(findings, "sources_differ")) == ([10], [40])


def test_only_common_bars_are_compared() -> None:
    mine = walked()
    shifted = BarColumns(mine.time_us + 40 * DAY_US, mine.open, mine.high, mine.low, mine.close, mine.volume)
    assert {one.time_us for one in compare(mine, shifted)} <= set(mine.time_us[40:].tolist())


def test_crossed_quotes_name_the_widest_pair_and_an_absent_side_crosses_nothing() -> None:
    findings = Findings()
    bid = np.array([[1.0, 1.1], [1.0, 1.2], [1.0, np.nan], [0.0, 1.0]])
    ask = np.array([[1.1, 1.2], [0.99, 1.1], [1.1, 0.9], [0.5, 1.1]])
    check_quotes(bid, ask, findings)
    assert {row: found[0].message for row, found in findings.by_row.items()} == {1: "ask 1.1 is below bid 1.2"}


def test_files_are_checked_symbol_by_symbol() -> None:
    """Row numbers are the file's, whatever the order of its rows."""
    rows = [*walk("A", "2024-01-01", 60), *walk("B", "2024-01-01", 60, seed=2)]
    rows[70][2:6] = [f"{float(cell) * 100:.2f}" for cell in rows[70][2:6]]
    rows[71][2:6] = [f"{float(cell) * 100:.2f}" for cell in rows[71][2:6]]
    flawed = [number for number, found in codes(check(rows[::-1])).items() if "unit_error" in found]
    assert flawed == [len(rows) - 71 + 1, len(rows) - 70 + 1]


@pytest.mark.parametrize(("move", "seen"), [(0.002, True), (0.02, False)])
def test_a_split_of_a_twentieth_is_seen_in_a_quiet_series_alone(move: float, seen: bool) -> None:
    """A stock dividend of 5 %: over 20 usual moves of 0.2 %, and 3 of 2 %. The bars before it were not divided."""
    split = action(ActionKind.SPLIT, 40, 1.05)
    bars = scaled(walked(move=move), np.where(after(40), 1.0, 1.05))
    findings = Findings()
    check_splits(bars, [split], findings)
    assert rows_with(findings, "split_not_applied") == (list(range(40)) if seen else [])
    findings = Findings()
    check_splits(walked(move=move), [split], findings)
    assert findings.by_row == {}


def test_wide_quotes_are_over_a_fifth_of_the_bid() -> None:
    bid, ask = np.array([100.0, 100.0, 0.0, np.nan]), np.array([120.0, 120.5, 10.0, 10.0])
    findings = Findings()
    check_quotes(bid, ask, findings)
    assert rows_with(findings, "wide_quote") == [1]
    assert findings.by_row[1][0].message == "ask 120.5 is 20.5% above bid 100"


def test_bid_and_ask_beside_the_bars_of_a_file_are_checked() -> None:
    rows = [[*row, "100", ask] for row, ask in zip(walk("A", "2024-01-02", 4), ("101", "99", "150", ""), strict=True)]
    checked = check(rows, header=["symbol", "date", "open", "high", "low", "close", "volume", "bid", "ask"])
    assert codes(checked) == {3: ["crossed_quote"], 4: ["wide_quote"]}
    assert checked.findings.error_rows() == [1]
