"""Pre-trade checks. Every check is a value with its limit and what was found; a denial is a value too.

The account is a margin account without borrowing for longs: a long position is paid in full, a short position keeps
150 % of its market value in cash (the sale's proceeds and half as much again). Buying power is what is left of cash
after that and after what open orders reserve. Closing a position needs no buying power.

Source: Regulation T, 12 CFR 220.12(c)(1) (short sale: 150 % of current market value). The collar follows Nasdaq's limit
order protection (Equity Trader Alert 2016-172: 10 % through the other side of the market; the aggressive side only:
a buy far below the market harms nobody), measured from the mid here and applied to market orders too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from causeway.model.instrument import AssetClass
from causeway.model.market_clock import MarketClock
from causeway.model.order import OrderRequest, OrderType, Side
from causeway.model.tick import Quote
from causeway.model.time import isoformat_z
from causeway.risk.halts import LastHeard, OrdersInHalt, halt_message, halt_refuses, is_last_before_halt, trading_now
from causeway.risk.quotes import quote_fault
from causeway.risk.risk_calculator import Reservation, buying_power, opening_share, reservation

CheckName = Literal[
    "instrument",
    "quantity",
    "notional",
    "buying_power",
    "price_collar",
    "stale_quote",
    "symbol_halted",
    "account_state",
]
AccountState = Literal["active", "reducing", "halted"]
_UNTRADABLE = frozenset({AssetClass.INDEX})


@dataclass(frozen=True, slots=True)
class RiskCheck:
    """One check: did it pass, against which limit, what was found, and what to do where it failed.

    A check that passed with a message is a warning.
    """

    name: CheckName
    passed: bool
    limit: str
    found: str
    message: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What an account may do in one order. Money is in the account's currency, collars are fractions."""

    max_quantity: Decimal = Decimal(1_000_000)
    max_notional: Decimal = Decimal(1_000_000)
    price_collar: Decimal = Decimal("0.10")
    max_quote_age_s: float = 60.0
    orders_in_halt: OrdersInHalt = "limit"


@dataclass(frozen=True, slots=True)
class Tradable:
    """What the checks know of an instrument."""

    instrument_id: int
    symbol: str
    asset_class: AssetClass
    lot_size: Decimal
    tick_size: Decimal


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order that may still fill. ``leaves`` is positive; ``price`` its limit, or the mid, zero where unknown."""

    instrument_id: int
    side: Side
    leaves: Decimal
    reserved: Decimal
    price: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Holding:
    """A position as the checks see it: signed quantity, and the price it is valued at."""

    instrument_id: int
    quantity: Decimal
    mark: Decimal


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """The account at the moment of the check, read under its lock."""

    state: AccountState
    state_reason: str
    cash: Decimal
    holdings: tuple[Holding, ...]
    open_orders: tuple[OpenOrder, ...]

    def held(self, instrument_id: int) -> Decimal:
        """Signed quantity of one instrument."""
        return sum((item.quantity for item in self.holdings if item.instrument_id == instrument_id), Decimal(0))

    def open_leaves(self, instrument_id: int, side: Side) -> Decimal:
        """What open orders on one side may still fill."""
        found = (o.leaves for o in self.open_orders if o.instrument_id == instrument_id and o.side is side)
        return sum(found, Decimal(0))

    @property
    def buying_power(self) -> Decimal:
        return buying_power(
            self.cash,
            ((item.quantity, item.mark) for item in self.holdings),
            (order.reserved for order in self.open_orders),
        ) - sum((self._uncovered(*key) for key in {(o.instrument_id, o.side) for o in self.open_orders}), Decimal(0))

    def _uncovered(self, instrument_id: int, side: Side) -> Decimal:
        """What open orders of one side need beyond what they reserve.

        An order that was to close a position reserves fees only; once another order has closed it, it opens one.
        """
        orders = [o for o in self.open_orders if o.instrument_id == instrument_id and o.side is side]
        closable = max(-side.sign * self.held(instrument_id), Decimal(0))
        if sum(o.leaves for o in orders) <= closable:
            return Decimal(0)
        value = sum(o.leaves * o.price for o in orders) - closable * max(o.price for o in orders)
        return max(value * opening_share(side) - sum(o.reserved for o in orders), Decimal(0))


@dataclass(frozen=True, slots=True)
class MarketFacts:
    """The market at the moment of the check. ``heard``: what was heard last of trading in the instrument."""

    clock: MarketClock
    quote: Quote | None
    now: datetime
    heard: LastHeard | None = None


@dataclass(frozen=True, slots=True)
class RiskDecision:
    """Allowed when every check passed. Money is zero where no price is known."""

    checks: tuple[RiskCheck, ...]
    reference_price: Decimal | None
    notional: Decimal
    reservation: Reservation
    buying_power: Decimal

    @property
    def allowed(self) -> bool:
        return all(check.passed for check in self.checks)

    @property
    def reason(self) -> str:
        """The messages of the failed checks, each once; empty when allowed."""
        return " ".join(dict.fromkeys(check.message for check in self.checks if not check.passed))


def assess(
    request: OrderRequest, instrument: Tradable, account: AccountFacts, market: MarketFacts, limits: Limits
) -> RiskDecision:
    """Every check on one order; none is skipped, so that a person sees all that is wrong at once."""
    age_s = _quote_age(request, market, limits)
    fault = quote_fault(market.quote, market.clock, now=market.now, max_age_s=age_s)
    price = _reference_price(request, market.quote) if fault is None else None
    held, resting = account.held(instrument.instrument_id), account.open_leaves(instrument.instrument_id, request.side)
    reserved = reservation(request, held=held, resting=resting, price=price or Decimal(0))
    notional = request.quantity * (price or Decimal(0))
    checks = (
        _instrument(instrument),
        _quantity(request, instrument, limits),
        _stale_quote(request, market, fault),
        _symbol_halted(request, market, limits),
        _price_collar(request, instrument, market.quote if fault is None else None, limits),
        _notional(notional, price, limits),
        _buying_power(account, reserved, price),
        _account_state(account, reserved),
    )
    return RiskDecision(checks, price, notional, reserved, account.buying_power)


def _reference_price(request: OrderRequest, quote: Quote | None) -> Decimal | None:
    if quote is None:
        return None
    touch = quote.ask if request.side is Side.BUY else quote.bid
    if request.limit_price is None:
        return touch
    return request.limit_price if request.side is Side.BUY else max(request.limit_price, touch)


def _instrument(instrument: Tradable) -> RiskCheck:
    passed = instrument.asset_class not in _UNTRADABLE
    return RiskCheck(
        "instrument",
        passed,
        "a tradable asset class",
        instrument.asset_class.value,
        "" if passed else f"{instrument.symbol} is an {instrument.asset_class.value} and cannot be traded itself.",
    )


def _quantity(request: OrderRequest, instrument: Tradable, limits: Limits) -> RiskCheck:
    lot, quantity = instrument.lot_size, request.quantity
    message = ""
    if quantity > limits.max_quantity:
        message = f"The quantity {quantity} is above the limit of {limits.max_quantity} for one order."
    elif quantity % lot:
        message = f"The quantity must be a multiple of {lot:f}; found {quantity:f}."
    found = f"{quantity:f}"
    return RiskCheck("quantity", not message, f"{limits.max_quantity:f} in lots of {lot:f}", found, message)


def _stale_quote(request: OrderRequest, market: MarketFacts, fault: str | None) -> RiskCheck:
    shown = "none" if market.quote is None else isoformat_z(market.quote.market_time.replace(microsecond=0))
    limit = "an open market and a fresh two-sided quote"
    if _by_last_before_halt(request, market):
        shown = f"{shown}, the last quote before the halt"
        limit = "an open market and, in a halt, the last two-sided quote before it"
    return RiskCheck("stale_quote", fault is None, limit, shown, fault or "")


def _quote_age(request: OrderRequest, market: MarketFacts, limits: Limits) -> float:
    return math.inf if _by_last_before_halt(request, market) else limits.max_quote_age_s


def _by_last_before_halt(request: OrderRequest, market: MarketFacts) -> bool:
    """Nobody quotes a halted stock: a limit order is judged by the last quote before the halt."""
    return request.limit_price is not None and is_last_before_halt(market.quote, market.heard, market.clock)


def _symbol_halted(request: OrderRequest, market: MarketFacts, limits: Limits) -> RiskCheck:
    allowed, trading = limits.orders_in_halt, trading_now(market.heard, market.clock)
    limit = {"limit": "no market order in a halt", "none": "no order in a halt", "all": "orders pass in a halt"}[
        allowed
    ]
    message = halt_message(request, market.heard, market.clock, allowed)
    return RiskCheck(
        "symbol_halted", not halt_refuses(request.order_type, trading, allowed), limit, trading.value, message
    )


def _price_collar(request: OrderRequest, instrument: Tradable, quote: Quote | None, limits: Limits) -> RiskCheck:
    limit = f"{limits.price_collar * 100:f} % from the mid, ticks of {instrument.tick_size:f}"
    if request.limit_price is not None and request.limit_price % instrument.tick_size:
        found = f"{request.limit_price:f}"
        message = f"The limit price must be a multiple of {instrument.tick_size:f}; found {found}."
        return RiskCheck("price_collar", False, limit, found, message)
    if quote is None:
        return RiskCheck("price_collar", False, limit, "no quote", "Without a usable quote no price can be judged.")
    touch = quote.ask if request.side is Side.BUY else quote.bid
    price = touch if request.order_type is OrderType.MARKET else request.limit_price or touch
    through = request.side.sign * (price - quote.mid) / quote.mid
    passed = through <= limits.price_collar
    found = f"{price:f} against a mid of {quote.mid:f}"
    message = "" if passed else f"The price {price:f} is {through * 100:.1f} % through the mid of {quote.mid:f}."
    return RiskCheck("price_collar", passed, limit, found, message)


def _notional(notional: Decimal, price: Decimal | None, limits: Limits) -> RiskCheck:
    passed = price is not None and notional <= limits.max_notional
    message = "" if passed else f"The order is worth {notional:.2f}; one order may be worth {limits.max_notional:f}."
    if price is None:
        message = "Without a usable quote the order has no known value."
    return RiskCheck("notional", passed, f"{limits.max_notional:f}", f"{notional:.2f}", message)


def _buying_power(account: AccountFacts, reserved: Reservation, price: Decimal | None) -> RiskCheck:
    available = account.buying_power
    passed = price is not None and (not reserved.opening or reserved.amount <= available)
    message = f"The order needs {reserved.amount:.2f} of buying power; {available:.2f} is left after open orders."
    if price is None:
        message = "Without a usable quote the need of buying power is not known."
    return RiskCheck("buying_power", passed, f"{available:.2f}", f"{reserved.amount:.2f}", "" if passed else message)


def _account_state(account: AccountFacts, reserved: Reservation) -> RiskCheck:
    message = ""
    if account.state == "halted":
        message = f"Trading on this account is halted: {account.state_reason or 'no reason was given'}."
    elif account.state == "reducing" and reserved.opening > 0:
        message = f"The account may only reduce positions; {reserved.opening:f} of this order would open one."
    return RiskCheck("account_state", not message, "active, or reducing a position", account.state, message)
