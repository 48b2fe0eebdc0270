"""A bounded queue on disk. Implementation: ``adapters.messaging.spool``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

MOST_READ_BYTES = 1 << 20


class SpoolFull(Exception):  # noqa: N818 - a state of the disk, told to whoever appends
    """The bound is reached, and nothing may be dropped."""


class Entry(Protocol):
    """A record: its payload, how many items it holds, and the position after it."""

    @property
    def payload(self) -> bytes: ...
    @property
    def items(self) -> int: ...
    @property
    def after(self) -> tuple[int, int]: ...


class Spool(Protocol):
    """Records in lanes, each in order. ``dropped`` counts items by lane that were given up for want of room."""

    dropped: Counter[str]

    def append(self, name: str, payload: bytes, items: int = 1) -> None:
        """Write one record at the end of a lane; it outlives the process.

        Raises:
            SpoolFull: the bound is reached, and the lane is one whose records are never dropped.
            OSError: the disk does not take it; the lane is as it was.
        """
        ...

    def read(self, name: str, most_bytes: int = MOST_READ_BYTES) -> Sequence[Entry]:
        """Records after the last acknowledged one, in order, at least one where there is any."""
        ...

    def acknowledge(self, name: str, after: tuple[int, int]) -> None:
        """Everything up to ``after`` is safe elsewhere."""
        ...

    def waiting(self, name: str) -> int:
        """Bytes that are not acknowledged."""
        ...

    def sync(self, name: str) -> None:
        """Make what was appended outlive the machine."""
        ...

    def close(self) -> None:
        """Close the files; nothing is lost."""
        ...
