"""A body that is read as it comes: libraries bound each wait for bytes, neither all waits together nor the sum."""

from __future__ import annotations

import time
from collections.abc import Iterable

from causeway.errors import Unavailable

LONGEST_S = 120.0
MOST_BYTES = 1 << 28


def whole_answer(pieces: Iterable[bytes], vendor: str, longest_s: float, most_bytes: int) -> bytes:
    """All pieces as one.

    Raises:
        Unavailable: they are more than ``most_bytes``, or not at their end after ``longest_s``.
    """
    until, body = time.monotonic() + longest_s, bytearray()
    for piece in pieces:
        body += piece
        if len(body) > most_bytes:
            raise Unavailable(f"{vendor} answered more than {most_bytes:,} bytes")
        if time.monotonic() > until:
            raise Unavailable(f"{vendor}'s answer is not whole after {longest_s:g} s")
    return bytes(body)
