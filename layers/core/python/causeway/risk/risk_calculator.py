"""What positions and orders need of an account's cash. The rules are those of ``causeway.risk.limits``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from causeway.model.order import OrderRequest, OrderType, Side

ZERO = Decimal(0)
SHORT_REQUIREMENT = Decimal("1.5")  # of market value, proceeds included
MARKET_CUSHION = Decimal("0.02")  # a market order may fill this much past the touch before its reservation is short
FEE_CUSHION = Decimal("0.001")  # fees of an order as a fraction of its notional, at least one unit


@dataclass(frozen=True, slots=True)
class Reservation:
    """Buying power that an order holds while it is open, and the part of it that opens a position."""

    amount: Decimal
    opening: Decimal


def buying_power(cash: Decimal, holdings: Iterable[tuple[Decimal, Decimal]], reserved: Iterable[Decimal]) -> Decimal:
    """Cash less 150 % of the market value of shorts, less what open orders reserve.

    ``holdings`` are (signed quantity, mark). Negative when shorts moved against the account.
    """
    shorts = sum((-quantity * mark for quantity, mark in holdings if quantity < 0), ZERO)
    return cash - SHORT_REQUIREMENT * shorts - sum(reserved, ZERO)


def opening_share(side: Side) -> Decimal:
    """Cash that opening a position takes, as a fraction of its value: all of a long's, half of a short's."""
    return Decimal(1) if side is Side.BUY else SHORT_REQUIREMENT - 1


def reservation(request: OrderRequest, *, held: Decimal, resting: Decimal, price: Decimal) -> Reservation:
    """What an order must reserve.

    ``held`` is the signed position, ``resting`` what open orders on the same side may still fill: they close first.
    Closing needs fees only; opening a long its price; opening a short half its price: the proceeds cover the rest.
    """
    closable = max((held if request.side is Side.SELL else -held) - resting, ZERO)
    opening = max(request.quantity - closable, ZERO)
    worst = price * (1 + MARKET_CUSHION) if request.order_type is OrderType.MARKET else price
    fees = max(request.quantity * price * FEE_CUSHION, Decimal(1))
    return Reservation(opening * worst * opening_share(request.side) + fees, opening)
