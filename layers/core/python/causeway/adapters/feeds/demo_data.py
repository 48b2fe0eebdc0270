"""The demo's data: daily bars of five US stocks from ``bokeh_sampledata`` (BSD-3), and a known market.

The stocks' prices are raw, with an adjusted close beside them. Splits and dividends are read off the ratio of the
two, so that nothing is typed in by hand: a step of the ratio by a whole number is a split, any other step s a dividend
of close (1/s - 1), which comes out in whole cents (the rule of ``corporate_actions``, turned round).
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.util import find_spec
from itertools import groupby, pairwise
from pathlib import Path

from causeway.errors import NotFound
from causeway.market_data.known_market import KnownMarket
from causeway.model.corporate_action import ActionKind, CorporateAction

STOCKS_SOURCE = "bokeh_sampledata"
KNOWN_SOURCE = "known_market"
_SMALLEST_STEP = 1e-5  # the largest step that is only rounding of the adjusted close is below 1e-9
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def demo_stock_csv() -> Path:
    """The gzipped CSV of AAPL, MSFT, IBM, GOOG and FB, 2000-03-01 to 2013-03-01, inside the installed package.

    Raises:
        NotFound: ``bokeh_sampledata`` is not installed.
    """
    package = find_spec("bokeh_sampledata")
    file = Path(package.origin).parent / "_data" / "stocks.csv.gz" if package and package.origin else None
    if file is None or not file.is_file():
        raise NotFound("the demo's stock data is not here. Install it with: pip install bokeh_sampledata")
    return file


def demo_corporate_actions() -> dict[str, list[CorporateAction]]:
    """Splits and dividends of the demo stocks by symbol, ascending.

    Raises:
        NotFound: ``bokeh_sampledata`` is not installed.
    """
    with gzip.open(demo_stock_csv(), "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {symbol: list(_actions_of(list(mine))) for symbol, mine in groupby(rows, key=lambda row: row["Ticker"])}


def _actions_of(rows: list[dict[str, str]]) -> Iterator[CorporateAction]:
    ratios = [float(row["Adj Close"]) / float(row["Close"]) for row in rows]
    for row, (before, after) in zip(rows[1:], pairwise(ratios), strict=True):
        step = before / after
        if abs(step - 1) > _SMALLEST_STEP:
            yield _action(date.fromisoformat(row["Date"]), float(row["Close"]), step)


def _action(ex_date: date, close: float, step: float) -> CorporateAction:
    shares = round(1 / step)
    if shares >= 2 and abs(1 / step - shares) < 1e-3:
        return CorporateAction(ActionKind.SPLIT, ex_date, Decimal(shares))
    cash = Decimal(close * (1 / step - 1)).quantize(Decimal("0.01"))
    return CorporateAction(ActionKind.DIVIDEND, ex_date, cash)


def known_market_csv(market: KnownMarket) -> bytes:
    """A known market's daily bars as CSV; numbers are written so that reading gives the same bits."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["symbol", "date", "open", "high", "low", "close", "volume"])
    for symbol in market.symbols:
        bars = market.bars[symbol]
        columns = (bars.open, bars.high, bars.low, bars.close, bars.volume)
        days = [(_EPOCH + timedelta(microseconds=int(at))).date().isoformat() for at in bars.time_us]
        writer.writerows(
            [symbol, day, *map(repr, numbers)]
            for day, *numbers in zip(days, *(column.tolist() for column in columns), strict=True)
        )
    return text.getvalue().encode()
