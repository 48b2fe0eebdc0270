"""When a quote may be traded on. Staleness is judged by market time: a replay counts as the day that it replays."""

from __future__ import annotations

from datetime import datetime

from causeway.model.market_clock import MarketClock
from causeway.model.tick import Quote
from causeway.model.time import isoformat_z

CLOCK_SILENCE_S = 15.0  # wall seconds: the feed updates the clock every second while the market moves
MOST_AHEAD_S = 60.0  # market seconds
REPLAY_GAP_S = 5.0  # wall seconds: at speed 390 a quote every quarter second is 97 market seconds apart


def quote_fault(quote: Quote | None, clock: MarketClock, *, now: datetime, max_age_s: float = 60.0) -> str | None:
    """Why nothing may be priced from this quote now, or None where it may.

    The age limit is ``max_age_s`` of market time, or what a replay covers in five wall seconds where that is more. A
    quote lies at most a minute, or as much, after the market's clock.
    """
    if clock.mode == "closed" or clock.market_time is None:
        return "The market is closed; start a replay or wait for the session."
    silent_s = (now - clock.updated_at).total_seconds()
    if silent_s > CLOCK_SILENCE_S:
        return f"The market data feed has been silent for {silent_s:.0f} s."
    if quote is None:
        return "There is no quote for this symbol in the present session."
    return _price_fault(quote) or _age_fault(quote, clock, max_age_s)


def _price_fault(quote: Quote) -> str | None:
    prices = (quote.bid, quote.ask)
    if not all(price.is_finite() and price > 0 for price in prices):
        return f"The quote has no valid price on both sides (bid {quote.bid}, ask {quote.ask})."
    if quote.bid > quote.ask:
        return f"The quote is crossed: bid {quote.bid} is above ask {quote.ask}."
    return None


def _age_fault(quote: Quote, clock: MarketClock, max_age_s: float) -> str | None:
    if clock.market_time is None:
        return "The market is closed."
    covered_s = REPLAY_GAP_S * clock.speed
    limit_s, ahead_s = max(max_age_s, covered_s), max(MOST_AHEAD_S, covered_s)
    age_s = (clock.market_time - quote.market_time).total_seconds()
    if age_s > limit_s:
        at, clock_at = (isoformat_z(one.replace(microsecond=0)) for one in (quote.market_time, clock.market_time))
        return (
            f"The last quote is of {at}, and it is {clock_at}; at most {limit_s:.0f} s of market time may lie between."
        )
    if age_s < -ahead_s:
        return f"The last quote lies {-age_s:.0f} s after the market's clock; it belongs to another session."
    return None
