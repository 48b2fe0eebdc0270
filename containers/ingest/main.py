"""Entry of the ingest container.

python -m containers.ingest.main runner       claim and run queued fetches until it is stopped
python -m containers.ingest.main scheduler    queue what schedules ask for
python -m containers.ingest.main local        both in one process, as on one machine
python -m containers.ingest.main fetch ID     run one fetch to its end; exit code 1 where it failed
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
from collections.abc import Sequence
from uuid import UUID

from causeway.settings import LogSettings
from containers.ingest import wiring
from containers.ingest.symbol_fetch import Checkpoint, nothing

_log = logging.getLogger(__name__)
_LOOK_AGAIN_S = 2.0


def main(arguments: Sequence[str] | None = None, checkpoint: Checkpoint = nothing) -> int:
    """Run one command until it is done, or SIGTERM or SIGINT asks it to stop; its exit code."""
    options = _parse(arguments)
    wiring.fill_settings()
    logging.basicConfig(level=LogSettings().log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        if options.command == "fetch":
            return _one(options.id, stop, checkpoint)
        _until_stopped(options.command, stop, checkpoint)
        return 0
    finally:
        wiring.close()


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m containers.ingest.main", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("runner", "scheduler", "local"):
        commands.add_parser(name)
    commands.add_parser("fetch").add_argument("id", type=UUID)
    return parser.parse_args(arguments)


def _until_stopped(command: str, stop: threading.Event, checkpoint: Checkpoint) -> None:
    if command == "scheduler":
        wiring.scheduler().run_forever(stop)
        return
    beside = None
    if command == "local":
        beside = threading.Thread(target=wiring.scheduler().run_forever, args=(stop,), name="scheduler", daemon=True)
        beside.start()
    wiring.runner(checkpoint).run_forever(stop)
    if beside is not None:
        beside.join(timeout=5.0)


def _one(fetch_id: UUID, stop: threading.Event, checkpoint: Checkpoint) -> int:
    """Run a fetch, or wait until whoever runs it is done or dead. One that rests is taken up by another container."""
    runner, runs = wiring.runner(checkpoint), wiring.runs()
    while not stop.is_set():
        if runner.run_one(stop, fetch_id):
            continue
        if runs.state(fetch_id) not in {"queued", "running"}:
            break
        stop.wait(_LOOK_AGAIN_S)
    return 1 if runs.state(fetch_id) == "failed" else 0


if __name__ == "__main__":
    sys.exit(main())
