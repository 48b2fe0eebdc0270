"""Halts and price bands: the last value, conflated, from what a provider says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from causeway.model.tick import PriceBands, TradingState, TradingStatus
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
