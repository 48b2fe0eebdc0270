"""Many requests at once on one account: the lock makes them one after the other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import UUID, uuid4

import pytest

from causeway.errors import Conflict
from tests.fixtures.databases import Databases
from tests.fixtures.trading import TradingWorld

pytestmark = pytest.mark.postgres


def test_two_orders_cannot_spend_the_same_money(world: TradingWorld) -> None:
    """Each of eight orders needs 30,015 of 100,000: three fit, whatever the timing."""
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda n: world.submit("buy", "300", limit="100", client_order_id=f"c{n}"), range(8)))
    states = [world.order(order_id)["status"] for order_id in ids]
    assert sorted(states) == ["denied"] * 5 + ["pending_new"] * 3
    world.assert_books_agree()


def test_one_client_order_id_sent_at_once_is_one_order(world: TradingWorld) -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(lambda _: world.submit("buy", "1", client_order_id="same"), range(8)))
    assert len(ids) == 1
    assert world.value("SELECT count(*) FROM orders") == 1
    assert world.value("SELECT count(*) FROM outbox") == 1


def test_submits_cancels_and_bookings_at_once(world: TradingWorld) -> None:
    gateway = world.gateway()
    world.quote("AAPL", "99.99", "100.01", size=7)

    def trade(number: int) -> None:
        order_id = world.submit("buy" if number % 2 else "sell", "3", limit="100", client_order_id=f"c{number}")
        if number % 3 == 0:
            with suppress(Conflict):  # it may have filled before its cancel was asked for
                world.cancel(order_id)

    with ThreadPoolExecutor(4) as pool:
        traded = pool.map(trade, range(20))
        for _ in range(10):
            gateway.turn()
        list(traded)
    for price in ("99.98", "100.03", "99.95"):
        world.quote("AAPL", price, price, size=100)
        gateway.turn()
    world.assert_books_agree()
    world.assert_venue_agrees()
    assert world.value("SELECT count(*) FROM outbox WHERE state <> 'done'") == 0


def test_the_order_path_on_postgresql_15(databases_15: Databases) -> None:
    world = _world_on(databases_15)
    world.submit("buy", "10")
    resting = world.submit("buy", "10", limit="95")
    gateway = world.gateway()
    gateway.turn()
    world.cancel(resting)
    gateway.turn()
    assert world.held() == 10
    assert world.order(resting)["status"] == "canceled"
    world.assert_books_agree()
    world.assert_venue_agrees()


def _world_on(databases: Databases) -> TradingWorld:
    user_id: UUID = uuid4()
    with databases.owner.transaction() as transaction:
        transaction.connection.execute(
            "INSERT INTO users (id, email, password_hash, role) VALUES (%s, 'a@example.test', 'none', 'trader')",
            [user_id],
        )
    world = TradingWorld(databases, user_id)
    world.list_symbol("AAPL")
    world.tick()
    world.quote("AAPL", "99.99", "100.01")
    return world
