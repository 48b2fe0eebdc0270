"""A clock that moves only when work says so, and peers without packages."""

from __future__ import annotations

from dataclasses import dataclass, field

from bench.registry import PeerMissing
from bench.timing import Timing


@dataclass
class FakeClock:
    """Work calls ``spend``."""

    wall_s: float = 0.0
    cpu_s: float = 0.0

    def wall(self) -> float:
        return self.wall_s

    def cpu(self) -> float:
        return self.cpu_s

    def spend(self, wall_s: float, cpu_s: float) -> None:
        self.wall_s += wall_s
        self.cpu_s += cpu_s


@dataclass
class FixedRun:
    """A peer's work that always takes the same time."""

    timing: Timing
    versions: dict[str, str] = field(default_factory=lambda: {"peer": "1.2"})

    def __call__(self) -> Timing:
        return self.timing


@dataclass
class FakePeers:
    """``Peers`` that have one thing to offer, or nothing."""

    timing: Timing | None = None

    def prepare(self, work: str, **arguments: object) -> FixedRun:
        if self.timing is None:
            raise PeerMissing("peer not installed (No module named 'slow'): run `make bench` once")
        return FixedRun(self.timing)
