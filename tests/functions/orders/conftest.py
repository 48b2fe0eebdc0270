"""The orders function on a market of AAPL at 99.99/100.01 and MSFT at 199.99/200.01, for a trader with 100,000."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from causeway.adapters.storage.order_store import OrderStore
from causeway.web.lambda_handler import http_handler
from functions.orders.app import create_app
from functions.orders.services import Services
from tests.fixtures.databases import Databases
from tests.fixtures.gateway import Gateway, Keys
from tests.fixtures.trading import TradingWorld

MakeUser = Callable[..., UUID]


@pytest.fixture
def keys() -> Keys:
    return Keys.generate()


@pytest.fixture
def world(databases: Databases, user_factory: MakeUser) -> TradingWorld:
    made = TradingWorld(databases, user_factory("trader"))
    made.list_symbol("AAPL")
    made.list_symbol("MSFT")
    made.tick()
    made.quote("AAPL", "99.99", "100.01")
    made.quote("MSFT", "199.99", "200.01")
    return made


@pytest.fixture
def api(world: TradingWorld, keys: Keys) -> Gateway:
    services = Services(orders=OrderStore(world.databases.app), events=world.events)
    made = Gateway(http_handler(lambda: create_app(services, keys.verifier())))
    made.headers |= keys.bearer(world.user_id, "trader")
    return made
