"""Cursors: opaque to clients, validated when they come back.

A cursor holds the sort key of the last item that was given out, so a page stays right while rows are added.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from causeway.errors import InvalidInput
from causeway.model.time import is_storable, isoformat_z

_READERS: Mapping[type, Any] = {
    str: str,
    int: int,
    UUID: UUID,
    datetime: datetime.fromisoformat,
}
_LONGEST = 1000


def encode_cursor(*values: str | int | UUID | datetime) -> str:
    """The sort key of the last item given out, as one opaque word."""
    plain = [isoformat_z(item) if isinstance(item, datetime) else _plain(item) for item in values]
    return base64.urlsafe_b64encode(json.dumps(plain, separators=(",", ":")).encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """The values again, as ``kinds`` (str, int, UUID, datetime); None where no cursor was sent.

    Raises:
        InvalidInput: not a cursor that we gave out for this list.
    """
    if cursor is None:
        return None
    try:
        if len(cursor) > _LONGEST:
            raise ValueError("too long")
        plain = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        if not isinstance(plain, list):
            raise TypeError("not a list")
        return tuple(_read(value, kind) for value, kind in zip(plain, kinds, strict=True))
    except (ValueError, TypeError, RecursionError, binascii.Error) as error:
        raise InvalidInput(
            "cursor must be the next_cursor of an earlier page of this list; leave it out to start again",
            details={"field": "cursor"},
        ) from error


def _plain(value: str | int | UUID) -> str | int:
    return str(value) if isinstance(value, UUID) else value


def _read(value: object, kind: type) -> Any:
    if kind is int:
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 2**63:
            raise ValueError("not a 64-bit integer")
        return value
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError("not a string")
    read = _READERS[kind](value)
    if isinstance(read, datetime) and read.tzinfo is None:
        raise ValueError("time without a zone")
    if isinstance(read, datetime) and not is_storable(read):
        raise ValueError("no time that we gave out")
    return read
