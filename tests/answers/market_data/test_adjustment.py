"""Adjusted prices as Quandl WIKI and Yahoo published them, from raw prices, dividends and splits; LEAN's factors."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from causeway.adapters.feeds.csv_files import open_table
from causeway.market_data.corporate_actions import Adjustment, Convention, adjust
from causeway.market_data.lean_factors import actions_of, read_factor_row
from causeway.market_data.sessions import session_days
from causeway.market_data.undo_splits import undo_splits
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind, CorporateAction
from tests.answers.market_data.recorded import bars_of, checked_file, records

DAY_US = 86_400_000_000


@pytest.mark.parametrize(("symbol", "error_of_yahoos_rule"), [("AAPL", 1.2e-5), ("MSFT", 1.5e-4)])
def test_wiki(test_data: Path, symbol: str, error_of_yahoos_rule: float) -> None:
    rows = [
        r for r in records(test_data / "daily/wiki_2014_AAPL_MSFT_raw_and_adjusted.csv.gz") if r["ticker"] == symbol
    ]
    days = [date.fromisoformat(row["date"]) for row in rows]
    column = {name: np.array([float(row[name]) for row in rows]) for name in ("open", "high", "low", "close", "volume")}
    times = np.array([(day - date(1970, 1, 1)).days * DAY_US for day in days])
    actions = [
        CorporateAction(kind, day, Decimal(row[name]))
        for day, row in zip(days, rows, strict=True)
        for kind, name, none in (
            (ActionKind.DIVIDEND, "ex-dividend", 0.0),
            (ActionKind.SPLIT, "split_ratio", 1.0),
        )
        if float(row[name]) != none
    ]
    assert actions
    ex_closes = dict(zip(days, column["close"].tolist(), strict=True))
    previous = dict(zip(days[1:], column["close"].tolist()[:-1], strict=True))
    published = np.array([float(row["adj_close"]) for row in rows])

    def error(convention: Convention) -> float:
        bars = BarColumns(times, **column)
        found = adjust(
            bars, actions, Adjustment.TOTAL, ex_closes=ex_closes, previous_closes=previous, convention=convention
        ).close
        factors = (one / bars.close for one in (found, published))
        # The set was adjusted for later events too: one constant factor.
        mine, theirs = (one / one[-1] for one in factors)
        return float(np.abs(mine - theirs).max())

    assert error(Convention.CRSP) < 1e-12
    assert error(Convention.YAHOO) == pytest.approx(error_of_yahoos_rule, rel=0.05)


def test_yahoo(test_data: Path) -> None:
    """MSFT from February 2021 to January 2022; Yahoo's prices are single precision, so steps are good to 3e-7."""
    body = test_data / "wire/yahoo/historical-via-chart-MSFT-dividends-2021-02-01-to-2022-01-31.csv.body.json"
    result = json.loads(body.read_text())["chart"]["result"][0]
    days = [datetime.fromtimestamp(at, ZoneInfo("America/New_York")).date() for at in result["timestamp"]]
    quote = result["indicators"]["quote"][0]
    published = np.array(result["indicators"]["adjclose"][0]["adjclose"])
    times = np.array([(day - date(1970, 1, 1)).days * DAY_US for day in days])
    bars = BarColumns(
        times, *(np.array(quote[name], dtype=float) for name in ("open", "high", "low", "close", "volume"))
    )
    actions = [
        CorporateAction(
            ActionKind.DIVIDEND,
            datetime.fromtimestamp(one["date"], ZoneInfo("America/New_York")).date(),
            Decimal(str(one["amount"])),
        )
        for one in result["events"]["dividends"].values()
    ]
    previous = dict(zip(days[1:], bars.close.tolist()[:-1], strict=True))
    found = adjust(
        bars, actions, Adjustment.TOTAL, ex_closes={}, previous_closes=previous, convention=Convention.YAHOO
    ).close
    steps = {"2021-02-17": 0.997702, "2021-05-19": 0.997696, "2021-08-18": 0.998089, "2021-11-17": 0.998174}
    for day, step in steps.items():
        at = days.index(date.fromisoformat(day))
        factor = found / bars.close
        assert factor[at - 1] / factor[at] == pytest.approx(step, abs=5e-7)
    assert found / found[-1] == pytest.approx(published / published[-1], rel=1e-6)


def test_dividends_in_leans_factors_are_those_of_another_source(test_data: Path) -> None:
    sessions = session_days("XNYS", date(1998, 1, 1), date(2021, 12, 31))
    table = open_table(test_data / "corporate_actions/lean_factor_files.csv")
    rows = [read_factor_row(cells[1:]) for _, cells in table.rows() if cells[0] == "IBM"]
    other = {
        date.fromisoformat(row["date"]): float(row["dividend"])
        for row in records(test_data / "daily/zipline_csvdir_IBM_2012-2014_with_div_split.csv.gz")
        if float(row["dividend"])
    }
    assert len(other) == 12
    found = {one.ex_date: float(one.value) for one in actions_of(rows, sessions) if 2012 <= one.ex_date.year <= 2014}
    assert found == pytest.approx(other, abs=2e-5)


def test_dividends_of_the_index_fund_in_whole_cents(test_data: Path) -> None:
    """33 from 1998 to 2005, 13.26 in all: LEAN's DividendRegressionAlgorithm pays these."""
    sessions = session_days("XNYS", date(1998, 1, 1), date(2021, 12, 31))
    table = open_table(test_data / "corporate_actions/lean_factor_files.csv")
    rows = [read_factor_row(cells[1:]) for _, cells in table.rows() if cells[0] == "SPY"]
    paid = [one.value for one in actions_of(rows, sessions, decimals=2) if one.ex_date < date(2006, 1, 1)]
    assert (len(paid), sum(paid)) == (33, Decimal("13.26"))


def test_splits_in_leans_factors(test_data: Path) -> None:
    """Apple's splits of 2000, 2005, 2014 (7 for 1) and 2020 (4 for 1)."""
    sessions = session_days("XNYS", date(1998, 1, 1), date(2021, 12, 31))
    table = open_table(test_data / "corporate_actions/lean_factor_files.csv")
    rows = [read_factor_row(cells[1:]) for _, cells in table.rows() if cells[0] == "AAPL"]
    splits = [(one.ex_date, one.value) for one in actions_of(rows, sessions) if one.kind is ActionKind.SPLIT]
    assert [(day, int(shares)) for day, shares in splits] == [
        (date(2000, 6, 21), 2),
        (date(2005, 2, 28), 2),
        (date(2014, 6, 9), 7),
        (date(2020, 8, 31), 4),
    ]


def test_split_adjusted_prices_become_prices_as_traded(test_data: Path) -> None:
    """Apple in 2014, split 7 for 1 in June: divided and in single precision, as Yahoo does, every cent is back."""
    sessions = session_days("XNYS", date(1998, 1, 1), date(2021, 12, 31))
    table = open_table(test_data / "corporate_actions/lean_factor_files.csv")
    rows = [read_factor_row(cells[1:]) for _, cells in table.rows() if cells[0] == "AAPL"]
    splits = [one for one in actions_of(rows, sessions) if one.kind is ActionKind.SPLIT and one.ex_date.year == 2014]
    raw = bars_of(checked_file(test_data / "daily/lean_us_raw_ohlcv_16tickers_1998-2021.csv.gz"), "AAPL")
    mine = raw.rows((raw.time_us >= 1388534400_000000) & (raw.time_us < 1420070400_000000))
    adjusted = adjust(mine, splits, Adjustment.SPLIT, ex_closes={})
    single = adjusted.prices().astype(np.float32).astype(float)
    undone = undo_splits(BarColumns.of(mine.time_us, single, adjusted.volume), splits)
    before = mine.time_us < 1402272000_000000  # 2014-06-09
    expected = np.round(mine.prices(), 2)
    on_a_cent = before[:, None] & np.isclose(expected, mine.prices(), rtol=1e-9)
    assert on_a_cent.sum() > 0.95 * 4 * before.sum()
    assert undone.prices()[on_a_cent].tolist() == expected[on_a_cent].tolist()
    assert undone.volume.tolist() == mine.volume.tolist()
