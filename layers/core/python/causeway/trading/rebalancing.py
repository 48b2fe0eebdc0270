"""From a signal's weights to orders: move an account towards weight times capital, in whole lots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from math import isfinite

from causeway.model.order import Side


@dataclass(frozen=True, slots=True)
class SignalWeight:
    """The fraction of capital to hold in a symbol; negative is short. Known at ``time``."""

    symbol: str
    weight: float
    time: datetime


@dataclass(frozen=True, slots=True)
class Market:
    """A symbol that can be priced now. ``present`` is the signed position plus what open orders would still add."""

    price: Decimal
    lot_size: Decimal
    present: Decimal


@dataclass(frozen=True, slots=True)
class PlannedTrade:
    """One order to place. ``price`` is the mid that sized it; ``present`` what is held or on order already."""

    symbol: str
    side: Side
    quantity: Decimal
    weight: float
    present: Decimal
    price: Decimal


def plan(
    weights: Iterable[SignalWeight], capital: Decimal, markets: Mapping[str, Market | str]
) -> tuple[list[PlannedTrade], dict[str, str]]:
    """Trades, those that free buying power first, and for every other symbol why nothing is ordered.

    ``markets`` holds for each symbol its market, or the reason why it has none. Target quantities are rounded towards
    zero to whole lots, so that rounding never takes more than was asked for.
    """
    planned: list[PlannedTrade] = []
    skipped: dict[str, str] = {}
    for wish in weights:
        market = markets[wish.symbol]
        outcome = market if isinstance(market, str) else _trade(wish, capital, market)
        if isinstance(outcome, str):
            skipped[wish.symbol] = outcome
        else:
            planned.append(outcome)
    planned.sort(key=lambda trade: (not _shrinks(trade), trade.symbol))
    return planned, skipped


def _trade(wish: SignalWeight, capital: Decimal, market: Market) -> PlannedTrade | str:
    if not isfinite(wish.weight):
        return f"the signal's weight is {wish.weight}, not a number to trade on"
    target = capital * Decimal(str(wish.weight)) / market.price
    lots = (target / market.lot_size).to_integral_value(rounding=ROUND_DOWN)
    change = lots * market.lot_size - market.present
    if change == 0 and lots == 0:
        return f"the target of {target:.4f} is less than one lot of {market.lot_size:f}"
    if change == 0:
        return f"the account already holds or has ordered {market.present:f}"
    side = Side.BUY if change > 0 else Side.SELL
    return PlannedTrade(wish.symbol, side, abs(change), wish.weight, market.present, market.price)


def _shrinks(trade: PlannedTrade) -> bool:
    return trade.present * trade.side.sign < 0 and trade.quantity <= abs(trade.present)
