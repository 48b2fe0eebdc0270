"""Bars of a live market while trades are missing: they wait, and what can never be whole is not made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from causeway.model.tick import TradeTick
from causeway.model.time import BarSize
from causeway.ports.feed import Connection, ConnectionChange, Gap, GapFilled, MissedTrades
from causeway.streaming.live_market import InstrumentSpan, LiveBar, LiveMarket

OPEN = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
ALWAYS = InstrumentSpan(7, -(2**63), 2**63 - 1)


def _at(second: float) -> datetime:
    return OPEN + timedelta(seconds=second)


def _market() -> LiveMarket:
    market = LiveMarket(Decimal("0.2"), spans={"AAA": [ALWAYS], "BBB": [ALWAYS]})
    market.take(ConnectionChange(Connection.UP, _at(-1)))
    return market


def _trade(market: LiveMarket, second: float, price: str = "10", symbol: str = "AAA") -> None:
    at = _at(second)
    market.take(TradeTick(symbol, at, Decimal(price), Decimal(100), at, "test"))


def _bars(market: LiveMarket, second: float, size: BarSize = BarSize.MINUTE_1) -> list[LiveBar]:
    return [bar for bar in market.drain(_at(second)).bars if bar.bar_size is size]


def _lose(market: LiveMarket, second: float, back: float, *, trades: bool = True) -> None:
    """Lost, back, and a gap of AAA between."""
    market.take(ConnectionChange(Connection.LOST, _at(second)))
    market.take(Gap("AAA", _at(second), _at(back), trades=trades))
    market.take(ConnectionChange(Connection.UP, _at(back)))


def test_while_the_connection_is_down_no_bar_is_complete_by_the_clock() -> None:
    market = _market()
    _trade(market, 10)
    market.take(ConnectionChange(Connection.LOST, _at(20)))
    assert _bars(market, 70) == []
    market.take(ConnectionChange(Connection.UP, _at(80)))
    assert [bar.bar.version for bar in _bars(market, 81)] == [1]


def test_a_bar_waits_for_the_missed_trades_and_has_one_version() -> None:
    market = _market()
    _trade(market, 10)
    _trade(market, 10, symbol="BBB")
    _lose(market, 20, 70)
    assert [bar.symbol for bar in _bars(market, 75)] == ["BBB"]
    for second, price in ((30, "11"), (50, "9")):
        _trade(market, second, price)
    market.take(GapFilled("AAA"))
    (bar,) = _bars(market, 80)
    assert (bar.bar.version, bar.bar.high, bar.bar.low, bar.bar.volume) == (1, 11.0, 9.0, 300.0)


def test_seconds_of_a_gap_of_many_minutes_are_all_made() -> None:
    market = _market()
    _trade(market, 10)
    _lose(market, 20, 600)
    _bars(market, 605)
    for second in range(30, 600, 30):
        _trade(market, second)
    market.take(GapFilled("AAA"))
    assert len(_bars(market, 606, BarSize.SECOND_1)) == 20
    assert market.counts["too_late"] == 0


def test_a_bar_whose_trades_are_lost_for_good_is_not_made_and_the_next_one_is() -> None:
    market = _market()
    _trade(market, 10)
    _lose(market, 20, 70)
    market.take(MissedTrades("AAA", _at(20), _at(70), "history is down"))
    _trade(market, 80)
    _trade(market, 130)
    assert _bars(market, 200, BarSize.SECOND_1)[0].bar.start_us == int(_at(10).timestamp() * 1e6)
    assert market.counts["partial_bars"] == 2  # the minutes of 14:30 and 14:31
    _trade(market, 190)
    (bar,) = _bars(market, 260)
    assert bar.bar.start_us == int(_at(180).timestamp() * 1e6)


def test_bars_of_a_gap_that_is_left_to_history_are_not_made() -> None:
    market = _market()
    _trade(market, 10)
    _lose(market, 20, 2000, trades=False)
    _trade(market, 2010)
    assert _bars(market, 2100) == []
    _trade(market, 2110)
    assert [bar.bar.volume for bar in _bars(market, 2200)] == [100.0]
