"""Run IDTxl once on a whole piece of work that is too long for every benchmark run, and write down what it did.

``python -m bench.peers.record mute-5x1000 0 1 2 3 4`` in an environment with IDTxl writes
``bench/recorded/mute-5x1000.json``: links, seconds, and how many estimates of which shape. A benchmark then times
estimates of those shapes and multiplies.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from bench.machine import machine
from bench.peers.idtxl_networks import multivariate_te
from bench.systems import Array, mute_system, sparse_linear
from bench.timing import once

RECORDED = Path(__file__).resolve().parent.parent / "recorded"
MAX_LAG = 5
PERMUTATIONS = 200
SEED = 1


def system(name: str) -> Array:
    """The data of a named piece of work."""
    if name == "mute-5x1000":
        return mute_system(1000)
    if name == "linear-20x2000":
        return sparse_linear(2000, 20)
    raise KeyError(name)


def record(name: str, targets: list[int], estimator: str = "JidtKraskovCMI") -> dict[str, Any]:
    """One target after the other, each with its own count."""
    done: dict[str, Any] = {}
    for target in targets:
        work, versions = multivariate_te(system(name), [target], estimator, PERMUTATIONS, MAX_LAG, SEED)
        timing = once(work)
        done[str(target)] = {"wall_s": timing.wall_s, "cpu_s": timing.cpu_s, **timing.value}
        print(target, timing, file=sys.stderr, flush=True)
    return {
        "system": name,
        "estimator": estimator,
        "max_lag": MAX_LAG,
        "permutations": PERMUTATIONS,
        "seed": SEED,
        "machine": machine(),
        "versions": versions,
        "targets": done,
    }


if __name__ == "__main__":
    found = record(sys.argv[1], [int(target) for target in sys.argv[2:]])
    (RECORDED / f"{sys.argv[1]}.json").write_text(json.dumps(found, indent=1) + "\n")
