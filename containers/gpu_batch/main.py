"""Entry of the analysis container.

    python -m containers.gpu_batch.main runner                        claim and run queued jobs on this machine
    python -m containers.gpu_batch.main stage prepare --job ID        one stage of a job
    python -m containers.gpu_batch.main shard --job ID --index 3      one target of a job
    python -m containers.gpu_batch.main claim --job ID                targets of a job until none waits
    python -m containers.gpu_batch.main warm-up                       compile the nearest-neighbour kernels; in the
                                                                      background, a runner starts it by itself

Job and index may come from CAUSEWAY_JOB_ID and CAUSEWAY_SHARD_INDEX, as AWS Batch passes them.
Exit codes: 0 done, 1 failed (the cause is stored with the job or shard), 3 cancelled.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from containers.gpu_batch.wiring import Device
    from containers.gpu_batch.work import AnalysisWork

_log = logging.getLogger(__name__)
CANCELLED = 3
_WATCH_PARENT = "end when standard input does"


def main(arguments: Sequence[str] | None = None, device: Device = "cpu") -> int:
    """Run one command; its exit code."""
    # One thread per process: shards already use every core, and sums do not depend on a machine's core count.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    logging.basicConfig(level=os.environ.get("CAUSEWAY_LOG_LEVEL", "INFO"), format="%(levelname)s %(name)s %(message)s")
    options = _parse(arguments)
    if options.command == "runner":
        return _runner()
    if options.watch_parent:
        threading.Thread(target=_follow_parent, name="parent watch", daemon=True).start()
    if options.command == "warm-up":
        return _warm_up()

    from causeway.analysis.information.inference.network import InferenceCancelled
    from containers.gpu_batch.wiring import build_work

    work = build_work(device)
    try:
        return _work(work, options)
    except InferenceCancelled:
        return CANCELLED
    finally:
        work.runs.close()


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m containers.gpu_batch.main", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("runner")
    commands.add_parser("warm-up").add_argument("--watch-parent", action="store_true", help=_WATCH_PARENT)
    for name in ("stage", "shard", "claim"):
        command = commands.add_parser(name)
        if name == "stage":
            command.add_argument("name", choices=["validate", "prepare", "aggregate", "signals", "evaluation", "store"])
        if name == "shard":
            command.add_argument("--index", type=int, default=int(os.environ.get("CAUSEWAY_SHARD_INDEX", "-1")))
        job = os.environ.get("CAUSEWAY_JOB_ID")
        command.add_argument("--job", type=UUID, default=UUID(job) if job else None, required=job is None)
        command.add_argument("--watch-parent", action="store_true", help=_WATCH_PARENT)
    return parser.parse_args(arguments)


def _work(work: AnalysisWork, options: argparse.Namespace) -> int:
    from causeway.errors import CausewayError
    from causeway.model.job import Stage

    if options.command == "claim":
        work.claim_shards(options.job)
        return 0
    if options.command == "shard":
        return 0 if work.one_shard(options.job, options.index) else 1
    if not work.runs.wanted(options.job):
        return CANCELLED
    stage = Stage(options.name)
    try:
        work.stage(options.job, stage)
    except CausewayError as error:
        _log.error("job %s failed in %s: %s", options.job, stage, error.message)
        work.runs.note_error(options.job, error, stage)
        return 1
    return 0


def _runner() -> int:
    from containers.gpu_batch.wiring import build_job_runner

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with warming_up():
        build_job_runner().run_forever(stop)
    return 0


@contextmanager
def warming_up() -> Iterator[subprocess.Popen[bytes]]:
    """Compile in the background what the first analysis would wait for; ended with the block, or with this process."""
    command = [sys.executable, "-m", "containers.gpu_batch.main", "warm-up", "--watch-parent"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as child:
        try:
            yield child
        finally:
            child.kill()  # nothing can be left half done: numba moves finished files into its cache


def _warm_up() -> int:
    os.nice(19)
    from causeway.analysis.information.neighbours.warm_up import warm_up

    warm_up()
    return 0


def _follow_parent() -> None:
    """Standard input is a pipe that the parent holds: it ends when the parent does, however it ended."""
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(CANCELLED)


if __name__ == "__main__":
    sys.exit(main())
