"""One line of output: what was measured, against what, and whether that is enough."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bench.goals import Goal, Reached, all_reached
from bench.timing import Timing

Measured = dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Line:
    """A measured case. ``peer_time`` is None where the peer is not installed or there is none.

    ``measured`` holds further numbers under their names (bytes, exponents, estimates); goals may refer to them.
    ``note`` names what was extrapolated, left out or recorded earlier.
    """

    name: str
    case: str
    ours: Timing | None
    peer: str | None = None
    peer_time: Timing | None = None
    goals: tuple[Goal, ...] = ()
    measured: Measured = field(default_factory=dict)
    note: str = ""
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        """CPU seconds of the peer over ours."""
        if self.ours is None or self.peer_time is None or self.ours.cpu_s <= 0:
            return None
        return self.peer_time.cpu_s / self.ours.cpu_s

    @property
    def ok(self) -> Reached:
        """Whether every goal is reached; None where one of them could not be measured here."""
        return all_reached(self.goals, self._numbers())

    def as_json(self, machine: dict[str, Any], versions: dict[str, str]) -> dict[str, Any]:
        """The line's fields in plain JSON types."""
        numbers = self._numbers()
        return {
            "name": self.name,
            "case": self.case,
            "ours_s": numbers["ours_s"],
            "ours_cpu_s": numbers["ours_cpu_s"],
            "peer": self.peer,
            "peer_s": numbers["peer_s"],
            "peer_cpu_s": numbers["peer_cpu_s"],
            "ratio": numbers["ratio"],
            "goal": "; ".join(map(str, self.goals)) or None,
            "ok": self.ok,
            "measured": self.measured,
            "note": self.note,
            "machine": machine,
            "versions": {**versions, **self.versions},
        }

    def _numbers(self) -> Measured:
        ours, peer = self.ours, self.peer_time
        return {
            **self.measured,
            "ours_s": ours.wall_s if ours else None,
            "ours_cpu_s": ours.cpu_s if ours else None,
            "peer_s": peer.wall_s if peer else None,
            "peer_cpu_s": peer.cpu_s if peer else None,
            "ratio": self.ratio,
        }
