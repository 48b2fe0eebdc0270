"""Yahoo: the real yfinance against a simulated server. Its clock stands at 2024-12-01, within reach of every test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta

from causeway.adapters.feeds.retrying import Retries
from causeway.adapters.feeds.yahoo_client import YahooClient
from causeway.model.time import BarSize
from causeway.simulators.faults import Faults
from causeway.simulators.market import SimulatedMarket
from causeway.simulators.registry import FAULTS_OF
from causeway.simulators.yahoo import open_simulator
from tests.contract.feed.providers.bench import Bench

_BREAKS = FAULTS_OF["yahoo"]


@contextmanager
def open_bench(market: SimulatedMarket) -> Iterator[Bench]:
    faults = Faults()
    with open_simulator(market, faults) as simulator, ExitStack() as opened:
        url = simulator.settings["CAUSEWAY_YAHOO_URL"]

        def at(now: datetime) -> YahooClient:
            client = YahooClient(
                url=url,
                requests_per_s=10_000,
                timeout_s=1.0,
                throttled_s=0.05,
                retries=Retries(budget_s=4.0, first_wait_s=0.02, longest_wait_s=0.05, attempts=3),
                daily_page=timedelta(days=400),
                now=lambda: now,
            )
            opened.callback(client.close)
            return client

        client = at(datetime(2024, 12, 1, tzinfo=UTC))
        yield Bench(client, market, faults, _BREAKS, BarSize.HOUR_1, requests=lambda: simulator.requests, at=at)
