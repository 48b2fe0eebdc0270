"""Alpha Vantage, asked for CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import Literal

from causeway.adapters.feeds.alpha_vantage import AlphaVantage
from causeway.adapters.feeds.process_budget import ProcessBudget
from causeway.adapters.feeds.retrying import Retries
from causeway.model.time import BarSize, now_utc
from causeway.simulators.alpha_vantage import open_simulator
from causeway.simulators.faults import Faults
from causeway.simulators.market import SimulatedMarket
from causeway.simulators.registry import FAULTS_OF
from tests.contract.feed.providers.bench import Bench

_BREAKS = FAULTS_OF["alphavantage"]


@contextmanager
def open_bench(market: SimulatedMarket, datatype: Literal["csv", "json"] = "csv") -> Iterator[Bench]:
    faults = Faults()
    with open_simulator(market, faults) as simulator, ExitStack() as opened:

        def feed(now: Callable[[], datetime] = now_utc) -> AlphaVantage:
            made = AlphaVantage(
                "key-of-the-test",
                url=simulator.settings["CAUSEWAY_ALPHAVANTAGE_URL"],
                per_minute=1000,
                per_day=1000,
                budget=ProcessBudget(),
                datatype=datatype,
                timeout_s=1.0,
                throttled_s=0.05,
                retries=Retries(budget_s=4.0, first_wait_s=0.02, longest_wait_s=0.05, attempts=3),
                now=now,
            )
            opened.callback(made.close)
            return made

        def at(now: datetime) -> AlphaVantage:
            simulator.now = lambda: now + timedelta(days=2)
            return feed(lambda: now)

        yield Bench(
            feed(),
            market,
            faults,
            _BREAKS,
            BarSize.MINUTE_5,
            requests=lambda: simulator.requests,
            at=at,
        )
