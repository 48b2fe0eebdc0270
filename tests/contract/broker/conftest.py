"""Every broker under one suite. A bench knows how to make its market trade an order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest

from causeway.ports.broker import Broker
from tests.fixtures.databases import Databases
from tests.fixtures.scripted_broker import ScriptedBroker
from tests.fixtures.trading import TradingWorld


@dataclass
class Bench:
    """``trade`` makes the market fill some of a buy order at a price at or below its limit."""

    broker: Broker
    account_id: UUID
    other_account_id: UUID
    trade: Callable[[str, str, str], None]


def _paper(databases: Databases, make_user: Callable[..., UUID]) -> Bench:
    world = TradingWorld(databases, make_user("trader"))
    other = TradingWorld(databases, make_user("trader"))
    world.list_symbol("AAPL")
    world.tick()

    def trade(_client_order_id: str, quantity: str, price: str) -> None:
        world.quote("AAPL", "1", price, size=int(quantity))
        world.venue.match()

    return Bench(world.venue, world.account_id, other.account_id, trade)


def _scripted() -> Bench:
    broker, account_id = ScriptedBroker(), uuid4()
    return Bench(
        broker, account_id, uuid4(), lambda order, quantity, price: broker.fill(account_id, order, quantity, price)
    )


@pytest.fixture(params=["paper", "scripted"])
def bench(request: pytest.FixtureRequest) -> Bench:
    if request.param == "scripted":
        return _scripted()
    return _paper(request.getfixturevalue("databases"), request.getfixturevalue("user_factory"))
