"""Flaws put into sound public series, one at a time: each is found where it is, and nothing else is said.

Data: the bundle that comes with zipline (US stocks, daily), minutes of LEAN (SPY, BAC) and of CME's 6E. Which flaws
are hopeless is part of the answer: a bar 2 % off, one flat day, open and close exchanged.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from causeway.adapters.feeds.csv_files import open_table
from causeway.market_data.columns import map_columns
from causeway.market_data.ingestion import CheckOptions, check_columns, check_rows
from causeway.market_data.sessions import session_days
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize
from tests.answers.market_data.recorded import bars_of, checked_file

Values = NDArray[np.float64]
Flaw = Callable[[Values, int], list[int]]  # changes (n_bars, 5) values at a row; the rows that are flawed now
OPTIONS = CheckOptions(datetime(2024, 6, 1, tzinfo=UTC), calendar="XNYS")
TRIES = 12


def times(factor: float, bars: int = 1, columns: slice = slice(0, 4)) -> Flaw:
    def flaw(values: Values, at: int) -> list[int]:
        values[at : at + bars, columns] *= factor
        return list(range(at, at + bars))

    return flaw


def from_here_on(factor: float) -> Flaw:
    def flaw(values: Values, at: int) -> list[int]:
        values[at:, :4] *= factor
        return [at]

    return flaw


def exchanged(one: int, other: int) -> Flaw:
    def flaw(values: Values, at: int) -> list[int]:
        values[at, [one, other]] = values[at, [other, one]]
        return [at]

    return flaw


def copied(bars: int, distance: int) -> Flaw:
    """Bars in whose place others stand, prices and volume; the ones copied from are part of the flaw."""

    def flaw(values: Values, at: int) -> list[int]:
        source = slice(at + distance, at + distance + bars)
        values[at : at + bars] = values[source].copy()
        return [*range(at, at + bars), *range(source.start, source.stop)]

    return flaw


def frozen(bars: int, *, volume: bool) -> Flaw:
    def flaw(values: Values, at: int) -> list[int]:
        values[at : at + bars, :4] = values[at - 1, 3]
        if not volume:
            values[at : at + bars, 4] = 0
        return list(range(at, at + bars))

    return flaw


def volume_is(change: Callable[[float], float]) -> Flaw:
    def flaw(values: Values, at: int) -> list[int]:
        values[at, 4] = change(float(values[at, 4]))
        return [at]

    return flaw


DAILY = {
    "decimal point": (times(10), {"spike", "unit_error"}),
    "pence for pounds, one day": (times(100), {"spike", "unit_error"}),
    "pence for pounds, two months": (times(0.01, 40), {"unit_error"}),
    "high of ten times": (times(10, columns=slice(1, 2)), {"unit_error"}),
    "low of a tenth": (times(0.1, columns=slice(2, 3)), {"unit_error"}),
    "close of a hundredth": (times(0.01, columns=slice(3, 4)), {"close_outside_range"}),
    "high of twice": (times(2, columns=slice(1, 2)), {"lone_price"}),
    "a day a quarter off": (times(1.25), {"spike", "lone_price"}),
    "another currency for good": (from_here_on(0.7), {"large_move"}),
    "a split for good": (from_here_on(0.5), {"large_move"}),
    "high and low exchanged": (exchanged(1, 2), {"high_below_low"}),
    "volume and close exchanged": (exchanged(3, 4), {"close_outside_range"}),
    "filled with next week": (copied(1, 5), {"repeated_bar"}),
    "a week twice": (copied(5, -5), {"repeated_bar"}),
    "a frozen week": (frozen(5, volume=True), {"stale_run"}),
    "three days without trade": (frozen(3, volume=False), {"stale_run"}),
    "volume in thousands": (volume_is(lambda one: one * 1000), {"volume_spike"}),
    "volume in millions": (volume_is(lambda one: one / 1e6), {"volume_drop"}),
    "no volume": (volume_is(lambda _: 0.0), {"volume_drop"}),
    "negative volume": (volume_is(lambda one: -one), {"negative_volume"}),
}
MINUTES = {
    "decimal point": (times(10), {"unit_error"}),
    "pence for pounds, an hour": (times(100, 60), {"unit_error"}),
    "high of ten times": (times(10, columns=slice(1, 2)), {"unit_error"}),
    "a minute a tenth off": (times(1.1), {"level_shift", "lone_price"}),
    "another currency, an hour": (times(0.78, 60), {"level_shift", "large_move"}),
    "another currency for good": (from_here_on(1.3), {"large_move"}),
    "a split for good": (from_here_on(0.5), {"large_move"}),
    "five minutes twice": (copied(5, -200), {"repeated_stretch"}),
    "a frozen feed": (frozen(10, volume=False), {"stale_run"}),
    "volume beyond all": (volume_is(lambda _: 1e9), {"volume_spike"}),
}


def found(bars: BarColumns, size: BarSize) -> dict[int, set[str]]:
    checked = check_columns("X", bars, size, OPTIONS, session_days)
    return {row: {one.code for one in findings} for row, findings in checked.findings.by_row.items()}


def flawed(bars: BarColumns, flaw: Flaw, at: int) -> tuple[BarColumns, list[int]]:
    values = np.c_[bars.prices(), bars.volume]
    rows = flaw(values, at)
    return BarColumns.of(bars.time_us, values[:, :4], values[:, 4]), rows


def found_and_elsewhere(bars: BarColumns, size: BarSize, flaw: Flaw, expected: set[str], seed: int) -> tuple[int, int]:
    """In how many of 12 places the flaw is found by an expected code, and rows elsewhere of which something is said."""
    before, hits, elsewhere = found(bars, size), 0, 0
    for at in np.random.default_rng(seed).integers(250, len(bars) - 250, TRIES).tolist():
        changed, rows = flawed(bars, flaw, at)
        after = found(changed, size)
        new = {row: codes - before.get(row, set()) for row, codes in after.items()}
        hits += any(new.get(row, set()) & expected for row in rows)
        # The bars beside it are judged by it: the way back, for instance.
        beside = {row + step for row in rows for step in (-1, 0, 1)}
        elsewhere += sum(1 for row, codes in new.items() if codes and row not in beside)
    return hits, elsewhere


@pytest.fixture(scope="module")
def daily(test_data: Path) -> list[BarColumns]:
    checked = checked_file(test_data / "daily/zipline_bundle_6sym_raw_ohlcv_2004-2014.csv.gz")
    return [bars_of(checked, symbol).rows(np.arange(200, 1000)) for symbol in ("INTC", "MMM", "MSFT")]


@pytest.fixture(scope="module")
def minutes(test_data: Path) -> list[BarColumns]:
    checked = checked_file(test_data / "intraday/lean_us_minute_trade_6sym.csv.gz")
    table = open_table(test_data / "intraday/nautilus_6EH4_CME_1m_202401.csv.gz")
    options = CheckOptions(datetime(2024, 6, 1, tzinfo=UTC), time_zone="UTC", calendar="CMES")
    future = bars_of(check_rows(table.rows(), map_columns(table.header, symbol="E"), options, session_days), "E")
    return [bars_of(checked, "SPY"), bars_of(checked, "BAC"), future.rows(np.arange(4000))]


def test_nothing_is_said_of_the_sound_series(daily: list[BarColumns], minutes: list[BarColumns]) -> None:
    for series, size in ((daily, BarSize.DAY_1), (minutes, BarSize.MINUTE_1)):
        assert [found(bars, size) for bars in series] == [{}] * 3


@pytest.mark.parametrize("name", DAILY)
def test_days(daily: list[BarColumns], name: str) -> None:
    flaw, expected = DAILY[name]
    results = [found_and_elsewhere(bars, BarSize.DAY_1, flaw, expected, seed) for seed, bars in enumerate(daily)]
    assert results == [(TRIES, 0)] * 3


@pytest.mark.parametrize("name", MINUTES)
def test_minutes(minutes: list[BarColumns], name: str) -> None:
    flaw, expected = MINUTES[name]
    results = [found_and_elsewhere(bars, BarSize.MINUTE_1, flaw, expected, seed) for seed, bars in enumerate(minutes)]
    assert results == [(TRIES, 0)] * 3


@pytest.mark.parametrize(
    ("flaw", "most"),
    [(times(1.02), 2), (exchanged(0, 3), 0), (frozen(1, volume=True), 0), (times(1.1, 60), 0)],
    ids=["2 % off", "open and close exchanged", "one day repeats a close", "60 days a tenth off"],
)
def test_what_a_series_cannot_show_of_itself_is_not_claimed(daily: list[BarColumns], flaw: Flaw, most: int) -> None:
    for seed, bars in enumerate(daily):
        every = {code for codes in found(bars, BarSize.DAY_1).values() for code in codes} | {"spike", "isolated_bar"}
        hits, elsewhere = found_and_elsewhere(bars, BarSize.DAY_1, flaw, every, seed)
        assert hits <= most
        assert elsewhere == 0
