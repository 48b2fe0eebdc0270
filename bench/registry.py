"""Which benchmarks there are. A benchmark yields cases; a case is measured only when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from bench.line import Line
from bench.timing import Timing


class PeerRun(Protocol):
    """Work that a peer has been handed; every call is one timed run of it."""

    versions: dict[str, str]

    def __call__(self) -> Timing: ...


class Peers(Protocol):
    """Where the peers run."""

    def prepare(self, work: str, **arguments: object) -> PeerRun:
        """Hand work to a peer and warm it up.

        Raises:
            PeerMissing: the peer is not installed; the message says what to do.
        """
        ...


class PeerMissing(Exception):  # noqa: N818 - a state of the machine, not a failure
    """The peer is not installed."""


class NoPeers:
    """For runs that measure our side alone."""

    def prepare(self, work: str, **arguments: object) -> PeerRun:  # noqa: ARG002
        raise PeerMissing("peers are switched off")


@dataclass(frozen=True, slots=True)
class Run:
    """How thoroughly to measure; ``full`` is for sizes that take many minutes to make."""

    peers: Peers
    quick: bool = False
    full: bool = False

    @property
    def rounds(self) -> int:
        """Turns of ours and of the peer; the line holds their medians."""
        return 3 if self.quick else 5


@dataclass(frozen=True, slots=True)
class Case:
    """A name, and the measurement that makes its line."""

    name: str
    measure: Callable[[Run], Line]


@dataclass(frozen=True, slots=True)
class Benchmark:
    name: str
    claim: str
    cases: Callable[[], Iterator[Case]]


_MODULES = (
    "te_single",
    "te_surrogates",
    "te_network",
    "te_gaussian",
    "te_cold",
    "te_scaling",
    "te_gpu",
    "te_cost",
    "store_load",
    "store_upsert",
    "store_read",
    "store_latest",
    "cache",
    "stream",
    "stream",
)


def benchmarks() -> dict[str, Benchmark]:
    """Every benchmark by its name, in the order in which the documentation lists them."""
    found = [import_module(f"bench.cases.{module}").BENCHMARK for module in _MODULES]
    return {benchmark.name: benchmark for benchmark in found}
