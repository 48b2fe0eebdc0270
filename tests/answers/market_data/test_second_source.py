"""Bad bars of a public data set, found by an older vintage of it, and settled by a third source."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from causeway.adapters.feeds.csv_files import open_table
from causeway.market_data.corporate_actions import Adjustment, adjust
from causeway.market_data.findings import Findings
from causeway.market_data.gaps import missing_ranges
from causeway.market_data.lean_factors import actions_of, read_factor_row
from causeway.market_data.schedule import exchange_schedule
from causeway.market_data.second_source import Outlier, check_second_source, compare
from causeway.market_data.sessions import session_days
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind
from causeway.model.time import BarSize, moment
from tests.answers.market_data.recorded import bars_of, checked_file, records

DHR = [
    "2013-12-20", "2014-10-07", "2014-10-14", "2014-10-15", "2014-10-16", "2014-10-30", "2014-12-17", "2015-01-13",
    "2015-01-22", "2015-07-07", "2015-09-17", "2017-08-01",
]  # fmt: skip
O = [
    "2013-12-20", "2014-05-28", "2014-08-27", "2014-10-14", "2014-10-16", "2014-10-29", "2014-10-30", "2014-12-17",
    "2015-01-13", "2015-01-22", "2015-09-17", "2017-08-01",
]  # fmt: skip
WRONG = {
    "AAPL": ["2017-08-01"], "AMZN": ["2017-08-01"], "DHR": DHR, "GE": ["2016-06-15"], "JPM": ["2014-11-28"],
    "KO": ["2014-08-01", "2014-10-29", "2017-08-01"], "O": O, "XOM": ["2014-07-28"],
    "JNJ": [], "MSFT": [], "REGN": [], "WMT": [],
}  # fmt: skip


def as_written(path: Path) -> dict[str, BarColumns]:
    """Every row, missing prices as NaN."""
    rows: dict[str, list[list[float]]] = {}
    for row in records(path):
        day = (date.fromisoformat(row["date"]) - date(1970, 1, 1)).days
        values = [float(row[name] or "nan") for name in ("open", "high", "low", "close", "volume")]
        rows.setdefault(row["symbol"], []).append([day * 86_400_000_000, *values])
    found = {}
    for symbol, mine in rows.items():
        table = np.array(sorted(mine))
        found[symbol] = BarColumns(table[:, 0].astype(np.int64), *table[:, 1:].T)
    return found


@pytest.fixture(scope="module")
def later(test_data: Path) -> dict[str, BarColumns]:
    return as_written(test_data / "daily/sp500_48sym_ohlcv_2013-2018.csv.gz")


@pytest.fixture(scope="module")
def earlier(test_data: Path) -> dict[str, BarColumns]:
    return as_written(test_data / "daily/sp500_12sym_ohlcv_2012-2017_other_vintage.csv.gz")


@pytest.mark.parametrize("symbol", sorted(WRONG))
def test_closes_that_two_vintages_give_differently(
    later: dict[str, BarColumns], earlier: dict[str, BarColumns], symbol: str
) -> None:
    found = compare(later[symbol], earlier[symbol], fields=("close",))
    assert [moment(one.time_us).date().isoformat() for one in found] == WRONG[symbol]
    assert {one.outlier for one in found} <= {Outlier.UNSETTLED}


def test_a_third_source_says_which_is_wrong(
    later: dict[str, BarColumns], earlier: dict[str, BarColumns], test_data: Path
) -> None:
    sessions = session_days("XNYS", date(1998, 1, 1), date(2021, 12, 31))
    table = open_table(test_data / "corporate_actions/lean_factor_files.csv")
    actions = actions_of([read_factor_row(cells[1:]) for _, cells in table.rows() if cells[0] == "AAPL"], sessions)
    splits = [one for one in actions if one.kind is ActionKind.SPLIT and one.ex_date < date(2018, 3, 1)]
    raw = bars_of(checked_file(test_data / "daily/lean_us_raw_ohlcv_16tickers_1998-2021.csv.gz"), "AAPL")
    third = adjust(raw, splits, Adjustment.SPLIT, ex_closes={})
    [found] = compare(later["AAPL"], earlier["AAPL"], third, fields=("close",))
    assert (found.first, found.second, found.outlier) == ((158.59,), (150.05,), Outlier.FIRST)
    assert found.third[0] == pytest.approx(150.05, abs=0.01)
    findings = Findings()
    check_second_source(later["AAPL"], earlier["AAPL"], findings, third)
    assert {one.code for one in findings.by_row[found.row]} == {"contradicted"}
    [other] = compare(earlier["AAPL"], later["AAPL"], third, fields=("close",))
    assert other.outlier is Outlier.SECOND


@pytest.mark.parametrize("symbol", ["DHR", "O"])
def test_missing_sessions(later: dict[str, BarColumns], symbol: str) -> None:
    days = exchange_schedule("XNYS", date(2013, 2, 8), date(2018, 2, 7))
    gaps = missing_ranges(later[symbol].time_us, days, BarSize.DAY_1, "America/New_York")
    assert sum(one.bars for one in gaps) == 16
    ranges = {(day_of(one.first_us), day_of(one.last_us), one.sessions) for one in gaps}
    assert {("2013-04-26", "2013-04-26", 1), ("2013-09-09", "2013-09-11", 3), ("2014-06-10", "2014-06-10", 1)} <= ranges


def day_of(time_us: int) -> str:
    return datetime.fromtimestamp(time_us / 1e6, UTC).date().isoformat()
