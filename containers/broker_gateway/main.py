"""The gateway's process: turn, wait for a wake-up or a short time, turn again; SIGTERM and SIGINT end it in order."""

from __future__ import annotations

import logging
import signal
import threading
from types import FrameType

from causeway.errors import Unavailable
from containers.broker_gateway import wiring
from containers.broker_gateway.gateway import Checkpoint, Gateway

_log = logging.getLogger(__name__)
_PAUSE_AFTER_FAILURE_S = 1.0


def run(gateway: Gateway, wake: threading.Event, stop: threading.Event, *, poll_s: float) -> None:
    """Turn until ``stop`` is set. A database that is down is waited for."""
    while not stop.is_set():
        wake.clear()
        try:
            gateway.turn()
        except Unavailable as error:
            _log.warning("%s", error.message)
            stop.wait(_PAUSE_AFTER_FAILURE_S)
            continue
        wake.wait(poll_s)
    try:
        gateway.stop()
    except Unavailable as error:
        _log.warning("the leases run out by themselves: %s", error.message)


def main(checkpoint: Checkpoint | None = None) -> None:
    """Entry point of the container. ``checkpoint`` is for tests that end the process at a named step."""
    stop, wake = threading.Event(), threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()
        wake.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    made = wiring.build(wake, stop, checkpoint)
    logging.basicConfig(level=made.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    _log.info("gateway %s starts", made.gateway.holder)
    try:
        run(made.gateway, wake, stop, poll_s=made.poll_s)
    finally:
        made.close()


if __name__ == "__main__":
    main()
