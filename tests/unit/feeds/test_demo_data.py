"""The demo's data. The stocks come from bokeh_sampledata, which is optional."""

from __future__ import annotations

import csv
import gzip
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from causeway.adapters.feeds.csv_files import open_table
from causeway.adapters.feeds.demo_data import demo_corporate_actions, demo_stock_csv, known_market_csv
from causeway.market_data.corporate_actions import Adjustment, adjust
from causeway.market_data.known_market import known_market
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind
from tests.unit.market_data.rows import HEADER, check


def test_the_known_market_goes_through_a_file_without_losing_a_bit(tmp_path: Path) -> None:
    market = known_market(n_series=3, n_bars=60, n_links=2, seed=5)
    path = tmp_path / "known.csv"
    path.write_bytes(known_market_csv(market))
    table = open_table(path)
    assert list(table.header) == HEADER
    checked = check(cells for _, cells in table.rows())
    assert checked.findings.by_row == {}
    for at, symbol in enumerate(checked.parsed.symbols):
        mine = checked.parsed.symbol_id == at
        assert checked.parsed.values[mine, 3].tobytes() == market.bars[symbol].close.tobytes()
        assert checked.time_us[mine].tolist() == market.bars[symbol].time_us.tolist()


def test_known_markets_pass_the_checks() -> None:
    for seed in range(5):
        text = known_market_csv(known_market(seed=seed)).decode().splitlines()
        assert check([line.split(",") for line in text[1:]]).quarantined() == {}


def stock_rows() -> list[dict[str, str]]:
    pytest.importorskip("bokeh_sampledata", reason="the demo's stock data is optional")
    with gzip.open(demo_stock_csv(), "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_splits_are_those_that_happened() -> None:
    """Apple's and Microsoft's investor relations pages: two for one, each."""
    pytest.importorskip("bokeh_sampledata", reason="the demo's stock data is optional")
    splits = {
        (symbol, one.ex_date, one.value)
        for symbol, actions in demo_corporate_actions().items()
        for one in actions
        if one.kind is ActionKind.SPLIT
    }
    assert splits == {
        ("AAPL", date(2000, 6, 21), Decimal(2)),
        ("AAPL", date(2005, 2, 28), Decimal(2)),
        ("MSFT", date(2003, 2, 18), Decimal(2)),
    }


def test_dividends_that_are_known() -> None:
    """Apple 2.65 from August 2012; Microsoft's special dividend of 3.00 with a regular 0.08 in November 2004."""
    pytest.importorskip("bokeh_sampledata", reason="the demo's stock data is optional")
    actions = demo_corporate_actions()
    paid = {
        (symbol, one.ex_date): one.value
        for symbol in ("AAPL", "MSFT")
        for one in actions[symbol]
        if one.kind is ActionKind.DIVIDEND
    }
    assert paid["AAPL", date(2012, 8, 9)] == Decimal("2.65")
    assert paid["MSFT", date(2004, 11, 15)] == Decimal("3.08")
    assert actions["GOOG"] == []
    assert actions["FB"] == []


def test_actions_turn_the_raw_closes_into_the_published_adjusted_ones() -> None:
    """The adjusted close of the source, up to one constant: actions after its last day are not in it."""
    rows = stock_rows()
    actions = demo_corporate_actions()
    for symbol, mine in actions.items():
        own = [row for row in rows if row["Ticker"] == symbol]
        days = [date.fromisoformat(row["Date"]) for row in own]
        close = np.array([float(row["Close"]) for row in own])
        times = np.array([(day - date(1970, 1, 1)).days for day in days]) * 86_400_000_000
        bars = BarColumns(times, close, close, close, close, close)
        found = adjust(bars, mine, Adjustment.TOTAL, ex_closes=dict(zip(days, close.tolist(), strict=True))).close
        published = np.array([float(row["Adj Close"]) for row in own])
        scale = found[-1] / published[-1]
        assert found == pytest.approx(published * scale, rel=1e-9), symbol
