"""One load at a time of each key in this process: whoever asks meanwhile waits for it and shares what it brings."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(eq=False, slots=True)
class Flight:
    """A load that is under way. ``outdated`` once what it loads was invalidated after it began."""

    done: threading.Event = field(default_factory=threading.Event)
    outdated: bool = False
    ended: bool = False
    value: Any = None
    error: Exception | None = None


class Flights:
    """Thread-safe. A load must not read its own key."""

    def __init__(self) -> None:
        self._open: dict[str, Flight] = {}
        self._lock = threading.Lock()

    def run(self, key: str, load: Callable[[Flight], Any]) -> Any:
        """What ``load`` returns or raises, of a flight that no invalidation came after before this call."""
        while True:
            with self._lock:
                flight = self._open.get(key)
                if flight is None:
                    mine = self._open[key] = Flight()
                    break
            flight.done.wait()
            if flight.error is not None:
                raise flight.error
            if flight.ended:
                return flight.value  # else its thread was ended from outside: try again
        return self._lead(key, mine, load)

    def keep(self, flight: Flight, store: Callable[[], None]) -> None:
        """Call ``store`` unless the flight is outdated; no invalidation comes in between."""
        with self._lock:
            if not flight.outdated:
                store()

    def outdate(self, keys: Iterable[str] | None = None) -> None:
        """What is under way for ``keys`` (None: for all) is not kept, and no later reader joins it."""
        with self._lock:
            for key in list(self._open) if keys is None else keys:
                flight = self._open.pop(key, None)
                if flight is not None:
                    flight.outdated = True

    def _lead(self, key: str, flight: Flight, load: Callable[[Flight], Any]) -> Any:
        try:
            flight.value = load(flight)
            flight.ended = True
        except Exception as error:
            flight.error = error
            raise
        finally:
            with self._lock:
                if self._open.get(key) is flight:
                    del self._open[key]
            flight.done.set()
        return flight.value
