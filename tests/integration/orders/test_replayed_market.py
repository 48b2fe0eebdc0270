"""Orders on a market that the real replay feed moves: fills at its quotes, and the end of its session."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from causeway.adapters.storage.quote_store import QuoteStore
from causeway.settings import StreamSettings
from containers.stream.feed import ReplayFeed
from tests.fixtures.trading import TradingWorld

pytestmark = pytest.mark.postgres
WEDNESDAY, THURSDAY = date(2012, 2, 29), date(2012, 3, 1)


class NoCache:
    def put_quotes(self, quotes: Sequence[dict[str, Any]]) -> None:
        """Nobody reads it here."""

    def drop_quotes(self, symbols: Sequence[str]) -> None:
        """Nobody reads it here."""


class Replay:
    """The feed with a hand on its clock; 3,900 market seconds a wall second, so a session lasts six."""

    def __init__(self, world: TradingWorld) -> None:
        self.monotonic = 0.0
        settings = StreamSettings(replay_date=WEDNESDAY.isoformat(), replay_speed=3900.0)
        store = QuoteStore(world.databases.service)
        self.feed = ReplayFeed(store, world.events, NoCache(), settings, monotonic=lambda: self.monotonic)

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds * 4)):
            self.monotonic += 0.25
            self.feed.step()


@pytest.fixture
def replay(world: TradingWorld) -> Replay:
    world.sql("UPDATE market_clock SET mode = 'closed', market_time = NULL")
    world.sql("DELETE FROM latest_quotes")
    for day in (WEDNESDAY, THURSDAY):
        world.sql(
            "INSERT INTO market_data (instrument_id, bar_size, time, open, high, low, close, volume, source) "
            "SELECT instrument_id, '1d', %s, 100, 102, 98, 101, 780000, 'test' FROM symbols WHERE symbol = 'AAPL'",
            datetime(day.year, day.month, day.day, tzinfo=UTC),
        )
    made = Replay(world)
    made.run(0.25)
    return made


def test_an_order_fills_at_the_replayed_quote(world: TradingWorld, replay: Replay) -> None:
    order_id = world.submit("buy", "10")
    gateway = world.gateway()
    gateway.turn()
    order = world.order(order_id)
    quote = world.sql("SELECT * FROM latest_quotes")[0]
    assert order["status"] == "filled", order["reason"]
    assert order["average_fill_price"] == quote["ask"]
    assert order["submitted_market_time"] == quote["market_time"]
    assert world.value("SELECT market_time FROM executions") == quote["market_time"]
    assert order["submitted_at"] - order["submitted_market_time"] > timedelta(days=365)  # two clocks


def test_a_limit_waits_for_the_low_of_the_day(world: TradingWorld, replay: Replay) -> None:
    """The session's low is 98: a limit of 98.50 is reached, one of 97 is not, and ends with the session."""
    reached = world.submit("buy", "10", limit="98.50")
    missed = world.submit("buy", "10", limit="97.00")
    gateway = world.gateway()
    for _ in range(28):
        gateway.turn()
        replay.run(0.25)
    gateway.turn()
    assert world.order(reached)["status"] == "filled"
    assert world.order(reached)["average_fill_price"] == 98.5
    assert world.order(missed)["status"] == "expired"
    expired = world.value("SELECT market_time FROM order_events WHERE kind = 'expired'")
    assert expired >= datetime(2012, 2, 29, 21, tzinfo=UTC)  # 16:00 in New York
    assert world.value("SELECT count(*) FROM equity_history") > 1
    world.assert_books_agree()
    world.assert_venue_agrees()


def test_a_replay_that_goes_back_does_not_rewrite_the_past(world: TradingWorld) -> None:
    """Bought 10 at 100 and sold them at 120; then the market is set back a year and 5 are bought at 50."""
    gateway = world.gateway()
    for years_back, side, quantity, price in ((0, "buy", "10", "100"), (0, "sell", "10", "120"), (1, "buy", "5", "50")):
        world.market_time -= timedelta(days=365 * years_back)
        world.tick(1)
        world.quote("AAPL", price, price)
        world.submit(side, quantity, limit=price)
        gateway.turn()
    position = world.sql("SELECT quantity, average_cost, realised_pnl FROM positions")[0]
    assert list(position.values()) == [5, 50, 200]
    world.assert_books_agree()
