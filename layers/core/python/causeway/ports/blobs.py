"""Blobs: immutable byte strings by key. Implementations: a directory, an S3 bucket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol


class BlobStore(Protocol):
    """Keys are relative POSIX paths without '..'; a write is seen whole or not at all."""

    def put(self, key: str, data: bytes) -> None:
        """Store ``data`` under ``key``, replacing what was there in one step."""
        ...

    def get(self, key: str) -> bytes:
        """The bytes stored under ``key``. Raises NotFound."""
        ...

    def exists(self, key: str) -> bool: ...

    def keys(self, prefix: str) -> Iterator[str]:
        """Keys that start with ``prefix``, ascending."""
        ...

    def delete_prefix(self, prefix: str) -> int:
        """Delete every key that starts with ``prefix``; how many there were."""
        ...
