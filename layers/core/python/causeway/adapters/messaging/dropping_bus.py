"""An event bus that drops a user's cached summary before it tells anybody that the user's orders changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from causeway.ports.events import EventBus

_TELLING = ("orders", "portfolio")


class DroppingBus:
    """Passes everything on. ``drop`` gets the user of each message on ``orders:{user_id}`` or ``portfolio:{user_id}``:
    whoever is woken up by it reads what is new."""

    def __init__(self, events: EventBus, drop: Callable[[str], None]) -> None:
        self._events, self._drop = events, drop

    def publish(self, channel: str, message: dict[str, Any]) -> None:
        kind, _, user_id = channel.partition(":")
        if kind in _TELLING:
            self._drop(user_id)
        self._events.publish(channel, message)

    def listen(self, patterns: Sequence[str], timeout_s: float) -> Iterator[tuple[str, dict[str, Any]] | None]:
        return self._events.listen(patterns, timeout_s)
