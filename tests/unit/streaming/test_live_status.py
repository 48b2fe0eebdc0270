"""Halts and price bands: the last value, conflated, from what a provider says."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from causeway.model.tick import PriceBands, QuoteTick, TradeTick, TradingState, TradingStatus
from causeway.ports.feed import Connection, ConnectionChange, Gap, GapFilled
from causeway.streaming.live_market import InstrumentSpan, LiveMarket
from causeway.streaming.live_records import pack_states, unpack_states
from causeway.streaming.wire import status_json

AT = datetime(2021, 2, 22, 19, 15, tzinfo=UTC)
AAPL = InstrumentSpan(7, -(2**63), 2**63 - 1)


def _market() -> LiveMarket:
    return LiveMarket(Decimal("0.2"), spans={"AAPL": [AAPL]})


def _status(code: str, *, halted: bool | None, second: int = 0, reason: str = "") -> TradingStatus:
    at = AT + timedelta(seconds=second)
    return TradingStatus("AAPL", at, halted, code, reason, at, "alpaca")


def _bands(lower: str, upper: str, second: int = 0) -> PriceBands:
    at = AT + timedelta(seconds=second)
    return PriceBands("AAPL", at, Decimal(lower), Decimal(upper), "B", at, "alpaca")


def _connection(state: Connection, second: int) -> ConnectionChange:
    return ConnectionChange(state, AT + timedelta(seconds=second))


def _trade(second: int, *, eligible: bool = True) -> TradeTick:
    at = AT + timedelta(seconds=second)
    return TradeTick("AAPL", at, Decimal(125), Decimal(10), at, "alpaca", eligible=eligible)


def _drained(market: LiveMarket) -> list[TradingState]:
    return list(market.drain(AT).states)


def test_a_halt_and_the_bands_are_one_state_and_what_did_not_change_is_not_handed_over_again() -> None:
    market = _market()
    market.take(_bands("120.5", "133.1"))
    market.take(_status("H", halted=True, second=1, reason="Trading Halt; T12"))
    (state,) = _drained(market)
    assert (state.halted, state.code, state.lower, state.upper) == (True, "H", Decimal("120.5"), Decimal("133.1"))
    assert state.instrument_id == 7
    assert _drained(market) == []


@pytest.mark.parametrize("code", ["Q", "5", "7"])
def test_a_code_that_says_nothing_of_halts_leaves_one_in_force(code: str) -> None:
    market = _market()
    market.take(_status("H", halted=True))
    market.take(_status(code, halted=None, second=1))
    (state,) = _drained(market)
    assert (state.halted, state.code) == (True, code)
    market.take(_status("T", halted=False, second=2))
    assert [state.halted for state in _drained(market)] == [False]


def test_what_comes_late_changes_nothing() -> None:
    market = _market()
    market.take(_status("T", halted=False, second=5))
    market.take(_bands("1", "2", second=5))
    market.take(_status("H", halted=True, second=4))
    market.take(_bands("3", "4", second=4))
    (state,) = _drained(market)
    assert (state.halted, state.lower) == (False, Decimal(1))


def test_a_stored_halt_is_still_one_when_only_bands_come() -> None:
    first = _market()
    first.take(_status("H", halted=True))
    market = _market()
    market.status.seed(_drained(first))
    assert _drained(market) == []
    market.take(_bands("1", "2", second=1))
    assert [state.halted for state in _drained(market)] == [True]


def test_a_symbol_that_means_no_instrument_has_no_state() -> None:
    market = LiveMarket(Decimal("0.2"))
    market.take(_status("H", halted=True))
    assert _drained(market) == []
    assert market.counts["unknown_symbol"] == 1


def test_states_come_back_from_the_spool_as_they_were() -> None:
    market = _market()
    market.take(_status("H", halted=True, reason="Trading Halt"))
    states = _drained(market)
    market.take(_bands("120.50", "133.10", second=1))
    states += _drained(market)
    assert unpack_states(pack_states(states)) == states


def test_a_state_on_the_wire() -> None:
    market = _market()
    market.take(_status("H", halted=True, reason="Trading Halt"))
    (state,) = _drained(market)
    assert status_json(state) == {
        "symbol": "AAPL", "halted": True, "code": "H", "reason": "Trading Halt", "status_time": "2021-02-22T19:15:00Z",
        "lower": None, "upper": None, "bands_time": None, "received_at": "2021-02-22T19:15:00Z", "source": "alpaca",
    }  # fmt: skip


def test_a_state_of_a_version_before_known_at_comes_back_from_the_spool() -> None:
    market = _market()
    market.take(_status("H", halted=True))
    (state,) = _drained(market)
    (row,) = json.loads(pack_states([state]))
    assert unpack_states(json.dumps([row[:-1]]).encode()) == [replace(state, known_at=None)]


def _known_at(market: LiveMarket) -> list[tuple[bool, datetime | None]]:
    return [(state.halted, state.known_at) for state in _drained(market)]


def test_the_first_trade_of_a_connection_says_that_trading_goes_on_and_later_ones_say_nothing_new() -> None:
    market = _market()
    market.take(_connection(Connection.UP, 10))
    market.take(_trade(9))  # of before
    market.take(_trade(11, eligible=False))  # an odd lot, a late report: no sign of trading
    assert _drained(market) == []
    market.take(_trade(12))
    assert _known_at(market) == [(False, AT + timedelta(seconds=12))]
    market.take(_trade(13))
    assert _drained(market) == []


def test_a_trade_does_not_end_a_halt_that_this_connection_told() -> None:
    market = _market()
    market.take(_connection(Connection.UP, 0))
    market.take(_status("H", halted=True, second=5))
    assert _known_at(market) == [(True, AT + timedelta(seconds=5))]
    market.take(_trade(6))
    assert _drained(market) == []


def test_a_halt_whose_end_was_missed_is_over_once_it_trades() -> None:
    market = _market()
    market.take(_connection(Connection.UP, 0))
    market.take(_status("H", halted=True, second=5, reason="News pending"))
    market.take(_connection(Connection.LOST, 6))
    assert market.status.since is None
    market.take(_trade(7))  # nobody knows what came between
    assert _known_at(market) == [(True, AT + timedelta(seconds=5))]
    market.take(_connection(Connection.UP, 20))
    assert market.status.since == AT + timedelta(seconds=20)
    market.take(_trade(21))
    (state,) = _drained(market)
    assert (state.halted, state.reason, state.known_at) == (False, "", AT + timedelta(seconds=21))


def test_trades_that_are_fetched_for_a_gap_say_nothing_of_now() -> None:
    market = _market()
    market.take(_connection(Connection.UP, 20))
    market.take(Gap("AAPL", AT, AT + timedelta(seconds=22), trades=True))
    market.take(_trade(21))
    assert _drained(market) == []
    market.take(GapFilled("AAPL"))
    market.take(_trade(23))
    assert _known_at(market) == [(False, AT + timedelta(seconds=23))]


def test_a_symbol_that_was_not_streamed_for_a_while_is_no_longer_known() -> None:
    market = _market()
    market.take(_connection(Connection.UP, 0))
    market.take(_status("T", halted=False, second=1))
    market.take(Gap("AAPL", AT + timedelta(seconds=2), AT + timedelta(seconds=9), trades=False))
    assert _known_at(market) == [(False, None)]


def test_a_status_told_while_the_connection_comes_up_is_known_though_it_is_older() -> None:
    market = _market()
    market.take(_connection(Connection.UP, 10))
    market.take(_status("H", halted=True, second=9))
    assert _known_at(market) == [(True, AT + timedelta(seconds=10))]


def test_a_code_that_says_nothing_of_halts_makes_nothing_known() -> None:
    market = _market()
    market.take(_connection(Connection.UP, 0))
    market.take(_status("7", halted=None, second=1))
    assert _known_at(market) == [(False, None)]


def test_a_process_that_takes_over_hands_over_what_it_knows() -> None:
    market = _market()
    market.take(_connection(Connection.UP, 0))
    market.take(_trade(1))
    told = _drained(market)
    market.status.hand_over_all()
    assert _drained(market) == told


def test_after_a_halt_a_trade_does_not_renew_the_quote_of_before_it() -> None:
    market = _market()
    market.take(_connection(Connection.UP, 0))
    size = Decimal(1)
    for second in (1, 40):
        at = AT + timedelta(seconds=second)
        if second == 40:
            market.take(_status("H", halted=True, second=5))
            market.take(_status("T", halted=False, second=30))
            market.drain(AT)
            market.take(_trade(31))
            assert market.drain(AT).quotes == []
        market.take(QuoteTick("AAPL", at, Decimal("124.9"), Decimal("125.1"), size, size, at, "alpaca"))
        assert [quote.market_time for quote in market.drain(AT).quotes] == [at]
    market.take(_trade(41))
    assert [quote.market_time for quote in market.drain(AT).quotes] == [AT + timedelta(seconds=41)]


def test_after_a_lost_connection_a_trade_does_not_renew_the_quote_of_before_it() -> None:
    """The best bid and offer may have moved meanwhile; a fill at them would be at a price of before the loss."""
    market, size = _market(), Decimal(1)
    market.take(_connection(Connection.UP, 0))
    for second in (1, 40):
        at = AT + timedelta(seconds=second)
        if second == 40:
            market.take(_connection(Connection.LOST, 5))
            market.take(_connection(Connection.UP, 30))
            market.take(_trade(31))
            assert market.drain(AT).quotes == []
        market.take(QuoteTick("AAPL", at, Decimal("124.9"), Decimal("125.1"), size, size, at, "alpaca"))
        assert [quote.market_time for quote in market.drain(AT).quotes] == [at]
    market.take(_trade(41))
    assert [quote.market_time for quote in market.drain(AT).quotes] == [AT + timedelta(seconds=41)]
