"""Checkpoints of a shard as blobs, so that any machine can go on where another one was stopped."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

from causeway.errors import NotFound
from causeway.ports.blobs import BlobStore

EVERY_S = 2.0


class BlobCheckpoint:
    """Writes each state at most every two seconds: what was decided since is decided again, to the same bits.

    The first two seconds count from ``load``, so that what is done sooner writes nothing.

    It fits ``analysis.information.inference.checkpoints.Checkpoint``. ``clock`` gives seconds.
    """

    def __init__(self, blobs: BlobStore, prefix: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._blobs = blobs
        self._prefix = prefix
        self._clock = clock
        self._made = clock()
        self._written: dict[str, float] = {}

    def load(self, key: str) -> dict[str, Any] | None:
        """The state last written under ``key``, or None; a damaged one counts as absent."""
        self._written[key] = self._clock()
        try:
            state = json.loads(self._blobs.get(self._name(key)))
        except (NotFound, ValueError):
            return None
        return state if isinstance(state, dict) else None

    def save(self, key: str, state: dict[str, Any]) -> None:
        """Write the state under ``key``, unless one was written just before."""
        if self._clock() - self._written.get(key, self._made) < EVERY_S:
            return
        self._written[key] = self._clock()
        self._blobs.put(self._name(key), json.dumps(state).encode())

    def forget(self) -> None:
        """Delete every state: the shard is done."""
        self._blobs.delete_prefix(self._prefix)

    def _name(self, key: str) -> str:
        return f"{self._prefix}{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"
