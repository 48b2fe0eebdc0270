"""Simulated vendors by name; each is a module with ``open_simulator``, imported when it is used."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self, runtime_checkable

from causeway.errors import InvalidInput
from causeway.simulators.faults import Fault, Faults

if TYPE_CHECKING:
    from causeway.simulators.halts import PlannedHalt
    from causeway.simulators.market import SimulatedMarket

_MODULES = {
    "yahoo": "causeway.simulators.yahoo",
    "alphavantage": "causeway.simulators.alpha_vantage",
    "iqfeed": "causeway.simulators.iqfeed",
    "alpaca": "causeway.simulators.alpaca",
}
VENDORS = tuple(_MODULES)
FAULTS_OF: Mapping[str, frozenset[Fault]] = {
    "yahoo": frozenset(Fault) - {Fault.PREMIUM, Fault.SKEW},
    "alphavantage": frozenset(Fault) - {Fault.SKEW},
    "iqfeed": frozenset(Fault) - {Fault.THROTTLE, Fault.NULLS, Fault.PREMIUM},
    "alpaca": frozenset(Fault) - {Fault.NULLS},
}  # what can go wrong at which vendor
HALTING = ("alpaca",)  # vendors whose protocol tells of halts
FLAWED = ("yahoo",)  # whose data can have flaws
_REPLAYING = ("yahoo", "alphavantage")


class Simulator(Protocol):
    """A context manager: served on 127.0.0.1 within. ``settings`` is what to set so that Causeway uses it."""

    @property
    def settings(self) -> Mapping[str, str]: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None: ...


@runtime_checkable
class Streaming(Protocol):
    """A simulator whose vendor streams."""

    def stream(self, rate: float) -> None:
        """From now on make ``rate`` trades a second among the symbols that somebody watches."""
        ...


@runtime_checkable
class Halting(Protocol):
    """A simulator whose vendor tells of halts: those of HALTING."""

    def plan_halt(self, halt: PlannedHalt) -> None:
        """Halt a symbol, and let it trade again, at its time."""
        ...


def open_simulator(
    vendor: str, market: SimulatedMarket, faults: Faults, *, port: int = 0, recordings: Path | None = None
) -> Simulator:
    """The simulated ``vendor`` on ``port`` (0: a free one; IQFeed takes that and the next three).

    ``recordings``: a directory of recorded answers, which are given first (``simulators.recordings``).

    Raises:
        InvalidInput: there is no such simulator, it replays none, or there are none in the directory.
    """
    if vendor not in _MODULES:
        raise InvalidInput(f"there is no simulator of {vendor!r}; expected one of {', '.join(VENDORS)}")
    if recordings is not None and vendor not in _REPLAYING:
        raise InvalidInput(f"the simulated {vendor} replays no recordings; {' and '.join(_REPLAYING)} do")
    options: dict[str, Any] = {"port": port} if recordings is None else {"port": port, "recordings": recordings}
    simulator: Simulator = import_module(_MODULES[vendor]).open_simulator(market, faults, **options)
    return simulator
