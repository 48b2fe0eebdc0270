"""Whether trading in an instrument goes on, as far as the live feed knows, and which orders may be placed meanwhile.

A halt is known from the moment in which the provider told of it; that there is none is known only where a status or a
trade came since the connection is up. What the feed lost is unknown, never taken for "not halted". A provider that
tells of no halts, and a replay, leave the question open: orders pass there, and the check says so.

Source: Nasdaq rules 4120 and 4703, NYSE rule 7.35: orders of a halted stock are taken and held for the reopening; a
market order takes part at whatever price that finds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from causeway.model.market_clock import MarketClock
from causeway.model.order import OrderRequest, OrderType, TimeInForce
from causeway.model.tick import Quote
from causeway.model.time import isoformat_z

OrdersInHalt = Literal["limit", "none", "all"]
_LONGEST_PAUSE = timedelta(days=4)


class Trading(StrEnum):
    """What is known of trading in an instrument now."""

    GOES_ON = "trading goes on"
    HALTED = "halted"
    UNKNOWN = "unknown"  # the feed tells of halts, and may have missed one
    UNTOLD = "not told"  # a replay, or a provider that tells of no halts

    @property
    def may_be_halted(self) -> bool:
        return self in (Trading.HALTED, Trading.UNKNOWN)


@dataclass(frozen=True, slots=True)
class LastHeard:
    """What was heard last of trading in an instrument, and from which feed; ``known_at`` None: that was never sure."""

    halted: bool
    reason: str
    known_at: datetime | None
    source: str


def trading_now(heard: LastHeard | None, clock: MarketClock) -> Trading:
    """What is known now. ``heard`` None: nothing was."""
    if clock.mode != "live" or not clock.tells_halts:
        return Trading.UNTOLD
    since, known_at = clock.halts_since, None if heard is None else heard.known_at
    if heard is None or since is None or known_at is None or known_at < since:
        return Trading.UNKNOWN
    return Trading.HALTED if heard.halted else Trading.GOES_ON


def is_last_before_halt(quote: Quote | None, heard: LastHeard | None, clock: MarketClock) -> bool:
    """Whether the instrument is halted and this is the quote of before: of the same feed, at most four days earlier.

    A weekend and a holiday may lie between. What a replay left, or a feed that did not run for a month, is no price.
    """
    if quote is None or heard is None or heard.known_at is None or trading_now(heard, clock) is not Trading.HALTED:
        return False
    return quote.source == heard.source and heard.known_at - quote.market_time <= _LONGEST_PAUSE


def halt_refuses(order_type: OrderType, trading: Trading, allowed: OrdersInHalt) -> bool:
    """Whether an order is refused because its instrument is halted, or may be."""
    if not trading.may_be_halted or allowed == "all":
        return False
    return allowed == "none" or order_type is OrderType.MARKET


def halt_situation(symbol: str, heard: LastHeard | None, clock: MarketClock) -> str:
    """In words, that trading is halted or may be; empty while all is well."""
    trading = trading_now(heard, clock)
    if trading is Trading.HALTED:
        reason = f" ({heard.reason})" if heard is not None and heard.reason else ""
        return f"Trading in {symbol} is halted{reason}."
    return _unknown(symbol, clock) if trading is Trading.UNKNOWN else ""


def halt_message(request: OrderRequest, heard: LastHeard | None, clock: MarketClock, allowed: OrdersInHalt) -> str:
    """What a person should know: why it is refused, or what becomes of an order that passes; empty if all is well."""
    situation = halt_situation(request.symbol, heard, clock)
    return situation and f"{situation} {_outcome(request, trading_now(heard, clock), allowed)}"


def _unknown(symbol: str, clock: MarketClock) -> str:
    if clock.halts_since is None:
        return f"Whether {symbol} is halted is not known: the feed's connection is lost."
    since = isoformat_z(clock.halts_since.replace(microsecond=0))
    return f"Whether {symbol} is halted is not known: it was not heard of since the feed connected at {since}."


def _outcome(request: OrderRequest, trading: Trading, allowed: OrdersInHalt) -> str:
    until = "trading resumes" if trading is Trading.HALTED else "it is known to trade"
    if halt_refuses(request.order_type, trading, allowed):
        instead = "" if allowed == "none" else "place a limit order, or "
        return f"A {request.order_type.value} order is refused until {until}; {instead}wait for that."
    if request.time_in_force is TimeInForce.IOC:
        return "Immediate or cancel: the order is cancelled at once if trading is halted."
    return f"The order waits until {until}, and then meets the market of that moment."
