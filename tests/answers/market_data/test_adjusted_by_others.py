"""Adjusted prices as others make them: LEAN's factors, Yahoo's column, zipline's ratios, a holder who reinvests."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from causeway.adapters.feeds.csv_files import open_table
from causeway.market_data.corporate_actions import Adjustment, Anchor, Convention, adjust
from causeway.market_data.findings import Findings
from causeway.market_data.lean_factors import FactorRow, actions_of, read_factor_row
from causeway.market_data.level_shifts import check_splits
from causeway.market_data.sessions import session_days
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind, CorporateAction
from tests.answers.market_data.recorded import bars_of, checked_file, records

DAY_US = 86_400_000_000
EPOCH = date(1970, 1, 1)
LEAN_DAYS = "daily/lean_us_raw_ohlcv_16tickers_1998-2021.csv.gz"


def day_of(time_us: int) -> date:
    return EPOCH + timedelta(time_us // DAY_US)


def days_of(bars: BarColumns) -> list[date]:
    return [day_of(at) for at in bars.time_us.tolist()]


def previous_closes(bars: BarColumns) -> dict[date, float]:
    return dict(zip(days_of(bars)[1:], bars.close[:-1].tolist(), strict=True))


def factor_rows(test_data: Path, company: str) -> list[FactorRow]:
    table = open_table(test_data / "corporate_actions/lean_factor_files.csv")
    return [read_factor_row(cells[1:]) for _, cells in table.rows() if cells[0] == company]


def split_codes(bars: BarColumns, actions: Sequence[CorporateAction]) -> Counter[str]:
    findings = Findings()
    check_splits(bars, actions, findings)
    return Counter(one.code for row in findings.by_row.values() for one in row)


@pytest.mark.parametrize(
    ("symbol", "actions", "within"),
    [
        ("SPY", 94, 1e-12), ("IBM", 94, 1e-12), ("BAC", 94, 1e-12), ("IWM", 87, 1e-12), ("WM", 76, 1e-12),
        ("NWSA", 12, 1e-12), ("GOOG", 1, 1e-12), ("GOOGL", 1, 1e-12),
        ("AAPL", 39, 5e-6),  # its split factor is written as 0.035714, seven digits of 1/28
    ],
)  # fmt: skip
def test_leans_factors(test_data: Path, symbol: str, actions: int, within: float) -> None:
    """A row's factors hold up to its date: raw price times both, of every bar, is what the actions make of it."""
    bars = bars_of(checked_file(test_data / LEAN_DAYS), symbol)
    rows = factor_rows(test_data, symbol)
    found = actions_of(rows, session_days("XNYS", date(1998, 1, 1), date(2021, 12, 31)), decimals=12)
    assert len(found) == actions
    row_of = np.searchsorted([(row.last - EPOCH).days for row in rows], bars.time_us // DAY_US)
    factors = np.array([row.price * row.split for row in rows])[row_of]
    references = {one.ex_date: [row.reference for row in rows if row.last < one.ex_date][-1] for one in found}
    adjusted = adjust(
        bars, found, Adjustment.TOTAL, ex_closes={}, previous_closes=references, convention=Convention.YAHOO
    ).close
    expected = bars.close * factors
    assert adjusted / adjusted[-1] == pytest.approx(expected / expected[-1], rel=within)


def test_a_spin_offs_split_of_a_quarter_percent(test_data: Path) -> None:
    """GOOG's 0.997307: a stock dividend of 0.27 % in April 2015, for the class C settlement."""
    sessions = session_days("XNYS", date(1998, 1, 1), date(2021, 12, 31))
    [split] = actions_of(factor_rows(test_data, "GOOG"), sessions)
    assert split.kind is ActionKind.SPLIT
    assert 1 / float(split.value) == pytest.approx(0.997307, abs=1e-9)


def test_reverse_splits_in_the_thousands(test_data: Path) -> None:
    """GBSN's factor falls from 166,667 to 2,797.2, to 80, to 1, in nine months: 1 for 60, 1 for 35, 1 for 80."""
    sessions = session_days("XNYS", date(1998, 1, 1), date(2021, 12, 31))
    splits = [float(one.value) for one in actions_of(factor_rows(test_data, "GBSN"), sessions)]
    assert splits == pytest.approx([2797.2 / 166666.994172, 80 / 2797.2, 1 / 80], rel=1e-9)
    assert splits == pytest.approx([1 / 60, 1 / 35, 1 / 80], rel=0.01)


def test_yahoos_adjusted_apple(test_data: Path) -> None:
    """The adjusted column of 2015 to 2017 in plotly's data set, from LEAN's raw closes and dividends."""
    bars = bars_of(checked_file(test_data / LEAN_DAYS), "AAPL")
    sessions = session_days("XNYS", date(1998, 1, 1), date(2021, 12, 31))
    actions = [one for one in actions_of(factor_rows(test_data, "AAPL"), sessions) if one.ex_date < date(2017, 2, 17)]
    adjusted = adjust(
        bars, actions, Adjustment.TOTAL, ex_closes={}, previous_closes=previous_closes(bars),
        convention=Convention.YAHOO,
    ).close  # fmt: skip
    mine = dict(zip(days_of(bars), adjusted.tolist(), strict=True))
    published = {
        date.fromisoformat(row["Date"]): float(row["AAPL.Adjusted"])
        for row in records(test_data / "daily/plotly_aapl_2015-2017_ohlcv_adj_bollinger.csv.gz")
    }
    ratio = np.array([mine[day] / price for day, price in published.items()])
    assert len(ratio) == 506
    # One close of LEAN's is 2 cents off Yahoo's; all else agrees to the digits that are printed.
    assert np.abs(ratio / ratio[-1] - 1).max() < 2e-4
    assert np.median(np.abs(ratio / ratio[-1] - 1)) < 1e-7


@pytest.mark.parametrize("symbol", ["AAPL", "CERN", "INTC", "MMM", "MSFT"])
def test_ziplines_ratios(test_data: Path, symbol: str) -> None:
    """Earlier prices times the split's ratio, and times 1 - dividend / close before, one after the other."""
    bars = bars_of(checked_file(test_data / "daily/zipline_bundle_6sym_raw_ohlcv_2004-2014.csv.gz"), symbol)
    rows = [
        row for row in records(test_data / "corporate_actions/zipline_bundle_events.csv") if row["symbol"] == symbol
    ]
    days, expected, actions = days_of(bars), bars.close.copy(), []
    for row in rows:
        value, ex_date = Decimal(row["value"]), date.fromisoformat(row["ex_date"])
        at = bisect_left(days, ex_date)
        is_split = row["type"] == "split"
        expected[:at] *= float(value) if is_split else 1 - float(value) / bars.close[at - 1]
        actions.append(CorporateAction(ActionKind(row["type"]), ex_date, 1 / value if is_split else value))
    adjusted = adjust(
        bars, actions, Adjustment.TOTAL, ex_closes={}, previous_closes=previous_closes(bars),
        convention=Convention.YAHOO,
    ).close  # fmt: skip
    assert adjusted == pytest.approx(expected, rel=1e-12)
    assert split_codes(adjust(bars, actions, Adjustment.SPLIT, ex_closes={}), actions) == {}
    raw = split_codes(bars, actions)
    assert set(raw) == ({"split_not_applied"} if any(row["type"] == "split" for row in rows) else set())


@pytest.mark.parametrize(("symbol", "shares", "bars_before"), [("AAPL", 7, 610), ("KO", 2, 154)])
def test_prices_that_are_adjusted_already_though_a_split_stands_beside_them(
    test_data: Path, symbol: str, shares: int, bars_before: int
) -> None:
    """The trap in zipline's csvdir samples: adjusting by the column adjusts twice, and each bar before it is found."""
    rows = list(records(test_data / f"daily/zipline_csvdir_{symbol}_2012-2014_with_div_split.csv.gz"))
    values = np.array([[float(row[name]) for name in ("open", "high", "low", "close", "volume")] for row in rows])
    days = np.array([(date.fromisoformat(row["date"]) - EPOCH).days for row in rows])
    bars = BarColumns(days * DAY_US, *values.T)
    splits = [
        CorporateAction(ActionKind.SPLIT, date.fromisoformat(row["date"]), Decimal(row["split"]))
        for row in rows
        if float(row["split"]) != 1
    ]
    assert [one.value for one in splits] == [shares]
    assert split_codes(bars, splits) == {}
    twice = adjust(bars, splits, Adjustment.SPLIT, ex_closes={})
    assert split_codes(twice, splits) == {"split_applied_twice": bars_before}


def reinvested(close: NDArray[np.float64], shares: NDArray[np.float64], cash: NDArray[np.float64]) -> list[float]:
    """Wealth of one share: a split first, then the dividend on the new shares, reinvested at the close of its day."""
    held, wealth = 1.0, [float(close[0])]
    for at in range(1, len(close)):
        held *= shares[at] * (1 + cash[at] / close[at])
        wealth.append(held * float(close[at]))
    return wealth


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("anchor", Anchor)
def test_total_return_is_what_a_holder_who_reinvests_has(seed: int, anchor: Anchor) -> None:
    """Splits of 3 for 2, 1 for 10, 7 for 1 and 5 %, special dividends of a third of the price, both on one day too."""
    random = np.random.default_rng(seed)
    close = 100 * np.exp(random.normal(0, 0.1, 40))
    shares = np.where(random.random(40) < 0.15, random.choice([1.5, 0.1, 7.0, 1.05, 2.0], 40), 1.0)
    cash = np.where(random.random(40) < 0.2, np.round(random.uniform(0.01, 30, 40), 3), 0.0)
    shares[20], cash[20] = 1.5, 12.5
    days = [date(2020, 1, 1) + timedelta(at) for at in range(40)]
    actions = [
        CorporateAction(ActionKind.SPLIT, days[at], Decimal(str(shares[at]))) for at in np.flatnonzero(shares != 1)
    ]
    actions += [CorporateAction(ActionKind.DIVIDEND, days[at], Decimal(str(cash[at]))) for at in np.flatnonzero(cash)]
    bars = BarColumns(np.array([(day - EPOCH).days for day in days]) * DAY_US, close, close, close, close, np.ones(40))
    ex_closes = dict(zip(days, close.tolist(), strict=True))
    adjusted = adjust(bars, actions, Adjustment.TOTAL, ex_closes=ex_closes, anchor=anchor).close
    wealth = np.array(reinvested(close, shares, cash))
    assert adjusted / adjusted[0] == pytest.approx(wealth / wealth[0], rel=1e-12)
