"""Fills of one order against one quote, and what they cost. Pure: the paper venue and a backtest price by these rules.

Market orders, and limit orders that the market meets on arrival, take the touch plus slippage, never past the limit.
A limit order that waited fills at its own price once the other side touches it. A quote serves no more than its
displayed size times ``participation``; the rest waits for the next quote. IOC cancels the rest after its first look.

Source: IBKR Pro fixed pricing of US shares (0.005 per share, at least 1.00 per order, at most 1 % of trade value).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from causeway.model.order import Side
from causeway.model.tick import Quote

ZERO = Decimal(0)
_PRICE_STEP = Decimal("0.0001")
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class FeeSchedule:
    """Fees per order: a rate per unit with a floor and a cap; the cap wins, so a tiny order is not eaten."""

    per_unit: Decimal = Decimal("0.005")
    minimum: Decimal = Decimal("1.00")
    maximum_fraction: Decimal = Decimal("0.01")

    def total(self, quantity: Decimal, value: Decimal) -> Decimal:
        """Fee of an order that executed ``quantity`` units worth ``value`` so far, in whole cents rounded up."""
        if quantity <= 0:
            return ZERO
        fee = min(max(self.per_unit * quantity, self.minimum), self.maximum_fraction * value)
        return fee.quantize(_CENT, rounding=ROUND_CEILING)


@dataclass(frozen=True, slots=True)
class MatchingRules:
    """How a quote is turned into fills."""

    slippage_bps: Decimal = Decimal(1)
    participation: Decimal = Decimal(1)
    fees: FeeSchedule = FeeSchedule()


@dataclass(frozen=True, slots=True)
class WorkingOrder:
    """What matching needs of an order. ``rested``: it met a market that did not reach its limit."""

    side: Side
    leaves: Decimal
    limit_price: Decimal | None
    rested: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """A fill to be made: quantity above zero at a price."""

    quantity: Decimal
    price: Decimal


def is_marketable(order: WorkingOrder, quote: Quote) -> bool:
    """The other side of the market meets the order's limit; a market order always is."""
    if order.limit_price is None:
        return True
    if order.side is Side.BUY:
        return quote.ask <= order.limit_price
    return quote.bid >= order.limit_price


def match(order: WorkingOrder, quote: Quote, rules: MatchingRules, *, taken: Decimal = ZERO) -> Match | None:
    """What this quote gives the order; None where it gives nothing.

    ``taken`` is what other fills already took of this very quote on the same side.
    """
    if not is_marketable(order, quote):
        return None
    displayed = quote.ask_size if order.side is Side.BUY else quote.bid_size
    quantity = min(order.leaves, _whole_if(order.leaves, displayed * rules.participation) - taken)
    if quantity <= 0:
        return None
    return Match(quantity, _price(order, quote, rules))


def fee_of_fill(rules: MatchingRules, *, filled: Decimal, value: Decimal, fill: Match) -> Decimal:
    """The fee of one more fill, so that the fills of an order add up to the fee of the whole.

    ``filled`` and ``value`` are what the order executed before.
    """
    after = rules.fees.total(filled + fill.quantity, value + fill.quantity * fill.price)
    return after - rules.fees.total(filled, value)


def _whole_if(leaves: Decimal, available: Decimal) -> Decimal:
    """Whole units for an order in whole units; a fractional order takes fractions."""
    return available.to_integral_value(rounding=ROUND_FLOOR) if leaves == leaves.to_integral_value() else available


def _price(order: WorkingOrder, quote: Quote, rules: MatchingRules) -> Decimal:
    if order.rested and order.limit_price is not None:
        return order.limit_price
    slip = rules.slippage_bps / 10_000
    if order.side is Side.BUY:
        price = (quote.ask * (1 + slip)).quantize(_PRICE_STEP, rounding=ROUND_CEILING)
        return price if order.limit_price is None else min(price, order.limit_price)
    price = (quote.bid * (1 - slip)).quantize(_PRICE_STEP, rounding=ROUND_FLOOR)
    return price if order.limit_price is None else max(price, order.limit_price)
