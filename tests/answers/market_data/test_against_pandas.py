"""Coarser bars, days of three conventions and bars from trades, against pandas and plain loops on public data."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from causeway.adapters.feeds.csv_files import open_table
from causeway.market_data.aggregator import aggregate
from causeway.market_data.columns import map_columns
from causeway.market_data.ingestion import CheckOptions, check_rows
from causeway.market_data.intervals import Grid
from causeway.market_data.schedule import exchange_schedule, weekday_schedule
from causeway.market_data.sessions import session_days
from causeway.market_data.trade_bars import Measure, TradeColumns, filled_bars, time_bars
from causeway.market_data.trade_stream import TimeBarStream, Trade, TradeBar
from causeway.market_data.written_times import Stamp
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize, micros
from tests.answers.market_data.recorded import bars_of, records, table_of

HOW = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
FREQUENCY = {BarSize.MINUTE_5: "5min", BarSize.MINUTE_15: "15min", BarSize.HOUR_1: "1h", BarSize.DAY_1: "1D"}


def series(path: Path, *, stamp: Stamp = Stamp.START) -> BarColumns:
    table = open_table(path)
    mapping = map_columns(table.header, symbol="X")
    options = CheckOptions(datetime(2024, 6, 1, tzinfo=UTC), time_zone="UTC", calendar="24/7", stamp=stamp)
    return bars_of(check_rows(table.rows(), mapping, options, session_days), "X")


def frame(bars: BarColumns) -> pd.DataFrame:
    index = pd.to_datetime(bars.time_us, unit="us", utc=True)
    return pd.DataFrame({name: getattr(bars, name) for name in HOW}, index=index)


def assert_same(bars: BarColumns, expected: pd.DataFrame) -> None:
    expected = expected.dropna(subset=["open"])
    assert bars.time_us.tolist() == expected.index.as_unit("us").asi8.tolist()
    assert bars.prices().tolist() == expected[list(HOW)[:4]].to_numpy().tolist()
    assert bars.volume == pytest.approx(expected["volume"].to_numpy(), rel=1e-12)


def by_day(bars: BarColumns, days: pd.DatetimeIndex) -> pd.DataFrame:
    """One row for each of these dates, as 00:00 UTC."""
    table = frame(bars)
    table.index = days.tz_localize("UTC")
    return table.groupby(level=0).agg(HOW)


@pytest.mark.parametrize("file", ["nautilus_BTC-PERP_1m_202201", "freqtrade_UNITTEST_BTC_1m_gappy_201711"])
@pytest.mark.parametrize("size", FREQUENCY)
def test_a_market_around_the_clock(test_data: Path, file: str, size: BarSize) -> None:
    minutes = series(test_data / f"intraday/{file}.csv.gz")
    assert_same(aggregate(minutes, size), frame(minutes).resample(FREQUENCY[size]).agg(HOW))


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns"])
def test_clocks_half_and_quarter_hours_off(test_data: Path, zone: str) -> None:
    minutes = series(test_data / "intraday/nautilus_BTC-PERP_1m_202201.csv.gz")
    local = frame(minutes).tz_convert(zone)
    assert_same(aggregate(minutes, BarSize.HOUR_1, zone=zone), local.resample("1h").agg(HOW))
    days = local.index.tz_localize(None).normalize()
    assert_same(aggregate(minutes, BarSize.DAY_1, zone=zone), by_day(minutes, days))


@pytest.mark.parametrize(
    ("zone", "first"),
    [("America/New_York", "2024-03-09"), ("America/New_York", "2024-11-02"), ("Europe/London", "2024-10-26")],
)
def test_across_changes_of_the_clock(zone: str, first: str) -> None:
    index = pd.date_range(first, periods=72 * 60, freq="1min", tz="UTC")
    close = 100 + np.cumsum(np.random.default_rng(0).normal(0, 0.01, len(index)))
    minutes = BarColumns(index.as_unit("us").asi8, close, close + 0.02, close - 0.02, close, np.ones(len(index)))
    local = frame(minutes).tz_convert(zone)
    for size in (BarSize.MINUTE_15, BarSize.HOUR_1):
        assert_same(aggregate(minutes, size, zone=zone), local.resample(FREQUENCY[size]).agg(HOW))
    days = local.index.tz_localize(None).normalize()
    assert_same(aggregate(minutes, BarSize.DAY_1, zone=zone), by_day(minutes, days))


def test_days_of_foreign_exchange(test_data: Path) -> None:
    """GBPUSD in February 2012: a bar belongs to the date that New York's clock shows seven hours later."""
    minutes = series(test_data / "intraday/nautilus_fxcm_GBPUSD_1m_bid_201202.csv.gz")
    schedule = weekday_schedule(date(2012, 1, 31), date(2012, 3, 2), roll=time(17))
    days = (frame(minutes).index.tz_convert("America/New_York") + pd.Timedelta(hours=7)).tz_localize(None).normalize()
    found = aggregate(minutes, BarSize.DAY_1, zone="America/New_York", schedule=schedule)
    assert_same(found, by_day(minutes, days))
    assert len(found) == 22
    assert set(pd.to_datetime(found.time_us, unit="us").day_of_week) == set(range(5))


def test_days_of_a_future(test_data: Path) -> None:
    """6EH4 in January 2024, stamps at the end of a minute: Chicago's day turns at 17:00.

    On Martin Luther King day the exchange's calendar closes at noon, while this contract traded on.
    """
    minutes = series(test_data / "intraday/nautilus_6EH4_CME_1m_202401.csv.gz", stamp=Stamp.END)
    schedule = exchange_schedule("CMES", date(2023, 12, 29), date(2024, 2, 2))
    inside = schedule.session_of(minutes.time_us) >= 0
    assert {str(pd.Timestamp(at, unit="us").date()) for at in minutes.time_us[~inside]} == {"2024-01-15"}
    traded = minutes.rows(inside)
    days = (frame(traded).index.tz_convert("America/Chicago") + pd.Timedelta(hours=7)).tz_localize(None).normalize()
    assert_same(aggregate(minutes, BarSize.DAY_1, zone="America/Chicago", schedule=schedule), by_day(traded, days))


@pytest.fixture
def trades(test_data: Path) -> TradeColumns:
    """46 seconds of Binance's BTCUSDT."""
    rows = list(records(test_data / "ticks/nautilus_binance_BTCUSDT_trades_20210108.csv.gz"))
    times = np.array([micros(datetime.fromisoformat(row["timestamp"])) for row in rows], dtype=np.int64)
    price, size = (np.array([float(row[name]) for row in rows]) for name in ("price", "quantity"))
    return TradeColumns.of(times, price, size)


@pytest.mark.parametrize(("size", "frequency"), [(BarSize.SECOND_1, "1s"), (BarSize.SECOND_5, "5s")])
def test_trades_to_bars_whole_and_in_any_order_of_arrival(trades: TradeColumns, size: BarSize, frequency: str) -> None:
    index = pd.to_datetime(trades.time_us, unit="us", utc=True)
    expected = pd.Series(trades.price, index=index).resample(frequency).ohlc()
    expected["volume"] = pd.Series(trades.size, index=index).resample(frequency).sum()
    whole = time_bars(trades, Grid(size))
    assert_same(whole, expected)
    stream, order = TimeBarStream(Grid(size), lateness=timedelta(minutes=1)), list(range(len(trades)))
    random.Random(3).shuffle(order)
    last: dict[int, TradeBar] = {}
    pushed = [
        one
        for at in order
        for one in stream.push(Trade(int(trades.time_us[at]), at, float(trades.price[at]), float(trades.size[at])))
    ]
    for bar in (*pushed, *stream.finish()):
        assert isinstance(bar, TradeBar)
        last[bar.start_us] = bar
    assert [list(last[at][:6]) for at in sorted(last)] == table_of(whole).tolist()


def filled_by_a_loop(trades: TradeColumns, worth: Sequence[float], target: float) -> list[list[float]]:
    """Lopez de Prado, Advances in Financial Machine Learning (2018), section 2.3.2, trade by trade."""
    bars: list[list[float]] = []
    filled = target
    for at, (price, size) in enumerate(zip(trades.price.tolist(), trades.size.tolist(), strict=True)):
        if filled >= target:
            bars.append([float(trades.time_us[at]), price, price, price, price, 0.0])
            filled = 0.0
        bar = bars[-1]
        bar[2], bar[3], bar[4], bar[5] = max(bar[2], price), min(bar[3], price), price, bar[5] + size
        filled += worth[at]
    return bars


@pytest.mark.parametrize(
    ("measure", "target", "bars"),
    [
        (Measure.VOLUME, 1.0, 67),
        (Measure.VOLUME, 0.3, 173),
        (Measure.DOLLARS, 40_000, 67),
        (Measure.DOLLARS, 5000, 299),
    ],
)
def test_volume_and_dollar_bars(trades: TradeColumns, measure: Measure, target: float, bars: int) -> None:
    worth = trades.size if measure is Measure.VOLUME else trades.size * trades.price
    expected = np.array(filled_by_a_loop(trades, worth.tolist(), target))
    found = table_of(filled_bars(trades, measure, target, Grid(BarSize.DAY_1)))
    assert len(found) == bars
    assert found[:, :5].tolist() == expected[:, :5].tolist()
    assert found[:, 5] == pytest.approx(expected[:, 5], rel=1e-12)
