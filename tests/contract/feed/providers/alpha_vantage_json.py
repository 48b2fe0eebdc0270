"""Alpha Vantage, asked for JSON."""

from __future__ import annotations

from contextlib import AbstractContextManager

from causeway.simulators.market import SimulatedMarket
from tests.contract.feed.providers import alpha_vantage_csv
from tests.contract.feed.providers.bench import Bench


def open_bench(market: SimulatedMarket) -> AbstractContextManager[Bench]:
    return alpha_vantage_csv.open_bench(market, "json")
