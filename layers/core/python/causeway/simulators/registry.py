"""Simulated vendors by name; each is a module with ``open_simulator``, imported when it is used."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import TracebackType
from typing import Protocol, Self

from causeway.errors import InvalidInput
from causeway.simulators.faults import Faults
from causeway.simulators.market import SimulatedMarket

_MODULES = {
    "yahoo": "causeway.simulators.yahoo",
    "alphavantage": "causeway.simulators.alpha_vantage",
    "iqfeed": "causeway.simulators.iqfeed",
    "alpaca": "causeway.simulators.alpaca",
}
VENDORS = tuple(_MODULES)


class Simulator(Protocol):
    """A context manager: served on 127.0.0.1 within. ``settings`` is what to set so that Causeway uses it."""

    @property
    def settings(self) -> Mapping[str, str]: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None: ...


def open_simulator(vendor: str, market: SimulatedMarket, faults: Faults, *, port: int = 0) -> Simulator:
    """The simulated ``vendor`` on ``port`` (0: a free one; IQFeed takes that and the next three).

    Raises:
        InvalidInput: there is no such simulator.
    """
    if vendor not in _MODULES:
        raise InvalidInput(f"there is no simulator of {vendor!r}; expected one of {', '.join(VENDORS)}")
    simulator: Simulator = import_module(_MODULES[vendor]).open_simulator(market, faults, port=port)
    return simulator
