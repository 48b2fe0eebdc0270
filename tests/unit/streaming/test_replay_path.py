"""A replayed bar: from open to close, inside [low, high], the same every time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causeway.model.tick import Quote
from causeway.streaming.replay import NEW_YORK, PathBar, SessionPath, advance, session_hours, session_path

DAY = date(2012, 3, 1)
HOURS = session_hours(DAY)
WALL = datetime(2026, 1, 1, tzinfo=UTC)
CENT = Decimal("0.01")


def _bar(
    open_: float = 10.0, high: float = 12.0, low: float = 9.0, close: float = 11.0, volume: float = 7800.0
) -> PathBar:
    return PathBar(HOURS.open, HOURS.close, open_, high, low, close, volume)


def _path(bar: PathBar, symbol: str = "AAPL") -> SessionPath:
    return session_path(symbol, 1, CENT, [bar])


def _quote(path: SessionPath, moment: datetime, spread_bps: float = 2.0) -> Quote:
    found = path.quote(moment, WALL, spread_bps)
    assert found is not None
    return found


def test_the_session_is_the_regular_one_in_new_york_in_winter_and_summer() -> None:
    # New York was UTC-5 on 2012-03-01 and UTC-4 on 2012-07-02 (tz database).
    assert (HOURS.open, HOURS.close) == (
        datetime(2012, 3, 1, 14, 30, tzinfo=UTC),
        datetime(2012, 3, 1, 21, 0, tzinfo=UTC),
    )
    assert session_hours(date(2012, 7, 2)).open == datetime(2012, 7, 2, 13, 30, tzinfo=UTC)
    assert HOURS.open.tzinfo is NEW_YORK


def test_it_opens_at_the_open_and_closes_at_the_close_with_the_whole_volume() -> None:
    path = _path(_bar())
    first, final = _quote(path, HOURS.open), _quote(path, HOURS.close)
    assert (first.last, first.volume) == (Decimal("10.00"), Decimal(0))
    assert (final.last, final.volume) == (Decimal("11.00"), Decimal(7800))


def test_it_visits_the_low_and_the_high() -> None:
    path = _path(_bar())
    lasts = {_quote(path, HOURS.open + timedelta(seconds=second)).last for second in range(23_401)}
    assert min(lasts) == Decimal("9.00")
    assert max(lasts) == Decimal("12.00")


def test_which_extreme_comes_first_depends_on_symbol_and_day_and_both_orders_occur() -> None:
    def low_comes_first(symbol: str) -> bool:
        path = _path(_bar(), symbol)
        return bool(path.prices[1] < path.prices[2])

    symbols = [f"S{number}" for number in range(40)]
    assert {low_comes_first(symbol) for symbol in symbols} == {True, False}
    assert [low_comes_first(symbol) for symbol in symbols] == [low_comes_first(symbol) for symbol in symbols]


prices = st.floats(0.02, 1e5).map(lambda price: round(price, 4))


@given(st.tuples(prices, prices, prices, prices), st.floats(0, 1), st.floats(0, 100))
def test_the_last_price_never_leaves_the_bar_and_the_spread_holds_it(
    four: tuple[float, float, float, float], where: float, spread_bps: float
) -> None:
    low, *between, high = sorted(four)
    path = _path(_bar(between[0], high, low, between[1]))
    quote = _quote(path, HOURS.open + (HOURS.close - HOURS.open) * where, spread_bps)
    assert Decimal(repr(low)) <= quote.last <= Decimal(repr(high))
    assert quote.bid > 0
    assert quote.ask >= quote.last
    assert quote.bid <= max(quote.last, CENT)


def test_the_spread_is_as_stated_rounded_outwards_to_ticks() -> None:
    quote = _quote(_path(_bar(100.0, 100.0, 100.0, 100.0)), HOURS.open, spread_bps=5.0)
    # Half of 5 bps of 100.00 is 0.025: outwards to a cent that is 99.97 and 100.03.
    assert (quote.bid, quote.ask) == (Decimal("99.97"), Decimal("100.03"))


def test_volume_never_falls() -> None:
    path = _path(_bar())
    volumes = [_quote(path, HOURS.open + timedelta(minutes=minute)).volume for minute in range(391)]
    assert volumes == sorted(volumes)


def test_minutes_follow_one_another_and_the_price_rests_in_a_gap() -> None:
    def minute(number: int, open_: float, close: float) -> PathBar:
        start = HOURS.open + timedelta(minutes=number)
        return PathBar(start, start + timedelta(minutes=1), open_, max(open_, close), min(open_, close), close, 60.0)

    path = session_path("AAPL", 1, CENT, [minute(5, 10.0, 11.0), minute(8, 12.0, 12.0)])
    assert path.quote(HOURS.open + timedelta(minutes=4), WALL, 2.0) is None
    resting = _quote(path, HOURS.open + timedelta(minutes=6, seconds=0))
    assert (resting.last, resting.volume) == (Decimal("11.00"), Decimal(60))
    assert _quote(path, HOURS.open + timedelta(minutes=20)).volume == 120


def test_a_path_needs_a_bar() -> None:
    with pytest.raises(ValueError, match="at least one bar"):
        session_path("AAPL", 1, CENT, [])


def test_market_time_advances_by_speed_and_stops_at_the_close() -> None:
    assert advance(HOURS.open, HOURS.close, 2.0, 390.0) == HOURS.open + timedelta(seconds=780)
    assert advance(HOURS.open, HOURS.close, 60.0, 390.0) == HOURS.close
    assert advance(HOURS.open, HOURS.close, 1e6, 390.0) == HOURS.close
