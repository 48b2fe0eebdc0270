"""What the contract suite needs of a provider: the feed, against a simulated vendor that it can break."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from causeway.model.time import BarSize
from causeway.ports.feed import HistoricalFeed, LiveFeed
from causeway.simulators.faults import Fault, Faults
from causeway.simulators.market import SimulatedMarket
from causeway.simulators.registry import Simulator


@dataclass
class Bench:
    """``breaks`` are the faults that this vendor can have; a case about another one is skipped with that reason.

    ``push`` makes the vendor send one trade (symbol, price, size) and ``push_quote`` one quote (symbol, bid, ask) to
    whoever streams; live feeds only. ``push_status`` (symbol, code H or T, text) and ``push_bands`` (symbol, lower,
    upper) where the vendor tells of halts. ``intraday`` is a bar size below a day that it serves, or None. ``at`` gives
    the feed with a clock that stands, while the vendor serves later bars too; None where a provider has no clock.
    """

    feed: HistoricalFeed
    market: SimulatedMarket
    faults: Faults
    breaks: frozenset[Fault]
    intraday: BarSize | None = None
    live: LiveFeed | None = None
    push: Callable[[str, str, str], None] | None = None
    push_quote: Callable[[str, str, str], None] | None = None
    push_status: Callable[[str, str, str], None] | None = None
    push_bands: Callable[[str, str, str], None] | None = None
    drop_connections: Callable[[], None] | None = None
    requests: Callable[[], int] | None = None
    at: Callable[[datetime], HistoricalFeed] | None = None
    notes: list[str] = field(default_factory=list)


_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def make_prices(market: SimulatedMarket) -> None:
    """Make the prices that the cases use now, so that no time-out counts it."""
    for symbol in ("AAPL", "IBM", "MSFT"):
        market.bars(symbol, BarSize.DAY_1, _LONG_AGO, _LONG_AGO)


def settings_in(simulator: Simulator) -> dict[str, str]:
    """What the simulator says to set, by the names of the settings' fields."""
    return {name.removeprefix("CAUSEWAY_").lower(): value for name, value in simulator.settings.items()}
