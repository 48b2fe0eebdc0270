"""Events between processes: a wake-up, never the truth. Implementations: Redis pub/sub, in one process.

A message may be lost or come twice. Whoever needs every event reads PostgreSQL from its last sequence.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, Protocol, runtime_checkable


class EventBus(Protocol):
    def publish(self, channel: str, message: dict[str, Any]) -> None:
        """Send ``message`` (JSON types) to whoever listens now. Never raises: a lost wake-up is allowed."""
        ...

    def listen(self, patterns: Sequence[str], timeout_s: float) -> Iterator[tuple[str, dict[str, Any]] | None]:
        """Yield (channel, message) for channels that match a glob; None each time ``timeout_s`` passes quietly.

        Subscribed when this returns. Reconnects by itself; messages sent meanwhile are lost, and None follows at
        once so that the caller reads PostgreSQL again.
        """
        ...


@runtime_checkable
class AsyncEventBus(Protocol):
    """A bus that an event loop can listen to without a thread."""

    def hear(self, patterns: Sequence[str], timeout_s: float) -> AsyncIterator[tuple[str, dict[str, Any]] | None]:
        """As ``EventBus.listen``, subscribed once it has yielded for the first time."""
        ...
