"""Trades one by one and trades as columns make the same bars, to the bit, whatever the order of arrival.

The oracle is a third, naive way: a dictionary of intervals, sorted lists and ``fractions``.
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from causeway.market_data.aggregator import aggregate
from causeway.market_data.filled_stream import FilledBar, FilledBarStream
from causeway.market_data.intervals import OUTSIDE, Grid, GridClock
from causeway.market_data.schedule import (
    US_POST_MARKET,
    US_PRE_MARKET,
    Schedule,
    exchange_schedule,
    weekday_schedule,
)
from causeway.market_data.trade_bars import Measure, TradeColumns, filled_bars, time_bars
from causeway.market_data.trade_stream import TimeBarStream, TooLate, Trade, TradeBar
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize

FIRST, LAST = date(2023, 11, 22), date(2023, 11, 27)  # Thanksgiving, a half day, a week-end
REGULAR = exchange_schedule("XNYS", FIRST, LAST)
GRIDS = [
    ("America/New_York", REGULAR),
    ("America/New_York", exchange_schedule("XNYS", FIRST, LAST, before=US_PRE_MARKET, after=US_POST_MARKET)),
    ("America/Chicago", exchange_schedule("CMES", FIRST, LAST)),
    ("America/New_York", weekday_schedule(FIRST, LAST)),
    ("UTC", None),
    ("Asia/Kolkata", None),
]
# Moments close to the edges of sessions, and anywhere.
EDGES = [int(one) for one in np.r_[REGULAR.opens_us, REGULAR.closes_us]]
LOW, HIGH = EDGES[0], EDGES[-1]
MOMENT = st.one_of(
    st.integers(LOW, HIGH),
    st.builds(
        lambda edge, off: min(max(edge + off, LOW), HIGH), st.sampled_from(EDGES), st.integers(-2_000_000, 2_000_000)
    ),
)
TRADE = st.tuples(
    MOMENT,
    st.integers(1, 5000).map(lambda cents: cents / 100),
    st.one_of(st.integers(0, 1000).map(float), st.floats(1e-8, 100)),
    st.sampled_from([0, 0, 0, 1, 1, 2, 3]),
    st.booleans(),
)
GRID = st.builds(lambda where, size: Grid(size, *where), st.sampled_from(GRIDS), st.sampled_from(list(BarSize)))


def trades_of(rows: list[tuple[int, float, float, int, bool]]) -> list[Trade]:
    return [Trade(at, n, price, size, tier, volume, f"t{n}") for n, (at, price, size, tier, volume) in enumerate(rows)]


def columns(trades: list[Trade]) -> TradeColumns:
    time, sequence, price, size, tier, volume, *_ = zip(*trades, strict=True)
    return TradeColumns(
        np.array(time, dtype=np.int64), np.array(price), np.array(size), np.array(sequence, dtype=np.int64),
        np.array(tier, dtype=np.int8), np.array(volume, dtype=np.bool_),
    )  # fmt: skip


def rows_of(bars: BarColumns) -> list[tuple[float, ...]]:
    return [
        *zip(
            *(one.tolist() for one in (bars.time_us, bars.open, bars.high, bars.low, bars.close, bars.volume)),
            strict=True,
        )
    ]


def naive(trades: list[Trade], grid: Grid) -> list[tuple[float, ...]]:
    held: dict[int, list[Trade]] = {}
    for trade in sorted(trades):
        start = int(grid.starts(np.array([trade.time_us]))[0])
        if start != OUTSIDE:
            held.setdefault(start, []).append(trade)
    found: list[tuple[float, ...]] = []
    for start, mine in sorted(held.items()):
        best = min(trade.tier for trade in mine)
        priced = [trade for trade in mine if trade.tier == best or (best <= 1 and trade.tier <= 1)]
        volume = float(sum((Fraction(trade.size) for trade in mine if trade.volume), Fraction(0)))
        if best < 3:
            prices = [trade.price for trade in priced]
            close = prices[0]
            for trade in priced:  # a trade of tier 1 closes a bar that has no close yet
                close = close if trade.tier == 1 else trade.price
            found.append((start, prices[0], max(prices), min(prices), close, volume))
    return found


class Latest:
    """The last version of each bar, as a reader of the stream keeps it."""

    def __init__(self) -> None:
        self.bars: dict[tuple[int, int], TradeBar] = {}
        self.late = 0

    def take(self, updates: object) -> None:
        for one in updates:  # type: ignore[attr-defined]
            if isinstance(one, TooLate):
                self.late += 1
                continue
            key, bar = ((one.day_us, one.number), one.bar) if isinstance(one, FilledBar) else ((one.start_us, 0), one)
            before = self.bars.get(key)
            assert bar.version > (0 if before is None else before.version)
            self.bars[key] = bar

    def rows(self) -> list[tuple[float, ...]]:
        return [bar[:6] for _, bar in sorted(self.bars.items()) if not bar.withdrawn]


@given(st.lists(TRADE, min_size=1, max_size=60), GRID)
@settings(max_examples=60, deadline=None)
def test_columns_give_the_bars_of_the_definition(rows: list[tuple[int, float, float, int, bool]], grid: Grid) -> None:
    trades = trades_of(rows)
    assert rows_of(time_bars(columns(trades), grid)) == naive(trades, grid)


@given(st.lists(TRADE, min_size=1, max_size=60), GRID, st.randoms(), st.sampled_from([0, 2, 3600]))
@settings(max_examples=80, deadline=None)
def test_any_order_of_arrival_gives_the_same_bars(rows, grid, random, lateness_s) -> None:  # type: ignore[no-untyped-def]
    trades = trades_of(rows)
    arrivals = random.sample(trades, len(trades))
    stream, latest = TimeBarStream(grid, lateness=timedelta(seconds=lateness_s), keep=timedelta(days=30)), Latest()
    for trade in arrivals:
        latest.take(stream.push(trade))
        if random.random() < 0.1:
            latest.take(stream.advance(trade.time_us))
    latest.take(stream.finish())
    assert latest.late == 0
    assert latest.rows() == rows_of(time_bars(columns(trades), grid))


@given(st.lists(TRADE, min_size=1, max_size=60), GRID, st.randoms())
@settings(max_examples=40, deadline=None)
def test_within_the_bound_of_lateness_no_bar_is_amended(rows, grid, random) -> None:  # type: ignore[no-untyped-def]
    """Each trade is delayed by less than 5 s of market time: every bar is right when it is first handed out."""
    trades = sorted(trades_of(rows))
    arrivals = sorted(trades, key=lambda trade: trade.time_us + random.randrange(5_000_000))
    stream, latest = TimeBarStream(grid, lateness=timedelta(seconds=5)), Latest()
    for trade in arrivals:
        latest.take(stream.push(trade))
    latest.take(stream.finish())
    assert {bar.version for bar in latest.bars.values()} <= {1}
    assert latest.rows() == rows_of(time_bars(columns(trades), grid))


@given(st.lists(TRADE, min_size=2, max_size=40), GRID, st.randoms(), TRADE)
@settings(max_examples=60, deadline=None)
def test_corrections_and_busts_leave_the_bars_of_what_stands(rows, grid, random, other) -> None:  # type: ignore[no-untyped-def]
    trades = trades_of(rows)
    stream, latest = TimeBarStream(grid, keep=timedelta(days=30)), Latest()
    for trade in trades:
        latest.take(stream.push(trade))
    inside = [one for one in trades if grid.starts(np.array([one.time_us]))[0] != OUTSIDE]
    if len(inside) >= 2:
        busted, wrong = random.sample(inside, 2)
        at, price, size, tier, volume = other
        right = Trade(at, wrong.sequence, price, size, tier, volume, wrong.trade_id)
        latest.take(stream.correct(busted.trade_id, None))
        latest.take(stream.correct(wrong.trade_id, right))
        trades = [right if one is wrong else one for one in trades if one is not busted]
    latest.take(stream.finish())
    assert latest.rows() == rows_of(time_bars(columns(trades), grid))


@given(
    st.lists(TRADE, min_size=1, max_size=60),
    st.sampled_from(GRIDS),
    st.sampled_from(list(Measure)),
    st.floats(1, 20_000),
    st.randoms(),
)
@settings(max_examples=80, deadline=None)
def test_filled_bars_stream_as_they_are_made_at_once(rows, where, measure, target, random) -> None:  # type: ignore[no-untyped-def]
    """In any order within each day, with one bust a day."""
    days = Grid(BarSize.DAY_1, *where)
    clock = GridClock(days)
    trades = trades_of(rows)
    of_day: dict[int, list[Trade]] = {}
    for trade in trades:
        interval = clock.interval(trade.time_us)
        of_day.setdefault(OUTSIDE if interval is None else interval.start_us, []).append(trade)
    stream, latest, standing = FilledBarStream(measure, target, days), Latest(), list[Trade]()
    for _, mine in sorted(of_day.items()):
        for trade in random.sample(mine, len(mine)):
            latest.take(stream.push(trade))
        if len(mine) > 1 and clock.interval(mine[0].time_us) is not None:
            latest.take(stream.correct(mine[0].trade_id, None))
            mine = mine[1:]
        standing.extend(mine)
    latest.take(stream.finish())
    assert latest.late == 0
    assert latest.rows() == rows_of(filled_bars(columns(standing), measure, target, days))


@given(
    st.lists(st.tuples(st.sampled_from([10, 70, 330]), st.sampled_from([100, 300, 700])), min_size=1, max_size=60),
    st.integers(1, 50),
    st.sampled_from(list(Measure)),
)
@example([(100, 100)] * 30, 10, Measure.VOLUME)
@settings(max_examples=150, deadline=None)
def test_bars_are_filled_as_in_decimals(rows: list[tuple[int, int]], tenths: int, measure: Measure) -> None:
    """Ten trades of 0.1 fill a bar of 1. Prices in cents, sizes in thousandths, the sums in whole numbers."""
    target = tenths * 100 * (1 if measure is Measure.VOLUME else 10_000)  # in thousandths; of dollars in 1/100,000
    ends, filled = [], 0
    for number, (cents, size) in enumerate(rows):
        filled += size * (1 if measure is Measure.VOLUME else cents)
        if filled >= target or number == len(rows) - 1:
            ends.append(number)
            filled = 0
    trades = columns([Trade(LOW + n, n, cents / 100, size / 1000) for n, (cents, size) in enumerate(rows)])
    amount = target / (1000 if measure is Measure.VOLUME else 100_000)
    found = filled_bars(trades, measure, amount, Grid(BarSize.DAY_1))
    assert found.close.tolist() == [rows[end][0] / 100 for end in ends]
    assert found.time_us.tolist() == [LOW + start for start in [0, *(end + 1 for end in ends[:-1])]]


@given(st.integers(LOW - 10**13, HIGH + 10**13), st.sampled_from(list(BarSize)),
       st.sampled_from(["America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Etc/GMT+5"]))  # fmt: skip
@settings(max_examples=120, deadline=None)
def test_the_clock_agrees_with_the_columns(time_us: int, bar_size: BarSize, zone: str) -> None:
    grid = Grid(bar_size, zone)
    found = GridClock(grid).interval(time_us)
    assert found is not None
    assert found.start_us == int(grid.starts(np.array([time_us]))[0])
    assert time_us < found.end_us


@given(st.lists(TRADE, min_size=1, max_size=60), st.sampled_from(GRIDS))
@settings(max_examples=60, deadline=None)
def test_minutes_to_hours_are_the_hours_of_the_trades(
    rows: list[tuple[int, float, float, int, bool]], where: tuple[str, Schedule | None]
) -> None:
    """Of trades that all count, in whole shares."""
    trades = columns([Trade(at, n, price, float(round(size))) for n, (at, price, size, _, _) in enumerate(rows)])
    zone, schedule = where
    minutes = time_bars(trades, Grid(BarSize.MINUTE_1, zone, schedule))
    for coarse in (BarSize.MINUTE_15, BarSize.HOUR_1, BarSize.DAY_1):
        found = aggregate(minutes, coarse, zone=zone, schedule=schedule)
        assert rows_of(found) == rows_of(time_bars(trades, Grid(coarse, zone, schedule)))
