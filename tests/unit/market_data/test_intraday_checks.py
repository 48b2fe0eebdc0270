"""Intraday flaws: a jump that stays, a stretch that comes twice, volume out of all proportion, another clock."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from causeway.market_data.clock_checks import check_clock
from causeway.market_data.file_series import check_series
from causeway.market_data.findings import Findings
from causeway.market_data.intraday_checks import check_jumps, check_largest_volume, check_repeated_stretches
from causeway.market_data.schedule import Schedule, exchange_schedule, weekday_schedule
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize, micros

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US


def minutes(count: int = 400, *, start_us: int = 1_700_000_040_000_000, seed: int = 3) -> BarColumns:
    """A walk in whole cents from 50, each bar with a range and volume."""
    random = np.random.default_rng(seed)
    close = np.round(50 * np.exp(np.cumsum(random.normal(0, 5e-4, count))), 2)
    opening = np.r_[50.0, close[:-1]]
    high = np.round(np.maximum(opening, close) + random.integers(1, 5, count) / 100, 2)
    low = np.round(np.minimum(opening, close) - random.integers(1, 5, count) / 100, 2)
    volume = random.integers(100, 4000, count).astype(float)
    return BarColumns(start_us + np.arange(count) * MINUTE_US, opening, high, low, close, volume)


def codes(findings: Findings) -> dict[int, list[str]]:
    return {row: [one.code for one in found] for row, found in sorted(findings.by_row.items())}


def changed(bars: BarColumns, rows: slice | int, factor: float) -> BarColumns:
    prices = bars.prices().copy()
    prices[rows] *= factor
    return BarColumns.of(bars.time_us, prices, bars.volume)


def test_nothing_is_said_of_a_walk() -> None:
    findings = check_series(minutes(), BarSize.MINUTE_1)
    check_jumps(minutes(), findings)
    assert codes(findings) == {}


@pytest.mark.parametrize("factor", [0.5, 0.7, 1.3, 2.0])
def test_a_jump_that_stays(factor: float) -> None:
    findings = Findings()
    check_jumps(changed(minutes(), slice(200, None), factor), findings)
    assert codes(findings) == {200: ["large_move"]}


def test_what_was_said_already_is_no_jump() -> None:
    for flawed in (changed(minutes(), 200, 100.0), changed(minutes(), slice(200, 203), 1.4)):
        findings = check_series(flawed, BarSize.MINUTE_1)
        assert findings.by_row
        check_jumps(flawed, findings)
        assert "large_move" not in {code for row in codes(findings).values() for code in row}


def test_a_jump_over_a_long_pause_is_the_markets_own() -> None:
    bars = changed(minutes(), slice(200, None), 2.0)
    later = bars.time_us + np.where(np.arange(400) >= 200, 5 * 24 * HOUR_US, 0)
    findings = Findings()
    check_jumps(BarColumns.of(later, bars.prices(), bars.volume), findings)
    assert codes(findings) == {}


def test_a_stretch_that_comes_twice() -> None:
    bars = minutes()
    prices, volume = bars.prices().copy(), bars.volume.copy()
    prices[300:305], volume[300:305] = prices[100:105], volume[100:105]
    findings = Findings()
    check_repeated_stretches(BarColumns.of(bars.time_us, prices, volume), findings)
    assert codes(findings) == {row: ["repeated_stretch"] for row in range(300, 305)}
    assert "those of 2023-11-14T23:54:00Z" in findings.by_row[300][0].message


def test_three_equal_bars_are_chance_and_so_are_equal_prices_with_other_volume() -> None:
    bars = minutes()
    prices, volume = bars.prices().copy(), bars.volume.copy()
    prices[300:303], volume[300:303] = prices[100:103], volume[100:103]
    prices[350:355] = prices[50:55]
    findings = Findings()
    check_repeated_stretches(BarColumns.of(bars.time_us, prices, volume), findings)
    assert codes(findings) == {}


def test_a_market_that_stands_still_repeats_nothing() -> None:
    bars = minutes()
    prices = bars.prices().copy()
    prices[100:160] = 50.0
    findings = Findings()
    check_repeated_stretches(BarColumns.of(bars.time_us, prices, bars.volume), findings)
    assert codes(findings) == {}


def test_one_bar_with_more_than_ten_times_the_volume_of_any_other() -> None:
    bars = minutes()
    for times, expected in ((11.0, {200: ["volume_spike"]}), (9.0, {})):
        volume = bars.volume.copy()
        volume[200] = times * bars.volume.max()
        findings = Findings()
        check_largest_volume(BarColumns.of(bars.time_us, bars.prices(), volume), findings)
        assert codes(findings) == expected


def test_a_spike_is_said_once() -> None:
    """Ten days of one hour, so that the usual volume of each minute is known too."""
    hours = [minutes(60, start_us=1_700_000_040_000_000 + day * 24 * HOUR_US, seed=day) for day in range(12)]
    bars = BarColumns.together(hours)
    volume = bars.volume.copy()
    volume[200] = 1e9
    findings = check_series(BarColumns.of(bars.time_us, bars.prices(), volume), BarSize.MINUTE_1)
    assert [code for code in codes(findings)[200] if code == "volume_spike"] == ["volume_spike"]


def session_minutes(shift_us: int = 0) -> tuple[BarColumns, Schedule]:
    """Five days of New York from 09:30 to 16:00, most volume at the open and the close, as it is."""
    new_york = ZoneInfo("America/New_York")
    shape = 1 + 4 * np.abs(np.linspace(-1, 1, 390)) ** 4
    days = []
    for day in range(22, 27):
        one = minutes(390, start_us=micros(datetime(2024, 1, day, 9, 30, tzinfo=new_york)), seed=day)
        days.append(BarColumns.of(one.time_us + shift_us, one.prices(), one.volume * shape))
    return BarColumns.together(days), exchange_schedule("XNYS", date(2024, 1, 18), date(2024, 1, 31))


@pytest.mark.parametrize("hours", [-5, -1, 1, 4, 5.5])
def test_another_clock_is_named_with_the_way_back(hours: float) -> None:
    bars, schedule = session_minutes(int(hours * HOUR_US))
    findings = Findings()
    check_clock(bars, BarSize.MINUTE_1, schedule, findings)
    assert codes(findings) == {0: ["clock_shifted"]}
    assert f"{-hours:+g} hours later" in findings.by_row[0][0].message


def test_the_right_clock() -> None:
    bars, schedule = session_minutes()
    findings = Findings()
    check_clock(bars, BarSize.MINUTE_1, schedule, findings)
    assert codes(findings) == {}


def test_a_market_without_a_night_shows_no_clock() -> None:
    bars, _ = session_minutes(5 * HOUR_US)
    findings = Findings()
    check_clock(bars, BarSize.MINUTE_1, weekday_schedule(date(2024, 1, 18), date(2024, 1, 31)), findings)
    assert codes(findings) == {}


def test_two_sessions_are_too_few_to_tell() -> None:
    bars, schedule = session_minutes(5 * HOUR_US)
    findings = Findings()
    check_clock(bars.rows(np.arange(2 * 390)), BarSize.MINUTE_1, schedule, findings)
    assert codes(findings) == {}
