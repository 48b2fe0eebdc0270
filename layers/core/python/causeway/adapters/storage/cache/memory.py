"""The first rung: values in this process, bounded in number and bytes; the least recently read goes first."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any, Final

MISSING: Final = object()
_LARGEST_PART = 8  # a value may take one part in so many of the bytes


class MemoryRung:
    """Thread-safe. Sizes are the callers' word; a value is handed out as it is, so nobody may change it."""

    def __init__(
        self, *, max_entries: int = 10_000, max_bytes: int = 64 << 20, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._max_entries, self._max_bytes, self._clock = max_entries, max_bytes, clock
        self._entries: OrderedDict[str, tuple[float, int, Any]] = OrderedDict()
        self._lock = threading.Lock()
        self.bytes = 0
        self.hits = 0
        self.misses = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: str) -> Any:
        """The value, or ``MISSING``."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None and entry[0] > self._clock():
                self._entries.move_to_end(key)
                self.hits += 1
                return entry[2]
            self.misses += 1
            if entry is not None:
                self._remove(key)
            return MISSING

    def put(self, key: str, value: Any, *, size: int, ttl_s: float) -> None:
        """Keep a value of ``size`` bytes; one that is too large for its share of the room is not kept."""
        with self._lock:
            self._remove(key)
            if size * _LARGEST_PART > self._max_bytes:
                return
            self._entries[key] = (self._clock() + ttl_s, size, value)
            self.bytes += size
            while len(self._entries) > self._max_entries or self.bytes > self._max_bytes:
                self._remove(next(iter(self._entries)))

    def drop(self, keys: Iterable[str]) -> None:
        """Forget ``keys``."""
        with self._lock:
            for key in keys:
                self._remove(key)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
            self.bytes = 0

    def _remove(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.bytes -= entry[1]
