"""Orders of a halted symbol, from the desk to the paper venue: they wait, and then meet the market of that moment."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from tests.fixtures.trading import NOON, TradingWorld

pytestmark = pytest.mark.postgres
UP = NOON - timedelta(hours=1)


@pytest.fixture
def live(world: TradingWorld) -> TradingWorld:
    """A feed that tells of halts, connected for an hour; AAPL trades."""
    world.hear_of_halts(UP)
    world.hear("AAPL", halted=False)
    return world


def status(world: TradingWorld, order_id: UUID) -> tuple[str, int]:
    order = world.order(order_id)
    return order["status"], int(order["filled_quantity"])


def price_at_reopening(world: TradingWorld, order_id: UUID, bid: str, ask: str) -> Decimal:
    world.tick(5, mode="live")
    world.hear("AAPL", halted=False)
    world.quote("AAPL", bid, ask)
    world.gateway().turn()
    return Decimal(world.order(order_id)["average_fill_price"])


def test_a_market_order_is_denied_and_a_limit_order_waits_for_the_quote_of_after_the_halt(live: TradingWorld) -> None:
    live.hear("AAPL", halted=True)
    denied, waiting = live.submit(), live.submit(limit="101")
    assert live.order(denied)["reason"].startswith("Trading in AAPL is halted (News Pending).")
    gateway = live.gateway()
    gateway.turn()
    assert (status(live, denied), status(live, waiting)) == (("denied", 0), ("new", 0))
    live.tick(20, mode="live")
    live.hear("AAPL", halted=False)
    gateway.turn()
    assert status(live, waiting) == ("new", 0)  # the only quote is of before the halt
    live.quote("AAPL", "100.30", "100.50")
    gateway.turn()
    assert status(live, waiting) == ("filled", 10)
    assert live.order(waiting)["average_fill_price"] == Decimal("100.50")
    live.assert_books_agree()
    live.assert_venue_agrees()


def test_an_order_that_rested_before_the_halt_takes_the_better_price_of_the_reopening(live: TradingWorld) -> None:
    order_id = live.submit(limit="99")
    gateway = live.gateway()
    gateway.turn()
    live.hear("AAPL", halted=True)
    live.quote("AAPL", "97.90", "98.00")  # quotes may go on in a halt
    gateway.turn()
    assert status(live, order_id) == ("new", 0)
    assert price_at_reopening(live, order_id, "96.90", "97.00") == Decimal("97.00")


def test_an_order_rests_no_longer_though_nobody_looked_at_it_during_the_halt(live: TradingWorld) -> None:
    """The gateway was away from before the halt to the reopening."""
    order_id = live.submit(limit="99")
    live.gateway().turn()
    live.tick(5, mode="live")
    live.hear("AAPL", halted=True)
    assert price_at_reopening(live, order_id, "96.90", "97.00") == Decimal("97.00")


def test_an_order_that_rests_without_a_halt_fills_at_its_own_price(live: TradingWorld) -> None:
    order_id = live.submit(limit="99")
    gateway = live.gateway()
    gateway.turn()
    live.tick(5, mode="live")
    live.quote("AAPL", "96.90", "97.00")
    gateway.turn()
    assert live.order(order_id)["average_fill_price"] == Decimal("99")


def test_an_ioc_order_whose_symbol_may_be_halted_is_told_so(live: TradingWorld) -> None:
    live.hear_of_halts(None)
    order_id = live.submit(limit="101", tif="ioc")
    live.gateway().turn()
    assert status(live, order_id) == ("canceled", 0)
    assert "nothing trades while a halt is possible" in live.order(order_id)["reason"]


def test_a_market_order_that_was_accepted_before_the_halt_waits(live: TradingWorld) -> None:
    order_id = live.submit()
    live.hear("AAPL", halted=True)
    gateway = live.gateway()
    gateway.turn()
    assert status(live, order_id) == ("new", 0)
    assert price_at_reopening(live, order_id, "90.00", "90.10") == Decimal("90.10")


def test_in_a_halt_day_orders_expire_ioc_orders_are_cancelled_and_cancels_pass(live: TradingWorld) -> None:
    live.hear("AAPL", halted=True)
    day, at_once, unwanted = live.submit(limit="100"), live.submit(limit="101", tif="ioc"), live.submit(limit="100")
    gateway = live.gateway()
    gateway.turn()
    assert status(live, at_once) == ("canceled", 0)
    assert "nothing trades in a halt" in live.order(at_once)["reason"]
    live.cancel(unwanted)
    gateway.turn()
    assert status(live, unwanted) == ("canceled", 0)
    live.tick(4 * 3600, mode="live")  # 16:00 in New York
    gateway.turn()
    assert status(live, day) == ("expired", 0)


def test_what_the_feed_lost_is_not_taken_for_not_halted(live: TradingWorld) -> None:
    order_id = live.submit()
    live.hear_of_halts(None)
    denied, waiting = live.submit(), live.submit(limit="101")
    gateway = live.gateway()
    gateway.turn()
    assert [status(live, one) for one in (order_id, denied, waiting)] == [("new", 0), ("denied", 0), ("new", 0)]
    assert "the feed's connection is lost" in live.order(denied)["reason"]
    live.tick(3, mode="live")
    live.hear_of_halts(live.market_time)  # it is back, and nothing was heard of AAPL yet
    gateway.turn()
    assert status(live, order_id) == ("new", 0)
    live.tick(1, mode="live")
    live.hear("AAPL", halted=False)  # a trade
    live.quote("AAPL", "99.99", "100.01")
    gateway.turn()
    assert [status(live, one) for one in (order_id, waiting)] == [("filled", 10), ("filled", 10)]


def test_a_halt_of_last_week_means_nothing_to_a_replay(live: TradingWorld) -> None:
    live.hear("AAPL", halted=True)
    live.sql("UPDATE market_clock SET replay = '{}'")
    live.tick()
    order_id = live.submit()
    live.gateway().turn()
    assert status(live, order_id) == ("filled", 10)
