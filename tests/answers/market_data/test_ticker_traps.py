"""Files per ticker are not files per company: LEAN's map files say which bars are whose."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from causeway.adapters.feeds.csv_files import open_table
from causeway.market_data.schedule import DAY_US
from causeway.market_data.symbol_history import SymbolHistory, read_map_rows
from tests.answers.market_data.recorded import bars_of, checked_file


@pytest.fixture
def history(test_data: Path) -> SymbolHistory:
    return read_map_rows(cells for _, cells in open_table(test_data / "corporate_actions/lean_map_files.csv").rows())


@pytest.mark.parametrize(
    ("symbol", "day", "company"),
    [
        ("FB", "2003-03-28", "FB.1"),
        ("FB", "2012-05-18", "FB"),
        ("AAA", "2007-05-18", "AAA.1"),
        ("AAA", "2010-01-04", None),
        ("AAA", "2020-09-09", "AAA"),
        ("UW", "1998-07-16", "WM"),
        ("WMI", "1998-07-17", "WM"),
        ("WMI", "2009-08-04", "WM"),
        ("WM", "2008-09-25", None),  # Washington Mutual, which the map files do not hold
        ("WM", "2009-08-05", "WM"),
        ("GOOG", "2014-04-02", "GOOGL"),
        ("GOOCV", "2014-03-27", "GOOG"),
        ("GOOG", "2014-04-03", "GOOG"),
        ("GOOAV", "2014-04-02", "GOOAV"),
        ("NWSA", "2013-06-28", "TFCFA"),
        ("FOXA", "2013-07-01", "TFCFA"),
        ("NB", "1998-09-30", "BAC"),
        ("BAC", "1998-10-01", "BAC"),
    ],
)
def test_whose_a_ticker_was(history: SymbolHistory, symbol: str, day: str, company: str | None) -> None:
    assert history.resolve(symbol, date.fromisoformat(day)) == company


def test_every_bar_of_a_reused_ticker_has_one_owner_or_none(history: SymbolHistory, test_data: Path) -> None:
    checked = checked_file(test_data / "daily/lean_us_raw_ohlcv_16tickers_1998-2021.csv.gz")
    owners = {}
    for symbol in ("FB", "WM"):
        days = [date.fromordinal(719163 + int(one)) for one in bars_of(checked, symbol).time_us // DAY_US]
        owners[symbol] = [history.resolve(symbol, day) for day in days]
    assert set(owners["FB"]) == {"FB.1", "FB"}
    assert None in owners["WM"]
    changes = np.flatnonzero(np.array(owners["FB"][1:]) != np.array(owners["FB"][:-1]))
    assert len(changes) == 1
