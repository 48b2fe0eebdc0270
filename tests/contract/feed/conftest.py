"""Every provider under one suite. A provider is a module of ``providers`` with a function ``open_bench``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest

from causeway.model.time import BarSize
from causeway.simulators.market import SimulatedMarket
from tests.contract.feed.providers.bench import Bench

_PROVIDERS = sorted(
    path.stem for path in (Path(__file__).parent / "providers").glob("*.py") if path.stem not in {"__init__", "bench"}
)


@pytest.fixture(scope="session")
def simulated_market() -> SimulatedMarket:
    """Made before the first request, so that no short time-out measures the making."""
    market = SimulatedMarket(seed=1)
    for symbol in ("MSFT", "AAPL"):
        market.bars(symbol, BarSize.DAY_1, datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 9, tzinfo=UTC))
    return market


@pytest.fixture(params=_PROVIDERS)
def bench(request: pytest.FixtureRequest, simulated_market: SimulatedMarket) -> Iterator[Bench]:
    module = import_module(f"tests.contract.feed.providers.{request.param}")
    with module.open_bench(simulated_market) as opened:
        yield opened
