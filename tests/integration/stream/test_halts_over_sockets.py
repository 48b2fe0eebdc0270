"""A halt, from the message on a vendor's wire to an order that is refused: real sockets, a real database and Redis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from causeway.adapters.feeds.alpaca_data import AlpacaHistory, AlpacaLive
from causeway.adapters.feeds.gap_backfill import BackfilledFeed
from causeway.adapters.feeds.reconnecting import Backoff
from causeway.adapters.messaging.pubsub import InProcessEventBus
from causeway.adapters.storage.order_store import OrderStore
from causeway.simulators.alpaca import AlpacaSimulator
from causeway.simulators.faults import Faults
from causeway.simulators.market import SimulatedMarket
from causeway.streaming.wire import BATCH_CHANNEL
from causeway.web.lambda_handler import http_handler
from functions.orders.app import create_app
from functions.orders.services import Services
from tests.contract.feed.providers import alpaca
from tests.fixtures.databases import Databases
from tests.fixtures.gateway import Gateway, Keys
from tests.fixtures.live_feed import running_feed, until
from tests.fixtures.trading import TradingWorld

pytestmark = [pytest.mark.postgres, pytest.mark.redis]


@dataclass
class Stage:
    """A simulated Alpaca in which only what is pushed trades, the live feed, and the orders function of a trader."""

    world: TradingWorld
    directory: Path
    redis_url: str
    bus: InProcessEventBus = field(default_factory=InProcessEventBus)

    def __post_init__(self) -> None:
        keys = Keys.generate()
        services = Services(orders=OrderStore(self.world.databases.app), events=self.bus)
        self.api = Gateway(http_handler(lambda: create_app(services, keys.verifier())))
        self.api.headers |= keys.bearer(self.world.user_id, "trader")
        self.vendor_up = ExitStack()
        market = SimulatedMarket(seed=1, symbols=("AAPL",), until=datetime(2020, 2, 1, tzinfo=UTC))
        self.vendor = self.vendor_up.enter_context(AlpacaSimulator(market, Faults()))

    @contextmanager
    def running(self) -> Iterator[None]:
        settings = alpaca.settings_of(self.vendor)
        history = AlpacaHistory(settings)
        live = AlpacaLive(settings, history, backoff=Backoff(first_s=0.01, longest_s=0.05))
        feed = BackfilledFeed(live, history)
        with running_feed(feed, self.world.databases, self.redis_url, self.directory, bus=self.bus):
            until(lambda: "AAPL" in self.vendor.subscribed())
            yield

    def trade(self, bid: str, ask: str) -> None:
        self.vendor.push_quote("AAPL", bid, ask)
        self.vendor.push("AAPL", ask, "100")

    def trade_until_known(self) -> None:
        """Trade after trade: one that history tells as well says nothing of now."""

        def traded_and_known() -> bool:
            self.trade("99.99", "100.01")
            return bool(self.ask()["allowed"])

        until(traded_and_known)

    def ask(self, path: str = "/preview", **terms: Any) -> Any:
        """An order for ten AAPL, at the market unless a limit is given; a preview of it unless it is sent."""
        body = {"client_order_id": uuid4().hex, "symbol": "AAPL", "side": "buy", "quantity": "10"}
        kind = {"order_type": "limit" if terms else "market"}
        answer = self.api.post(f"/v1/orders{path}", body | kind | terms)
        assert answer.status in (200, 201), answer.body
        return answer.json

    def why_not(self) -> str:
        """What the check on halts says of a market order now."""
        return "".join(check["message"] for check in self.ask()["checks"] if check["name"] == "symbol_halted")


@pytest.fixture
def stage(databases: Databases, user_factory: Callable[..., UUID], tmp_path: Path, redis_url: str) -> Iterator[Stage]:
    world = TradingWorld(databases, user_factory("trader"))
    world.list_symbol("AAPL")
    made = Stage(world, tmp_path, redis_url)
    with made.vendor_up:
        yield made


def test_a_halt_refuses_market_orders_holds_limit_orders_and_ends(stage: Stage) -> None:
    heard = stage.bus.listen([BATCH_CHANNEL], 0.05)
    with stage.running():
        assert "not known" in stage.why_not()  # connected, and nothing was heard of AAPL yet
        stage.trade_until_known()
        stage.vendor.halt("AAPL")
        until(lambda: not stage.ask()["allowed"])
        assert (stage.vendor.subscribed(), stage.vendor.watched()) == ({"AAPL"}, set())  # it makes no trades of it
        refused = stage.ask("")
        assert refused["status"] == "denied"
        assert refused["reason"] == (
            "Trading in AAPL is halted (Halt News Pending). "
            "A market order is refused until trading resumes; place a limit order, or wait for that."
        )
        waiting = stage.ask("", limit_price="101")
        assert waiting["status"] == "pending_new"
        gateway = stage.world.gateway()
        gateway.turn()
        assert stage.world.order(UUID(waiting["id"]))["status"] == "new"
        stage.vendor.resume("AAPL")
        stage.trade("100.30", "100.50")
        until(lambda: gateway.turn() and stage.world.order(UUID(waiting["id"]))["status"] == "filled")
        assert stage.ask()["allowed"]
    assert stage.world.order(UUID(waiting["id"]))["average_fill_price"] == Decimal("100.50")
    badges = [status["halted"] for event in _so_far(heard) for status in event["statuses"]]
    assert badges == [False, True, False]  # known to trade, halted, resumed


def _so_far(heard: Iterator[tuple[str, Any] | None]) -> Iterator[Any]:
    """What was published with a state of trading in it."""
    while (event := next(heard)) is not None:
        if event[1].get("statuses"):
            yield event[1]
    heard.close()  # type: ignore[attr-defined]  # a generator


def test_a_lost_connection_makes_it_unknown_until_the_symbol_trades_again(stage: Stage) -> None:
    with stage.running():
        stage.trade_until_known()
        stage.vendor.drop_connections()
        until(lambda: "not heard of since the feed connected" in stage.why_not())
        stage.trade_until_known()
        stage.vendor_up.close()  # the vendor is gone
        until(lambda: "the feed's connection is lost" in stage.why_not())
        assert stage.ask("")["status"] == "denied"
