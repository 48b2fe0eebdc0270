"""Fills and fees. Fee values are the examples on IBKR's page of stock commissions, US fixed pricing, where named."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from causeway.model.order import Side
from causeway.model.tick import Quote
from causeway.trading.matching import (
    FeeSchedule,
    Match,
    MatchingRules,
    WorkingOrder,
    fee_of_fill,
    is_marketable,
    match,
)

MOMENT = datetime(2024, 1, 3, 17, tzinfo=UTC)
RULES = MatchingRules(slippage_bps=Decimal(1))  # one basis point of 100 is 0.01


def quote(bid: str = "99.98", ask: str = "100", size: str = "500") -> Quote:
    one = Decimal(1)
    return Quote("AAPL", 1, Decimal(bid), Decimal(ask), one, Decimal(size), Decimal(size), one, MOMENT, MOMENT, "test")


def order(side: str = "buy", leaves: str = "10", limit: str | None = None, *, rested: bool = False) -> WorkingOrder:
    return WorkingOrder(Side(side), Decimal(leaves), None if limit is None else Decimal(limit), rested)


@pytest.mark.parametrize(
    ("given", "filled"),
    [
        (order(), ("10", "100.0100")),  # the touch and one basis point
        (order("sell"), ("10", "99.9700")),  # 99.98 less 0.009998, rounded against us
        (order(limit="101"), ("10", "100.0100")),  # better than the limit
        (order(limit="100"), ("10", "100")),  # slippage never passes the limit
        (order(limit="99.99"), None),
        (order(limit="100.05", rested=True), ("10", "100.05")),  # a waiting order gets its own price
        (order("sell", limit="99.95", rested=True), ("10", "99.95")),
        (order("sell", limit="100"), None),
        (order(leaves="700"), ("500", "100.0100")),  # no more than is displayed
    ],
)
def test_what_a_quote_gives(given: WorkingOrder, filled: tuple[str, str] | None) -> None:
    expected = None if filled is None else Match(Decimal(filled[0]), Decimal(filled[1]))
    assert match(given, quote(), RULES) == expected


def test_what_others_took_is_gone() -> None:
    assert match(order(leaves="700"), quote(), RULES, taken=Decimal(450)) == Match(Decimal(50), Decimal("100.0100"))
    assert match(order(), quote(), RULES, taken=Decimal(500)) is None


def test_participation_limits_a_fill() -> None:
    rules = MatchingRules(slippage_bps=Decimal(0), participation=Decimal("0.25"))
    assert match(order(leaves="700"), quote(size="501"), rules) == Match(Decimal(125), Decimal("100.0000"))
    assert match(order(leaves="700.5"), quote(size="501"), rules) == Match(Decimal("125.25"), Decimal("100.0000"))


def test_an_empty_side_fills_nothing() -> None:
    assert match(order(), quote(size="0"), RULES) is None


def test_touching_the_limit_is_enough() -> None:
    assert is_marketable(order(limit="100"), quote())
    assert is_marketable(order("sell", limit="99.98"), quote())
    assert not is_marketable(order(limit="99.999"), quote())


@pytest.mark.parametrize(
    ("shares", "price", "fee"),
    [
        ("100", "25", "1.00"),  # IBKR: 100 shares at USD 25, USD 1.00 (the minimum)
        ("1000", "25", "5.00"),  # IBKR: 1,000 shares at USD 25, USD 5.00
        ("1000", "0.25", "2.50"),  # IBKR: 1,000 shares at USD 0.25, USD 2.50 (1 % of trade value)
    ],
)
def test_fees_of_an_order(shares: str, price: str, fee: str) -> None:
    assert FeeSchedule().total(Decimal(shares), Decimal(shares) * Decimal(price)) == Decimal(fee)


def test_fees_of_partial_fills_add_up_to_the_fee_of_the_order() -> None:
    """1,000 shares at 25 in three parts cost 5.00, of which the first 100 cost the minimum."""
    filled, value, fees = Decimal(0), Decimal(0), []
    for quantity in ("100", "400", "500"):
        fill = Match(Decimal(quantity), Decimal(25))
        fees.append(fee_of_fill(RULES, filled=filled, value=value, fill=fill))
        filled, value = filled + fill.quantity, value + fill.quantity * fill.price
    assert fees == [Decimal("1.00"), Decimal("1.50"), Decimal("2.50")]
