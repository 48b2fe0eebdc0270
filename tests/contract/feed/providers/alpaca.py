"""Alpaca under the suite."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import causeway.adapters.feeds.alpaca.rest  # noqa: F401 - imports alpaca-py now, so that no time-out counts it
from causeway.adapters.feeds.alpaca_data import AlpacaHistory, AlpacaLive
from causeway.adapters.feeds.reconnecting import Backoff
from causeway.adapters.feeds.retrying import Retries
from causeway.model.time import BarSize
from causeway.settings import AlpacaDataSettings
from causeway.simulators.alpaca import AlpacaSimulator
from causeway.simulators.faults import Fault, Faults
from causeway.simulators.market import SimulatedMarket
from tests.contract.feed.providers.bench import Bench

BREAKS = frozenset(Fault) - {Fault.NULLS, Fault.SKEW}
_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def settings_of(simulator: AlpacaSimulator) -> AlpacaDataSettings:
    return AlpacaDataSettings.model_validate(
        {name.removeprefix("CAUSEWAY_").lower(): value for name, value in simulator.settings.items()}
    )


@contextmanager
def open_bench(market: SimulatedMarket) -> Iterator[Bench]:
    faults = Faults()
    for symbol in ("AAPL", "IBM", "MSFT"):
        market.bars(symbol, BarSize.DAY_1, _LONG_AGO, _LONG_AGO)  # made now, so that no time-out counts it
    with AlpacaSimulator(market, faults) as simulator:
        settings = settings_of(simulator)
        retries = Retries(budget_s=3.0, first_wait_s=0.05, attempts=3)
        feed = AlpacaHistory(settings, timeout_s=1.5, retries=retries, page_rows=300)
        yield Bench(
            feed=feed,
            market=market,
            faults=faults,
            breaks=BREAKS,
            intraday=BarSize.MINUTE_5,
            live=AlpacaLive(settings, feed, silence_s=1.5, backoff=Backoff(first_s=0.05, longest_s=0.1)),
            push=simulator.push,
            push_quote=simulator.push_quote,
            drop_connections=simulator.drop_connections,
            requests=lambda: simulator.rest.requests,
        )
