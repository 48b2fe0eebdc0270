"""Bars from trades as they arrive: when they are handed out, and what amends them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from causeway.errors import InvalidInput
from causeway.market_data.eligibility import FALLBACK, UNPRICED, lean, us_tape
from causeway.market_data.filled_stream import FilledBarStream
from causeway.market_data.intervals import Grid
from causeway.market_data.schedule import exchange_schedule
from causeway.market_data.trade_bars import Measure, TradeColumns, filled_bars, time_bars
from causeway.market_data.trade_stream import TimeBarStream, TooLate, Trade, TradeBar, trade_of
from causeway.model.tick import TradeTick
from causeway.model.time import BarSize, micros

HALF_DAY = exchange_schedule("XNYS", date(2023, 11, 22), date(2023, 11, 24))
MINUTES = Grid(BarSize.MINUTE_1)


def us(text: str) -> int:
    return micros(datetime.fromisoformat(text).replace(tzinfo=UTC))


def trade(clock: str, price: float, size: float = 100, **more: object) -> Trade:
    return Trade(us(f"2023-11-24T{clock}"), 0, price, size, **more)  # type: ignore[arg-type]


def values(bar: object) -> tuple[float, ...]:
    assert isinstance(bar, TradeBar)
    return (bar.open, bar.high, bar.low, bar.close, bar.volume, bar.version)


def test_a_bar_is_handed_out_when_the_next_one_begins() -> None:
    stream = TimeBarStream(MINUTES)
    assert stream.push(trade("15:00:01", 10)) == ()
    assert stream.push(trade("15:00:59.999999", 9)) == ()
    [bar] = stream.push(trade("15:01:00", 11))
    assert values(bar) == (10, 10, 9, 9, 200, 1)
    assert [values(one) for one in stream.forming()] == [(11, 11, 11, 11, 100, 0)]


def test_time_alone_completes_a_bar_after_the_lateness_allowed() -> None:
    stream = TimeBarStream(MINUTES, lateness=timedelta(seconds=2))
    stream.push(trade("15:00:01", 10))
    assert stream.advance(us("2023-11-24T15:01:01")) == ()
    assert len(stream.advance(us("2023-11-24T15:01:02"))) == 1
    assert stream.advance(us("2023-11-24T16:00:00")) == ()


def test_late_trades_corrections_and_busts_are_versions() -> None:
    stream = TimeBarStream(MINUTES)
    stream.push(trade("15:00:01", 10, trade_id="a"))
    stream.push(trade("15:01:00", 11, trade_id="b"))
    assert [values(one) for one in stream.push(trade("15:00:30", 12, trade_id="c"))] == [(10, 12, 10, 12, 200, 2)]
    corrected = stream.correct("a", trade("15:00:01", 9, trade_id="a"))
    assert [values(one)[:5] for one in corrected] == [(9, 12, 9, 12, 200)]
    stream.correct("a", None)
    [gone] = stream.correct("c", None)
    assert isinstance(gone, TradeBar)
    assert gone.withdrawn
    [back] = stream.push(trade("15:00:20", 8))
    assert isinstance(back, TradeBar)
    assert back.version > gone.version
    assert not back.withdrawn


def test_what_changes_nothing_is_no_news() -> None:
    stream = TimeBarStream(MINUTES)
    stream.push(trade("15:00:01", 10, trade_id="a"))
    stream.push(trade("15:01:00", 11))
    assert stream.correct("a", trade("15:00:01", 10, trade_id="a")) == []


def test_exchanges_number_their_trades_each_for_itself() -> None:
    """Trade 465 of exchange Q is busted; V has one of that number too, and history does not tell whose its 465 is."""
    stream = TimeBarStream(MINUTES)
    for clock, price, venue in (("15:00:01", 10, "Q"), ("15:00:02", 11, "V"), ("15:02:00", 12, "")):
        stream.push(trade(clock, price, trade_id="465")._replace(venue=venue))
    stream.push(trade("15:03:00", 13))
    assert [values(one)[:5] for one in stream.correct("465", None, venue="Q")] == [(11, 11, 11, 11, 100)]
    [unnamed] = stream.correct("465", None, venue="D")
    assert isinstance(unnamed, TradeBar)
    assert (unnamed.start_us, unnamed.withdrawn) == (us("2023-11-24T15:02:00"), True)


@pytest.mark.parametrize("measured", [False, True])
def test_a_trade_put_in_later_amends_its_bar(measured: bool) -> None:
    """IQFeed reports such a trade as a correction, of a number that was not told before."""
    if measured:
        filling = FilledBarStream(Measure.VOLUME, 250, Grid(BarSize.DAY_1))
        for number, price in enumerate((10, 12, 11)):
            filling.push(trade(f"15:00:0{number}", price))
        [changed, *_] = filling.correct("9", trade("15:00:00.5", 9, trade_id="9"))
        assert values(changed.bar)[2] == 9  # type: ignore[union-attr]
        return
    stream = TimeBarStream(MINUTES)
    stream.push(trade("15:00:01", 10))
    stream.push(trade("15:01:00", 11))
    [amended] = stream.correct("9", trade("15:00:30", 12, trade_id="9"))
    assert values(amended)[:5] == (10, 12, 10, 12, 200)


def test_too_late_is_said() -> None:
    stream = TimeBarStream(MINUTES, keep=timedelta(minutes=2))
    stream.push(trade("15:00:01", 10, trade_id="a"))
    stream.push(trade("15:10:00", 11))
    late = trade("15:00:30", 12)
    assert stream.push(late) == (TooLate(late, ""),)
    assert stream.correct("a", None) == (TooLate(None, "a"),)


def test_a_half_day_ends_its_bars_early_and_trades_after_it_are_counted() -> None:
    stream = TimeBarStream(Grid(BarSize.DAY_1, "America/New_York", HALF_DAY))
    stream.push(trade("15:00:00", 10))
    [day] = stream.advance(us("2023-11-24T18:00:00"))
    assert isinstance(day, TradeBar)
    assert day.start_us == us("2023-11-24T00:00:00")
    assert stream.push(trade("18:00:00", 99)) == ()
    assert stream.outside == 1
    with pytest.raises(InvalidInput, match="wider range"):
        stream.push(Trade(us("2023-11-27T15:00:00"), 0, 1, 1))


# Alpaca's procedure (Market Data FAQ, "How are bars aggregated?") by hand, for trades of one Nasdaq stock and one day.
BEFORE_OPENING, DERIVED, OPENING, PRIOR, ODD_LOT, CLOSING, OFFICIAL_CLOSE, CORRECTED = (
    ("13:00:00", 5.0, "@T"), ("14:30:00", 11.0, "@4"), ("14:30:01", 10.0, "@O"), ("15:00:00", 14.0, "@P"),
    ("16:00:00", 1.0, "@I"), ("17:59:59", 12.0, "@6"), ("17:59:59", 12.5, "@M"), ("17:59:59", 13.0, "@9"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("trades", "open_high_low_close_volume"),
    [
        ((BEFORE_OPENING, DERIVED, OPENING, PRIOR, ODD_LOT, CLOSING, OFFICIAL_CLOSE), (11, 14, 10, 12, 600)),
        ((OPENING, PRIOR, CLOSING, OFFICIAL_CLOSE, CORRECTED), (10, 14, 10, 13, 300)),
        ((OPENING, PRIOR), (10, 14, 10, 10, 200)),  # a prior reference price does not close a day that has a close
        ((DERIVED, PRIOR), (11, 14, 11, 11, 200)),
        ((BEFORE_OPENING, ODD_LOT), None),
    ],
)
def test_a_day_made_of_trades_follows_the_table_for_days(
    trades: tuple[tuple[str, float, str], ...], open_high_low_close_volume: tuple[float, ...] | None
) -> None:
    judged = []
    for number, (clock, price, codes) in enumerate(trades):
        rule = us_tape(tuple(codes), "C", daily=True)
        judged.append(trade(clock, price, tier=rule.tier, volume=rule.volume)._replace(sequence=number))
    grid = Grid(BarSize.DAY_1, "America/New_York")
    stream = TimeBarStream(grid)
    streamed = [*(bar for one in judged for bar in stream.push(one)), *stream.finish()]
    at, sequence, prices, size, tier, volume, *_ = (np.array(column) for column in zip(*judged, strict=True))
    whole = time_bars(TradeColumns(at, prices, size, sequence, tier, volume), grid)
    expected = [] if open_high_low_close_volume is None else [open_high_low_close_volume]
    assert [values(one)[:5] for one in streamed] == expected
    columns = (whole.open, whole.high, whole.low, whole.close, whole.volume)
    assert [*zip(*(one.tolist() for one in columns), strict=True)] == expected


def test_trades_without_a_price_of_their_own() -> None:
    """An odd lot counts for volume; an irregular trade makes the price of a bar that has no other."""
    stream = TimeBarStream(MINUTES)
    trades = [
        trade("15:00:01", 10, tier=FALLBACK),
        trade("15:00:02", 11),
        trade("15:00:03", 99, tier=UNPRICED),
        trade("15:01:01", 12, tier=FALLBACK),
        trade("15:02:01", 99, tier=UNPRICED),
    ]
    found = [bar for one in trades for bar in stream.push(one)] + list(stream.finish())
    assert [values(one) for one in found] == [(11, 11, 11, 11, 300, 1), (12, 12, 12, 12, 100, 1)]


def test_a_providers_trade_is_judged_by_its_sources_rule() -> None:
    now = datetime(2023, 11, 24, 15, tzinfo=UTC)
    tick = TradeTick("IBM", now, Decimal("181.5"), Decimal(100), now, "lean", "7", conditions=("20002020",))
    assert trade_of(tick, 5, lean) == Trade(micros(now), 5, 181.5, 100, FALLBACK, True, "7")


def test_volume_bars_close_with_the_trade_that_fills_them() -> None:
    stream = FilledBarStream(Measure.VOLUME, 250, Grid(BarSize.DAY_1))
    assert stream.push(trade("15:00:00", 10)) == ()
    assert stream.push(trade("15:00:01", 12)) == ()
    [filled] = stream.push(trade("15:00:02", 11))
    assert (filled.number, values(filled.bar)) == (0, (10, 12, 10, 11, 300, 1))  # type: ignore[union-attr]
    stream.push(trade("15:00:03", 13))
    late = stream.push(trade("15:00:00.5", 9))
    assert [(one.number, values(one.bar)) for one in late] == [(0, (10, 12, 9, 12, 300, 2))]  # type: ignore[union-attr]
    [left] = stream.finish()
    assert (left.number, values(left.bar)) == (1, (11, 13, 11, 13, 200, 1))


def test_a_bar_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput, match="above 0"):
        FilledBarStream(Measure.DOLLARS, 0, Grid(BarSize.DAY_1))


def test_an_amount_lost_in_the_rounding_of_the_total_is_filled_by_every_trade() -> None:
    """1e14 + 1e-9 is 1e14 in double precision; looking for where the total reaches it must go on all the same."""
    trades = [trade(f"15:00:0{second}", 10, size) for second, size in enumerate((1e14, 0, 1e14))]
    columns = (np.array(one) for one in zip(*((one.time_us, one.price, one.size) for one in trades), strict=True))
    stream = FilledBarStream(Measure.VOLUME, 1e-9, Grid(BarSize.DAY_1))
    arrived = [filled.bar for one in trades for filled in stream.push(one)]  # type: ignore[union-attr]
    whole = filled_bars(TradeColumns.of(*columns), Measure.VOLUME, 1e-9, Grid(BarSize.DAY_1))
    assert [one.volume for one in arrived] == whole.volume.tolist() == [1e14, 0, 1e14]
