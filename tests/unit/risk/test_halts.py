"""What is known of halts, and which orders pass: exchanges hold orders of a halted stock for the reopening."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from causeway.model.instrument import AssetClass
from causeway.model.market_clock import MarketClock
from causeway.model.order import OrderRequest, OrderType, Side, TimeInForce
from causeway.model.tick import Quote
from causeway.risk.halts import LastHeard, OrdersInHalt, Trading, trading_now
from causeway.risk.limits import AccountFacts, Limits, MarketFacts, RiskCheck, RiskDecision, Tradable, assess

NOW = datetime(2026, 1, 5, 17, tzinfo=UTC)
UP = NOW - timedelta(hours=2)
LIVE = MarketClock("live", NOW, 1.0, NOW, tells_halts=True, halts_since=UP)
LOST = replace(LIVE, halts_since=None)
AAPL = Tradable(1, "AAPL", AssetClass.EQUITY, Decimal(1), Decimal("0.01"))
CASH = AccountFacts("active", "", Decimal(10_000), (), ())
SIZE = Decimal(100)
QUOTE = Quote("AAPL", 1, Decimal("99.99"), Decimal("100.01"), Decimal(100), SIZE, SIZE, Decimal(0), NOW, NOW, "test")
TRADES = LastHeard(False, "", NOW - timedelta(minutes=5), "test")
HALTED = LastHeard(True, "News Pending", NOW - timedelta(minutes=5), "test")
BEFORE_THE_LOSS = UP - timedelta(seconds=1)


def decide(
    limit: str | None = None,
    heard: LastHeard | None = HALTED,
    clock: MarketClock = LIVE,
    allowed: OrdersInHalt = "limit",
    *,
    quote: Quote | None = QUOTE,
    lasts: TimeInForce = TimeInForce.DAY,
) -> RiskDecision:
    kind, price = (OrderType.LIMIT, Decimal(limit)) if limit else (OrderType.MARKET, None)
    order = OrderRequest("c1", "AAPL", Side.BUY, Decimal(10), kind, limit_price=price, time_in_force=lasts)
    return assess(order, AAPL, CASH, MarketFacts(clock, quote, NOW, heard), Limits(orders_in_halt=allowed))


def check_of(decision: RiskDecision, name: str = "symbol_halted") -> RiskCheck:
    (found,) = (check for check in decision.checks if check.name == name)
    return found


@pytest.mark.parametrize(
    ("heard", "clock", "known"),
    [
        (TRADES, LIVE, Trading.GOES_ON),
        (HALTED, LIVE, Trading.HALTED),
        (HALTED, LOST, Trading.UNKNOWN),  # it may have resumed
        (TRADES, LOST, Trading.UNKNOWN),  # it may have been halted
        (replace(HALTED, known_at=BEFORE_THE_LOSS), LIVE, Trading.UNKNOWN),
        (replace(TRADES, known_at=BEFORE_THE_LOSS), LIVE, Trading.UNKNOWN),
        (replace(TRADES, known_at=None), LIVE, Trading.UNKNOWN),  # only price bands were heard
        (None, LIVE, Trading.UNKNOWN),
        (HALTED, replace(LIVE, tells_halts=False), Trading.UNTOLD),  # IQFeed
        (HALTED, replace(LIVE, mode="replay"), Trading.UNTOLD),
    ],
)
def test_what_is_known(heard: LastHeard | None, clock: MarketClock, known: Trading) -> None:
    assert trading_now(heard, clock) is known


@pytest.mark.parametrize(
    ("allowed", "market_order", "limit_order"),
    [("limit", False, True), ("none", False, False), ("all", True, True)],
)
@pytest.mark.parametrize(("heard", "clock"), [(HALTED, LIVE), (TRADES, LOST)], ids=["halted", "unknown"])
def test_which_orders_pass_is_a_setting(
    allowed: OrdersInHalt, market_order: bool, limit_order: bool, heard: LastHeard, clock: MarketClock
) -> None:
    assert decide(None, heard, clock, allowed).allowed is market_order
    assert decide("100", heard, clock, allowed).allowed is limit_order


def test_a_refused_market_order_is_told_why_and_what_to_do() -> None:
    decision = decide()
    assert [check.name for check in decision.checks if not check.passed] == ["symbol_halted"]
    assert decision.reason == (
        "Trading in AAPL is halted (News Pending). A market order is refused until trading resumes; "
        "place a limit order, or wait for that."
    )


def test_a_limit_order_passes_with_a_warning_of_what_becomes_of_it() -> None:
    check = check_of(decide("100"))
    assert check.passed
    assert check.message == (
        "Trading in AAPL is halted (News Pending). "
        "The order waits until trading resumes, and then meets the market of that moment."
    )
    assert "cancelled at once" in check_of(decide("100", lasts=TimeInForce.IOC)).message


def test_what_the_feed_lost_is_said_to_be_unknown() -> None:
    assert "not known: the feed's connection is lost. A market order is refused" in decide(None, TRADES, LOST).reason
    assert "not heard of since the feed connected at 2026-01-05T15:00:00Z" in decide(None, None).reason


def test_without_a_halt_nothing_is_said() -> None:
    for heard, clock in ((TRADES, LIVE), (None, replace(LIVE, tells_halts=False))):
        decision = decide(None, heard, clock)
        assert decision.allowed
        assert check_of(decision).message == ""
    assert check_of(decide(None, None, replace(LIVE, mode="replay"))).found == "not told"


def test_a_limit_order_in_a_halt_is_judged_by_the_last_quote_before_it() -> None:
    """Nobody quotes a halted stock; without a halt the same quote is stale, and denies."""
    old = replace(QUOTE, market_time=NOW - timedelta(minutes=30))
    assert decide("100", quote=old).allowed
    assert [check.name for check in decide("120", quote=old).checks if not check.passed] == ["price_collar"]
    assert not decide("100", TRADES, quote=old).allowed
    assert not decide("100", TRADES, LOST, quote=old).allowed
    assert not decide("100", quote=None).allowed


def test_the_quote_check_says_that_it_is_the_last_before_the_halt_in_whole_seconds() -> None:
    old = replace(QUOTE, market_time=NOW - timedelta(seconds=32, microseconds=-5))
    in_halt = check_of(decide("100", quote=old), "stale_quote")
    assert in_halt.passed
    assert in_halt.found == "2026-01-05T16:59:28Z, the last quote before the halt"
    assert in_halt.limit == "an open market and, in a halt, the last two-sided quote before it"
    trading = check_of(decide("100", TRADES, quote=old), "stale_quote")
    assert (trading.found, trading.limit) == ("2026-01-05T16:59:28Z", "an open market and a fresh two-sided quote")


@pytest.mark.parametrize(
    "other",
    [
        replace(QUOTE, source="replay", market_time=NOW - timedelta(hours=1)),  # a replay left it
        replace(QUOTE, market_time=NOW - timedelta(days=30)),  # the feed did not run for a month
        replace(QUOTE, market_time=NOW + timedelta(hours=3)),  # of another session
    ],
    ids=["of a replay", "a month old", "after the clock"],
)
def test_a_quote_that_is_not_the_last_before_the_halt_judges_nothing(other: Quote) -> None:
    """At the price of another year neither the order's value nor its reservation means anything."""
    decision = decide("100", quote=other)
    assert "stale_quote" in [check.name for check in decision.checks if not check.passed]
    assert decision.reference_price is None


def test_the_quote_of_friday_judges_an_order_in_a_halt_of_tuesday_morning() -> None:
    assert decide("100", quote=replace(QUOTE, market_time=NOW - timedelta(days=3, hours=20))).allowed


def test_a_denial_names_each_reason_once() -> None:
    decision = decide("100.005", TRADES, quote=replace(QUOTE, bid=Decimal(0)))
    messages = [check.message for check in decision.checks if not check.passed]
    assert len(messages) > 1
    assert [decision.reason.count(message) for message in messages] == [1] * len(messages)
