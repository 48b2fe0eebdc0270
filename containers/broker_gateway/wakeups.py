"""What wakes the gateway before its poll time: a new outbox row, or a quote. A lost wake-up costs one poll."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from causeway.ports.events import EventBus

_SPACING_S = 0.1


def wake_on_quotes(events: EventBus, wake: threading.Event, stop: threading.Event) -> None:
    """Set ``wake`` when quotes are published, ten times a second at most, until ``stop``."""
    quiet_until = 0.0
    for message in events.listen(["market_data:*"], 1.0):
        if stop.is_set():
            return
        if message is not None and time.monotonic() >= quiet_until:
            quiet_until = time.monotonic() + _SPACING_S
            wake.set()


def start(work: Callable[[], None], name: str) -> None:
    """Run in a thread that ends with the process."""
    threading.Thread(target=work, name=name, daemon=True).start()
