"""Adjusted prices as Quandl WIKI published them, from its raw prices, dividends and splits of 2014."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from causeway.adapters.feeds.csv_files import open_table
from causeway.market_data.corporate_actions import Adjustment, adjust
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind, CorporateAction

DAY_US = 86_400_000_000


@pytest.mark.parametrize("symbol", ["AAPL", "MSFT"])
def test_wiki(test_data: Path, symbol: str) -> None:
    table = open_table(test_data / "daily/wiki_2014_AAPL_MSFT_raw_and_adjusted.csv.gz")
    rows = [dict(zip(table.header, cells, strict=True)) for _, cells in table.rows() if cells[0] == symbol]
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
    found = adjust(BarColumns(times, **column), actions, Adjustment.TOTAL, ex_closes=ex_closes).close
    published = np.array([float(row["adj_close"]) for row in rows])
    # The set was adjusted for later events too: one constant factor.
    assert found / found[-1] == pytest.approx(published / published[-1], rel=1e-12)
