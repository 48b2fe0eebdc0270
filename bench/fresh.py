"""A job in a fresh process: what a first use costs, and how much memory a job needs on its own."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from bench.timing import Timing, once

# As the workers of an analysis set it: shards already use every core.
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMBA")}
_STATUS = Path("/proc/self/status")


def fresh(job: str, *arguments: Any, env: Mapping[str, str] | None = None) -> Timing:
    """Run ``package.module:function`` with plain arguments; its value is the reply with ``peak_bytes`` beside it.

    The seconds go from the start of the interpreter to its end.

    Raises:
        subprocess.CalledProcessError: the job failed; its traceback is on standard error.
    """
    command = [sys.executable, "-m", "bench.fresh", job, json.dumps(arguments)]
    root = str(Path(__file__).resolve().parents[1])
    environment = {**os.environ, **(env or {})}

    def work() -> Any:
        output = subprocess.run(
            command, cwd=root, env=environment, stdout=subprocess.PIPE, check=True, text=True
        ).stdout
        return json.loads(output.splitlines()[-1])

    return once(work)


def peak_bytes() -> int:
    """Largest resident size of this process so far.

    VmHWM where there is one: ru_maxrss of a child starts at what its parent held.
    """
    if _STATUS.exists():
        line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main(job: str, arguments: str) -> None:
    module, _, function = job.partition(":")
    begin = time.perf_counter()
    reply = getattr(import_module(module), function)(*json.loads(arguments))
    print(json.dumps({**reply, "job_s": time.perf_counter() - begin, "peak_bytes": peak_bytes()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
