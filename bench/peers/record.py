"""Run IDTxl once on a whole piece of work that is too long for every benchmark run, and write down what it did.

``python -m bench.peers.record mute-5x1000 0 1 2 3 4`` in an environment with IDTxl writes
``bench/recorded/mute-5x1000.json``: per target the links, the seconds, and how many estimates of which shape. A
benchmark then times estimates of those shapes and multiplies. With ``--stand-in`` (in an environment that has our
package too) the estimates are ours: quicker, the same decisions, and no seconds to be written down.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from bench.machine import machine
from bench.peers.estimates import jidt_estimator
from bench.peers.idtxl_networks import multivariate_te
from bench.peers.stand_in import our_estimates
from bench.systems import Array, mute_system, sparse_linear
from bench.timing import once

RECORDED = Path(__file__).resolve().parent.parent / "recorded"
MAX_LAG = 5
PERMUTATIONS = 200
SEED = 1
_ESTIMATOR = "JidtKraskovCMI"


def system(name: str) -> Array:
    """The data of a named piece of work."""
    if name == "mute-5x1000":
        return mute_system(1000)
    if name == "linear-20x2000":
        return sparse_linear(2000, 20)
    if name == "linear-100x2500":  # too long for IDTxl: nothing is recorded
        return sparse_linear(2500, 100)
    raise KeyError(name)


def record(name: str, targets: Sequence[int], *, stand_in: bool = False) -> dict[str, Any]:
    """One target after the other, each with its own count; targets recorded before are kept."""
    path = RECORDED / f"{name}.json"
    done = json.loads(path.read_text())["targets"] if path.exists() else {}
    versions: dict[str, str] = {}
    for target in targets:
        done[str(target)], versions = _target(name, target, stand_in)
        print(target, done[str(target)], flush=True)
    return {
        "system": name,
        "estimator": _ESTIMATOR,
        "max_lag": MAX_LAG,
        "permutations": PERMUTATIONS,
        "seed": SEED,
        "machine": machine(),
        "versions": versions,
        "targets": dict(sorted(done.items())),
    }


def _target(name: str, target: int, stand_in: bool) -> tuple[dict[str, Any], dict[str, str]]:
    work, versions = multivariate_te(system(name), [target], _ESTIMATOR, PERMUTATIONS, MAX_LAG, SEED)
    with our_estimates(type(jidt_estimator(_ESTIMATOR))) if stand_in else nullcontext():
        timing = once(work)
    cpu_s = None if stand_in else round(timing.cpu_s, 1)
    return {"estimates_by": "stand-in" if stand_in else "JIDT", "cpu_s": cpu_s, **timing.value}, versions


def write(content: dict[str, Any]) -> None:
    """One line per target."""
    lines = [f"  {json.dumps(name)}: {json.dumps(target)}" for name, target in content["targets"].items()]
    head = json.dumps({**content, "targets": None}, indent=1)
    text = head.replace('"targets": null', '"targets": {\n' + ",\n".join(lines) + "\n }")
    (RECORDED / f"{content['system']}.json").write_text(text + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.peers.record")
    parser.add_argument("system", choices=["mute-5x1000", "linear-20x2000"])
    parser.add_argument("targets", nargs="+", type=int)
    parser.add_argument("--stand-in", action="store_true")
    options = parser.parse_args()
    write(record(options.system, options.targets, stand_in=options.stand_in))


if __name__ == "__main__":
    main()
