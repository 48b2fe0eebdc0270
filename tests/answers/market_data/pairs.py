"""Files of yfinance's repair pairs, as served and as this platform stores them.

Source: ranaroussi/yfinance, tests/data at 93eb4c2 (Apache-2.0).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from causeway.market_data.corporate_actions import midnight_us
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind, CorporateAction
from causeway.model.time import micros
from tests.answers.market_data.recorded import records


def served(path: Path) -> tuple[BarColumns, NDArray[np.float64], list[CorporateAction]]:
    """Bars, adjusted closes and corporate actions. Yahoo's prices and dividends are on the shares of today."""
    rows = list(records(path))
    key = "Date" if "Date" in rows[0] else "Datetime"
    rows.sort(key=lambda row: datetime.fromisoformat(row[key]))
    moments = [datetime.fromisoformat(row[key]) for row in rows]
    intraday = "-1h-" in path.name or "-15m-" in path.name
    stamps = moments if intraday else [datetime.fromisoformat(f"{one.date()}T00:00:00Z") for one in moments]

    def column(name: str) -> NDArray[np.float64]:
        return np.array([float(row[name] or "nan") for row in rows])

    prices = np.stack([column(name) for name in ("Open", "High", "Low", "Close")], axis=1)
    bars = BarColumns.of(np.array([micros(one) for one in stamps]), prices, np.nan_to_num(column("Volume")))
    actions = [
        CorporateAction(kind, one.date(), Decimal(row[name]))
        for one, row in zip(moments, rows, strict=True)
        for kind, name in ((ActionKind.DIVIDEND, "Dividends"), (ActionKind.SPLIT, "Stock Splits"))
        if float(row.get(name) or 0) > 0
    ]
    return bars, column("Adj Close"), actions


def as_stored(bars: BarColumns, actions: Sequence[CorporateAction]) -> tuple[BarColumns, list[CorporateAction]]:
    """Prices as traded, and dividends per share of their day."""
    shares = np.ones(len(bars))
    splits = [one for one in actions if one.kind is ActionKind.SPLIT]
    for one in splits:
        shares[: int(np.searchsorted(bars.time_us, midnight_us(one.ex_date, "UTC")))] *= float(one.value)
    raw = BarColumns.of(bars.time_us, bars.prices() * shares[:, None], bars.volume / shares)
    return raw, [one if one.kind is ActionKind.SPLIT else _as_paid(one, splits) for one in actions]


def _as_paid(dividend: CorporateAction, splits: Sequence[CorporateAction]) -> CorporateAction:
    value = dividend.value
    for split in splits:
        value *= split.value if split.ex_date > dividend.ex_date else 1
    return replace(dividend, value=value)
