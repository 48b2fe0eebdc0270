"""Trades to bars, against the bars that the same vendors made of the same trades."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from numpy.typing import NDArray

from causeway.market_data.eligibility import every_trade, iqfeed, lean
from causeway.market_data.intervals import Grid
from causeway.market_data.trade_bars import TradeColumns, time_bars
from causeway.market_data.trade_stream import TimeBarStream, Trade, TradeBar
from causeway.model.time import BarSize, micros
from tests.answers.market_data.recorded import bars_of, checked_file, lean_trades, table_of

NEW_YORK = ZoneInfo("America/New_York")
# As DTN's IQFeed served them on 2021-03-01 (mathpaquette/IQFeed.CSharpApiClient, data/): the first trades of a day.
TICKS = """2021-03-01 04:00:00.028010,1.5200,1000,1000,1.5600,1.5700,1,E,11,1747,0,1,
2021-03-01 04:00:06.702115,1.5200,50,1050,1.4300,1.5200,2,O,11,873D17,0,1,
2021-03-01 04:00:12.990281,1.5200,274,1324,1.5000,1.6300,3,E,11,173D,0,1,
2021-03-01 04:01:10.622091,1.5800,125,1449,1.5400,1.5800,4,E,11,173D,0,1,"""
BARS = """2021-03-01 04:00:00,1.5200,1.5200,1.5200,1.5200,1000,1000,0,
2021-03-01 04:00:10,1.5200,1.5200,1.5200,1.5200,1324,274,0,
2021-03-01 04:01:10,1.5800,1.5800,1.5800,1.5800,1449,125,0,"""


def new_york(text: str) -> int:
    return micros(datetime.fromisoformat(text).replace(tzinfo=NEW_YORK))


def iqfeed_trades(lines: Iterable[str]) -> list[Trade]:
    found = []
    for line in lines:
        time, price, size, _, _, _, tick_id, basis, *_ = line.split(",")
        judged = iqfeed((basis,))
        found.append(
            Trade(new_york(time), int(tick_id), float(price), float(size), judged.tier, judged.volume, tick_id)
        )
    return found


def iqfeed_bars(lines: Iterable[str]) -> NDArray[np.float64]:
    """Their order is high, low, open, close, total volume, volume of the bar."""
    rows = [line.split(",") for line in lines]
    return np.array([[new_york(r[0]), *(float(r[at]) for at in (3, 1, 2, 4, 6))] for r in rows])


def columns(trades: list[Trade]) -> TradeColumns:
    time, sequence, price, size, tier, volume, *_ = (np.array(one) for one in zip(*trades, strict=True))
    return TradeColumns(time, price, size, sequence, tier.astype(np.int8), volume)


def streamed(trades: list[Trade], grid: Grid) -> NDArray[np.float64]:
    stream = TimeBarStream(grid, lateness=timedelta(seconds=1))
    found = [bar for trade in trades for bar in stream.push(trade)] + list(stream.finish())
    assert all(isinstance(bar, TradeBar) and bar.version == 1 for bar in found)
    return np.array([bar[:6] for bar in found])  # type: ignore[index]


def test_the_first_trades_of_a_day() -> None:
    trades, grid = iqfeed_trades(TICKS.splitlines()), Grid(BarSize.SECOND_5, "America/New_York")
    assert table_of(time_bars(columns(trades), grid)).tolist() == iqfeed_bars(BARS.splitlines()).tolist()
    assert streamed(trades, grid).tolist() == iqfeed_bars(BARS.splitlines()).tolist()


def test_iqfeed_ticks_make_iqfeeds_five_second_bars(test_data: Path) -> None:
    def lines(name: str) -> list[str]:
        text = gzip.decompress((test_data / "wire/iqfeed" / name).read_bytes()).decode("ascii")
        return [line for line in text.splitlines() if line and not line.startswith("!")]

    trades = iqfeed_trades(lines("HTT_ticks_oldest_20210301-02_p61.csv.gz"))
    expected = iqfeed_bars(lines("HIT_5s_oldest_20210301-02_p61.csv.gz"))
    assert (len(trades), len(expected)) == (22652, 3814)
    grid = Grid(BarSize.SECOND_5, "America/New_York")
    assert table_of(time_bars(columns(trades), grid)).tolist() == expected.tolist()
    assert streamed(trades, grid).tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("symbol", "file", "day", "minutes", "equal_prices", "equal_unfiltered"),
    [
        ("IBM", "lean_IBM_trade_ticks_20131007-08", "2013-10-07", 453, 450, 242),
        ("IBM", "lean_IBM_trade_ticks_20131007-08", "2013-10-08", 424, 423, 229),
        ("BAC", "lean_BAC_trade_ticks_20131007", "2013-10-07", 595, 591, 559),
    ],
)
def test_lean_ticks_make_leans_minute_bars(
    test_data: Path, symbol: str, file: str, day: str, minutes: int, equal_prices: int, equal_unfiltered: int
) -> None:
    """Filtered by sale condition, 1464 of 1472 minutes have LEAN's open, high, low and close; unfiltered, 1030."""
    expected = table_of(bars_of(checked_file(test_data / "intraday/lean_us_minute_trade_6sym.csv.gz"), symbol))
    days = [new_york(day), new_york(day) + 86_400_000_000]
    expected = expected[(expected[:, 0] >= days[0]) & (expected[:, 0] < days[1])]
    assert len(expected) == minutes

    def equal(rule: object) -> tuple[int, int]:
        trades = lean_trades(test_data / f"ticks/{file}.csv.gz", day, rule)  # type: ignore[arg-type]
        found = table_of(time_bars(trades, Grid(BarSize.MINUTE_1, "America/New_York")))
        assert found[:, 0].tolist() == expected[:, 0].tolist()
        same = found == expected
        return int(same[:, 1:5].all(axis=1).sum()), int(same[:, 5].sum())

    prices, volumes = equal(lean)
    assert prices == equal_prices
    assert volumes >= 0.985 * minutes
    assert equal(every_trade)[0] == equal_unfiltered
