"""What IDTxl did in whole runs that are too long for every benchmark run; made by ``bench.peers.record``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.timing import Timing

_HERE = Path(__file__).resolve().parent
Link = tuple[int, int, int]  # (source, target, lag)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recorded run over some targets of a system."""

    content: dict[str, Any]

    @property
    def targets(self) -> list[int]:
        return [int(target) for target in self.content["targets"]]

    @property
    def links(self) -> set[Link]:
        """Every selected source variable."""
        return {tuple(link) for target in self.content["targets"].values() for link in target["links"]}

    @property
    def counts(self) -> dict[tuple[int, int], int]:
        """How many estimates, by (dimensions of x, dimensions of z)."""
        counts: dict[tuple[int, int], int] = {}
        for target in self.content["targets"].values():
            for dim_x, dim_z, count in target["estimates"]:
                counts[dim_x, dim_z] = counts.get((dim_x, dim_z), 0) + count
        return counts

    @property
    def summary(self) -> str:
        """How many estimates, when, and what the recorded runs themselves took."""
        timed = {name: target["cpu_s"] for name, target in self.content["targets"].items() if target["cpu_s"]}
        seconds = f"; targets {', '.join(timed)} took {sum(timed.values()):.0f} CPU s then" if timed else ""
        return f"{sum(self.counts.values())} estimates, recorded {self.content['machine']['at'][:10]}{seconds}"

    def whole(self, timing: Timing) -> Timing:
        """Seconds of the whole run from seconds per estimate of each shape, in the order of ``counts``."""
        counts = list(self.counts.values())
        wall, cpu = (
            sum(count * seconds[kind] for count, seconds in zip(counts, timing.value, strict=True)) for kind in (0, 1)
        )
        return Timing(wall, cpu, timing.value)


def recorded(name: str) -> Recorded | None:
    """The run of this name; None if it was never recorded."""
    path = _HERE / f"{name}.json"
    return Recorded(json.loads(path.read_text())) if path.exists() else None
