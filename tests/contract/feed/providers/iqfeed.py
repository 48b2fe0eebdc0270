"""IQFeed under the suite."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from causeway.adapters.feeds.iqfeed_client import IqfeedHistory, IqfeedLive
from causeway.adapters.feeds.reconnecting import Backoff
from causeway.adapters.feeds.retrying import Retries
from causeway.model.time import BarSize
from causeway.settings import IqfeedSettings
from causeway.simulators.faults import Faults
from causeway.simulators.iqfeed import IqfeedSimulator
from causeway.simulators.market import SimulatedMarket
from causeway.simulators.registry import FAULTS_OF
from tests.contract.feed.providers.bench import Bench, make_prices, settings_in

BREAKS = FAULTS_OF["iqfeed"]


def settings_of(simulator: IqfeedSimulator) -> IqfeedSettings:
    return IqfeedSettings.model_validate(settings_in(simulator))


@contextmanager
def open_bench(market: SimulatedMarket) -> Iterator[Bench]:
    faults = Faults()
    make_prices(market)
    with IqfeedSimulator(market, faults, heartbeat_s=0.1) as simulator:
        settings = settings_of(simulator)
        retries = Retries(budget_s=2.0, first_wait_s=0.05, attempts=3)
        yield Bench(
            at=lambda now: IqfeedHistory(settings, timeout_s=1.5, retries=retries, clock=lambda: now),
            feed=IqfeedHistory(settings, timeout_s=1.5, retries=retries),
            market=market,
            faults=faults,
            breaks=BREAKS,
            intraday=BarSize.MINUTE_5,
            live=IqfeedLive(settings, silence_s=1.5, backoff=Backoff(first_s=0.05, longest_s=0.1)),
            push=simulator.push,
            push_quote=simulator.push_quote,
            drop_connections=simulator.drop_connections,
            requests=lambda: simulator.lookup.requests,
        )
