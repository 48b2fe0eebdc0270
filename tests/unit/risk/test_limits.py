"""Pre-trade checks, one rule at a time, on AAPL at 99.99/100.01 with 10,000 of cash."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from causeway.model.instrument import AssetClass
from causeway.model.market_clock import MarketClock
from causeway.model.order import OrderRequest, OrderType, Side
from causeway.model.tick import Quote
from causeway.risk.limits import (
    AccountFacts,
    Holding,
    Limits,
    MarketFacts,
    OpenOrder,
    RiskDecision,
    Tradable,
    assess,
)
from causeway.risk.quotes import quote_fault

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
MARKET_TIME = datetime(2024, 1, 3, 17, tzinfo=UTC)
AAPL = Tradable(1, "AAPL", AssetClass.EQUITY, Decimal(1), Decimal("0.01"))
CASH = AccountFacts("active", "", Decimal(10_000), (), ())
CLOCK = MarketClock("replay", MARKET_TIME, 1.0, NOW)
QUOTE = Quote(
    symbol="AAPL",
    instrument_id=1,
    bid=Decimal("99.99"),
    ask=Decimal("100.01"),
    last=Decimal(100),
    bid_size=Decimal(100),
    ask_size=Decimal(100),
    volume=Decimal(0),
    market_time=MARKET_TIME,
    received_at=NOW,
    source="test",
)


def request(side: str = "buy", quantity: str = "10", limit: str | None = None) -> OrderRequest:
    kind = OrderType.LIMIT if limit else OrderType.MARKET
    price = Decimal(limit) if limit else None
    return OrderRequest("c1", "AAPL", Side(side), Decimal(quantity), kind, limit_price=price)


def decide(
    order: OrderRequest,
    account: AccountFacts = CASH,
    quote: Quote | None = QUOTE,
    clock: MarketClock = CLOCK,
    instrument: Tradable = AAPL,
) -> RiskDecision:
    return assess(order, instrument, account, MarketFacts(clock, quote, NOW), Limits())


def failed(decision: RiskDecision) -> list[str]:
    return [check.name for check in decision.checks if not check.passed]


def holding(quantity: str, cash: str = "10000") -> AccountFacts:
    return replace(CASH, cash=Decimal(cash), holdings=(Holding(1, Decimal(quantity), Decimal(100)),))


def test_an_ordinary_order_passes_every_check() -> None:
    decision = decide(request())
    assert decision.allowed
    assert decision.reason == ""
    assert len(decision.checks) == 8
    assert decision.notional == Decimal("1000.10")


@pytest.mark.parametrize(
    ("order", "names"),
    [
        (request(quantity="1.5"), ["quantity"]),
        (request(quantity="95"), []),  # 9,501 and 2 % above
        (request(quantity="99"), ["buying_power"]),
        (request(limit="110"), []),  # 10 % through the mid
        (request(limit="110.01"), ["price_collar"]),
        (request(limit="1"), []),  # a patient buyer harms nobody
        (request("sell", limit="90"), []),
        (request("sell", limit="89.99"), ["price_collar"]),
        (request(limit="100.005"), ["price_collar"]),
    ],
)
def test_quantity_collar_and_buying_power(order: OrderRequest, names: list[str]) -> None:
    assert failed(decide(order)) == names


def test_an_index_is_not_tradable() -> None:
    assert failed(decide(request(), instrument=replace(AAPL, asset_class=AssetClass.INDEX))) == ["instrument"]


def test_notional_is_limited() -> None:
    rich = replace(CASH, cash=Decimal(10_000_000))
    assert failed(decide(request(quantity="9999"), rich)) == []
    assert failed(decide(request(quantity="10001"), rich)) == ["notional"]


@pytest.mark.parametrize(
    "changes",
    [
        {"bid": Decimal("NaN")},
        {"ask": Decimal("NaN")},
        {"ask": Decimal("Infinity")},
        {"bid": Decimal(0)},
        {"ask": Decimal(-1)},
        {"bid": Decimal("100.02")},  # crossed
        {"market_time": MARKET_TIME - timedelta(seconds=61)},
        {"market_time": MARKET_TIME + timedelta(days=1)},  # of another session
    ],
)
def test_a_quote_that_cannot_be_trusted_denies(changes: dict[str, Any]) -> None:
    assert "stale_quote" in failed(decide(request(), quote=replace(QUOTE, **changes)))


def test_staleness_is_market_time_scaled_by_the_replay() -> None:
    """At 390 times speed, five wall seconds are 1,950 of the market's."""
    old = replace(QUOTE, market_time=MARKET_TIME - timedelta(seconds=1900))
    assert "stale_quote" in failed(decide(request(), quote=old))
    assert failed(decide(request(), quote=old, clock=replace(CLOCK, speed=390.0))) == []


def test_an_old_quote_is_named_by_its_day() -> None:
    fault = quote_fault(replace(QUOTE, market_time=datetime(2012, 5, 31, 14, tzinfo=UTC)), CLOCK, now=NOW)
    assert fault is not None
    assert fault.startswith("The last quote is of 2012-05-31T14:00:00Z, and it is 2024-01-03T17:00:00Z;")


@pytest.mark.parametrize(
    "clock",
    [
        replace(CLOCK, mode="closed"),
        replace(CLOCK, market_time=None),
        replace(CLOCK, updated_at=NOW - timedelta(seconds=16)),  # the feed is silent
    ],
)
def test_a_market_that_does_not_move_denies(clock: MarketClock) -> None:
    assert "stale_quote" in failed(decide(request(), clock=clock))


def test_no_quote_denies_everything_that_needs_a_price() -> None:
    assert failed(decide(request(), quote=None)) == ["stale_quote", "price_collar", "notional", "buying_power"]


def test_open_orders_hold_buying_power() -> None:
    waiting = replace(CASH, open_orders=(OpenOrder(2, Side.BUY, Decimal(50), Decimal(9_500)),))
    assert waiting.buying_power == 500
    assert failed(decide(request(), waiting)) == ["buying_power"]


def test_a_short_needs_half_its_value_and_keeps_150_percent() -> None:
    """12 CFR 220.12: proceeds of 10,000 and half as much again. 199 shares need 9,949; 201 need 10,049."""
    assert failed(decide(request("sell", "199", "100"))) == []
    assert failed(decide(request("sell", "201", "100"))) == ["buying_power"]
    after_selling_100 = holding("-100", "20000")
    assert after_selling_100.buying_power == 5_000


def test_closing_needs_no_buying_power() -> None:
    assert failed(decide(request("sell", "100"), holding("100", "0"))) == []
    assert failed(decide(request("buy", "100"), holding("-100", "12000"))) == []  # below water, yet it may be closed
    assert failed(decide(request("buy", "101"), holding("-100", "12000"))) == ["buying_power"]


def test_what_is_on_order_already_cannot_be_closed_twice() -> None:
    selling = replace(holding("100", "0"), open_orders=(OpenOrder(1, Side.SELL, Decimal(60), Decimal(1)),))
    assert failed(decide(request("sell", "40"), selling)) == []
    assert failed(decide(request("sell", "41"), selling)) == ["buying_power"]


def test_a_halted_account_denies_all_and_a_reducing_one_only_what_opens() -> None:
    assert failed(decide(request(), replace(CASH, state="halted"))) == ["account_state"]
    reducing = replace(holding("10"), state="reducing")
    assert failed(decide(request("sell", "10"), reducing)) == []
    assert failed(decide(request("sell", "11"), reducing)) == ["account_state"]
    assert failed(decide(request("buy", "1"), reducing)) == ["account_state"]


def test_every_failed_check_says_what_to_do() -> None:
    decision = decide(request(quantity="1.5"), replace(CASH, state="halted", state_reason="a drill"), quote=None)
    assert all(check.message for check in decision.checks if not check.passed)
    assert "a drill" in decision.reason
