"""One trader on a small market: AAPL at 99.99/100.01, noon in New York."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from tests.fixtures.databases import Databases
from tests.fixtures.trading import TradingWorld


@pytest.fixture
def world(databases: Databases, user_factory: Callable[..., UUID]) -> TradingWorld:
    made = TradingWorld(databases, user_factory("trader"))
    made.list_symbol("AAPL")
    made.tick()
    made.quote("AAPL", "99.99", "100.01")
    return made
