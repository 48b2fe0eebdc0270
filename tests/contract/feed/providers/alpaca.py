"""Alpaca under the suite."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import causeway.adapters.feeds.alpaca.rest  # noqa: F401 - imports alpaca-py now, so that no time-out counts it
from causeway.adapters.feeds.alpaca_data import AlpacaHistory, AlpacaLive
from causeway.adapters.feeds.reconnecting import Backoff
from causeway.adapters.feeds.retrying import Retries
from causeway.model.time import BarSize
from causeway.settings import AlpacaDataSettings
from causeway.simulators.alpaca import AlpacaSimulator
from causeway.simulators.faults import Faults
from causeway.simulators.market import SimulatedMarket
from causeway.simulators.registry import FAULTS_OF
from tests.contract.feed.providers.bench import Bench, make_prices, settings_in

BREAKS = FAULTS_OF["alpaca"]


def settings_of(simulator: AlpacaSimulator) -> AlpacaDataSettings:
    return AlpacaDataSettings.model_validate(settings_in(simulator))


@contextmanager
def open_bench(market: SimulatedMarket) -> Iterator[Bench]:
    faults = Faults()
    make_prices(market)
    with AlpacaSimulator(market, faults) as simulator:
        settings = settings_of(simulator)
        retries = Retries(budget_s=3.0, first_wait_s=0.05, attempts=3)
        feed = AlpacaHistory(settings, timeout_s=1.5, retries=retries, page_rows=300)
        yield Bench(
            at=lambda now: AlpacaHistory(settings, timeout_s=1.5, retries=retries, clock=lambda: now),
            feed=feed,
            market=market,
            faults=faults,
            breaks=BREAKS,
            intraday=BarSize.MINUTE_5,
            live=AlpacaLive(settings, feed, silence_s=1.5, backoff=Backoff(first_s=0.05, longest_s=0.1)),
            push=simulator.push,
            push_quote=simulator.push_quote,
            push_status=simulator.push_status,
            push_bands=simulator.push_bands,
            drop_connections=simulator.drop_connections,
            requests=lambda: simulator.rest.requests,
        )
