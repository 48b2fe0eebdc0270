"""The peers' end: reads pickled requests on standard input, answers on standard output, until the input ends.

Started by ``bench.peers.client`` alone. Whatever a peer prints goes to standard error.
"""

from __future__ import annotations

import os
import pickle
import sys
import traceback
from importlib import import_module
from typing import Any, BinaryIO

from bench.clock import OneThreadClock
from bench.timing import Turn, turn

WARM_UP_CPU_S = 1.0
_MODULES = ("estimates", "idtxl_networks", "arrow_reads")


def main() -> None:
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    turns: dict[int, Turn] = {}
    for request in _requests(sys.stdin.buffer):
        pickle.dump(answer(request, turns), replies)
        replies.flush()


def _requests(stream: BinaryIO) -> Any:
    while True:
        try:
            yield pickle.load(stream)
        except EOFError:
            return


def answer(request: tuple[Any, ...], turns: dict[int, Turn]) -> tuple[str, Any]:
    try:
        if request[0] == "run":
            return "done", turns[request[1]]()
        _, number, work, arguments = request
        turns[number], versions = prepare(work, arguments)
    except ImportError as error:
        return "missing", f"peer not installed ({error})"
    except Exception:  # it is handed to the other side
        return "failed", traceback.format_exc()
    return "done", versions


def prepare(work: str, arguments: dict[str, Any]) -> tuple[Turn, dict[str, str]]:
    """The peer's function makes the work, and says by which versions. Work may bring a clock of its own."""
    module = next(m for m in (import_module(f"bench.peers.{name}") for name in _MODULES) if hasattr(m, work))
    warm = arguments.pop("warm", True)
    call, versions = getattr(module, work)(**arguments)
    clock = getattr(call, "clock", None) or OneThreadClock()
    return turn(call, clock, warm=warm, warm_up_cpu_s=WARM_UP_CPU_S), versions


if __name__ == "__main__":
    main()
