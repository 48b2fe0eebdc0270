"""From submit to the books, through the real outbox, gateway and paper venue, in one process."""

from __future__ import annotations

from decimal import Decimal

import pytest

from causeway.adapters.storage.gateway_store import LeaseLost
from causeway.risk.limits import Limits
from functions.orders import desk as order_desk
from tests.fixtures.trading import TradingWorld

pytestmark = pytest.mark.postgres


def test_a_market_order_is_filled_and_booked(world: TradingWorld) -> None:
    order_id = world.submit("buy", "10")
    gateway = world.gateway()
    gateway.turn()
    order = world.order(order_id)
    assert (order["status"], order["filled_quantity"], order["average_fill_price"]) == ("filled", 10, Decimal("100.01"))
    assert order["reserved_cash"] == 0
    assert world.kinds(order_id) == ["submitted", "sent", "accepted", "fill"]
    assert world.held() == 10
    assert world.cash() == Decimal(100_000) - Decimal("1000.10")
    equity = world.sql("SELECT * FROM equity_history")[0]
    assert equity["equity"] == equity["cash"] + 10 * Decimal("100.00")  # marked at the mid
    world.assert_books_agree()
    world.assert_venue_agrees()


def test_a_second_turn_changes_nothing(world: TradingWorld) -> None:
    world.submit()
    gateway = world.gateway()
    gateway.turn()
    before = world.sql("SELECT * FROM order_events")
    gateway.turn()
    assert world.sql("SELECT * FROM order_events") == before


def test_reading_every_report_again_changes_nothing(world: TradingWorld) -> None:
    order_id = world.submit()
    world.gateway().turn()
    before = world.kinds(order_id)
    world.sql("UPDATE gateway_cursors SET cursor = ''")
    world.gateway().turn()
    assert world.kinds(order_id) == before
    world.assert_books_agree()


def test_an_order_larger_than_the_displayed_size_fills_quote_by_quote(world: TradingWorld) -> None:
    world.quote("AAPL", "99.99", "100.01", size=4)
    order_id = world.submit("buy", "10")
    gateway = world.gateway()
    gateway.turn()
    gateway.turn()  # the same quote serves its size once
    assert world.order(order_id)["filled_quantity"] == 4
    assert world.order(order_id)["status"] == "partially_filled"
    world.quote("AAPL", "99.99", "100.05", size=4)
    gateway.turn()
    world.quote("AAPL", "99.99", "100.02", size=4)
    gateway.turn()
    order = world.order(order_id)
    assert order["status"] == "filled"
    assert order["average_fill_price"] == (4 * Decimal("100.01") + 4 * Decimal("100.05") + 2 * Decimal("100.02")) / 10
    world.assert_books_agree()


def test_reservation_shrinks_with_each_fill(world: TradingWorld) -> None:
    world.quote("AAPL", "99.99", "100.01", size=4)
    order_id = world.submit("buy", "10", limit="100.01")
    at_submit = world.order(order_id)["reserved_cash"]
    world.gateway().turn()
    assert world.order(order_id)["reserved_cash"] == at_submit * 6 / 10


def test_a_cancel_reaches_the_venue(world: TradingWorld) -> None:
    order_id = world.submit("buy", "10", limit="95")
    gateway = world.gateway()
    gateway.turn()
    assert world.order(order_id)["status"] == "new"
    world.cancel(order_id)
    assert world.order(order_id)["status"] == "pending_cancel"
    gateway.turn()
    assert world.order(order_id)["status"] == "canceled"
    assert world.order(order_id)["reserved_cash"] == 0


def test_a_cancel_that_overtakes_its_submit_never_reaches_the_venue(world: TradingWorld) -> None:
    order_id = world.submit("buy", "10")
    world.cancel(order_id)
    world.gateway().turn()
    assert world.order(order_id)["status"] == "canceled"
    assert world.value("SELECT count(*) FROM paper_orders") == 0
    assert {row["state"] for row in world.sql("SELECT state FROM outbox")} == {"done"}


def test_a_fill_beats_the_cancel(world: TradingWorld) -> None:
    order_id = world.submit("buy", "10", limit="95")
    gateway = world.gateway()
    gateway.turn()
    world.cancel(order_id)
    world.quote("AAPL", "94.90", "95.00")
    world.venue.match()
    gateway.turn()
    assert world.order(order_id)["status"] == "filled"
    assert world.held() == 10
    world.assert_books_agree()


def test_a_day_order_expires_at_the_close(world: TradingWorld) -> None:
    order_id = world.submit("buy", "10", limit="95")
    good_till_cancelled = world.submit("buy", "10", limit="95", tif="gtc")
    gateway = world.gateway()
    gateway.turn()
    world.tick(4 * 3600)  # 16:00 in New York
    gateway.turn()
    assert world.order(order_id)["status"] == "expired"
    assert world.order(good_till_cancelled)["status"] == "new"


def test_no_fill_on_a_stale_quote(world: TradingWorld) -> None:
    order_id = world.submit("buy", "10")
    world.tick(3600)
    gateway = world.gateway()
    gateway.turn()
    assert world.order(order_id)["status"] == "new"
    world.quote("AAPL", "99.99", "100.01")
    gateway.turn()
    assert world.order(order_id)["status"] == "filled"


def test_immediate_or_cancel_takes_what_is_there(world: TradingWorld) -> None:
    world.quote("AAPL", "99.99", "100.01", size=4)
    order_id = world.submit("buy", "10", tif="ioc")
    world.gateway().turn()
    order = world.order(order_id)
    assert (order["status"], order["filled_quantity"]) == ("canceled", 4)


def test_two_orders_share_one_quote(world: TradingWorld) -> None:
    world.quote("AAPL", "99.99", "100.01", size=15)
    first, second = world.submit("buy", "10"), world.submit("buy", "10")
    world.gateway().turn()
    assert world.order(first)["filled_quantity"] == 10  # time priority
    assert world.order(second)["filled_quantity"] == 5


def test_a_round_trip_realises_its_profit(world: TradingWorld) -> None:
    world.submit("buy", "10")
    gateway = world.gateway()
    gateway.turn()
    world.quote("AAPL", "104.99", "105.01")
    world.submit("sell", "10")
    gateway.turn()
    position = world.sql("SELECT * FROM positions")[0]
    assert position["quantity"] == 0
    assert position["realised_pnl"] == 10 * (Decimal("104.99") - Decimal("100.01"))
    assert world.cash() == 100_000 + position["realised_pnl"]
    world.assert_books_agree()


def test_a_second_gateway_waits_and_takes_over_when_the_first_leaves(world: TradingWorld) -> None:
    first, second = world.gateway(holder="first"), world.gateway(holder="second")
    first.turn()
    order_id = world.submit()
    second.turn()
    assert world.order(order_id)["status"] == "pending_new"
    first.stop()
    second.turn()
    assert world.order(order_id)["status"] == "filled"
    assert world.value("SELECT epoch FROM gateway_leases") == 2


def test_a_fenced_gateway_cannot_send(world: TradingWorld) -> None:
    store = world.store(lease_ttl_s=30)
    old = store.take_lease(world.account_id, "old")
    assert old is not None
    world.submit()
    commands = store.claim(old)
    world.sql("UPDATE gateway_leases SET expires_at = now() - interval '1 second'")  # a long pause of the process
    new = store.take_lease(world.account_id, "new")
    assert new is not None
    assert new.epoch == old.epoch + 1
    with pytest.raises(LeaseLost):
        store.intend(old, commands[0])
    assert world.value("SELECT state FROM outbox") == "claimed"
    assert [command.outbox_id for command in store.claim(new)] == [commands[0].outbox_id]


def test_a_lease_that_ran_out_cannot_send_even_without_a_successor(world: TradingWorld) -> None:
    store = world.store()
    lease = store.take_lease(world.account_id, "alone")
    assert lease is not None
    world.submit()
    commands = store.claim(lease)
    world.sql("UPDATE gateway_leases SET expires_at = now() - interval '1 second'")
    with pytest.raises(LeaseLost):
        store.intend(lease, commands[0])


def test_an_old_epoch_cannot_send_though_its_holder_is_back(world: TradingWorld) -> None:
    store = world.store()
    first = store.take_lease(world.account_id, "a")
    assert first is not None
    world.submit()
    commands = store.claim(first)
    for holder in ("b", "a"):
        world.sql("UPDATE gateway_leases SET expires_at = now() - interval '1 second'")
        assert store.take_lease(world.account_id, holder) is not None
    with pytest.raises(LeaseLost):
        store.intend(first, commands[0])


def test_two_gateways_that_both_believe_in_their_lease_make_one_order(world: TradingWorld) -> None:
    paused = world.gateway(holder="paused")

    def take_over(step: str) -> None:
        if step == "intended":  # the process sleeps between the recorded intent and the send
            world.sql("UPDATE gateway_leases SET expires_at = now() - interval '1 second'")
            world.gateway(holder="other").turn()

    paused.checkpoint = take_over
    order_id = world.submit("buy", "10")
    paused.turn()
    world.gateway(holder="other").turn()
    assert world.order(order_id)["status"] == "filled"
    assert world.held() == 10
    assert world.value("SELECT count(*) FROM paper_orders") == 1
    world.assert_books_agree()
    world.assert_venue_agrees()


def test_wakeups_name_the_account_and_the_newest_event(world: TradingWorld) -> None:
    heard = world.events.listen(["orders:*", "portfolio:*"], 0.0)
    assert next(heard) is None
    world.submit()
    world.gateway().turn()
    messages = [message for message in (next(heard), next(heard)) if message]
    newest = world.value("SELECT max(seq) FROM order_events")
    assert (f"orders:{world.user_id}", {"account_id": str(world.account_id), "seq": newest}) in messages
    assert (f"portfolio:{world.user_id}", {"account_id": str(world.account_id)}) in messages


class StopError(Exception):
    pass


def test_the_outbox_and_its_order_commit_together(world: TradingWorld) -> None:
    with pytest.raises(StopError):
        _submit_and_fail(world)
    for table in ("orders", "order_events", "outbox"):
        assert world.value(f"SELECT count(*) FROM {table}") == 0
    assert world.value("SELECT event_seq FROM accounts") == 0


def _submit_and_fail(world: TradingWorld) -> None:
    with world.orders.on_account(world.user_id, world.account_id) as desk:
        order_desk.submit(desk, world.request(), Limits())
        raise StopError


def test_an_order_that_lost_the_position_it_was_to_close_takes_buying_power(world: TradingWorld) -> None:
    """Long 100 with a resting sale of all; a second sale closes the position first: the resting one opens a short."""
    world.submit("buy", "100")
    gateway = world.gateway()
    gateway.turn()
    world.submit("sell", "100", limit="105.00")
    world.submit("sell", "100")
    gateway.turn()
    assert world.held() == 0
    with world.orders.on_account(world.user_id, world.account_id) as desk:
        assert desk.facts().buying_power == world.cash() - 5250  # half of 100 x 105
