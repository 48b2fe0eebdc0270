"""Rows between numpy and PostgreSQL's binary COPY format, for fixed-width columns without NULL.

A row is a 16-bit field count, then for each field a 32-bit length and the value, all big-endian.

Source: PostgreSQL documentation, COPY, "Binary Format".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from psycopg import Connection

_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER = b"\xff\xff"
_TYPES = {"int4": ">i4", "int8": ">i8", "float8": ">f8", "timestamptz": ">i8"}
_PG_EPOCH_US = 946_684_800_000_000  # 2000-01-01 in microseconds since 1970
_CHUNK_BYTES = 1 << 20

Columns = Sequence[tuple[str, str]]  # name and PostgreSQL type


def encode_rows(columns: Columns, values: Mapping[str, NDArray[Any]]) -> bytes:
    """``values`` by column name, all of one length; timestamps are int64 microseconds since 1970."""
    rows = np.empty(len(next(iter(values.values()))), dtype=_row_type(columns))
    rows["fields"] = len(columns)
    for name, kind in columns:
        rows[f"{name}:length"] = np.dtype(_TYPES[kind]).itemsize
        rows[name] = values[name] - _PG_EPOCH_US if kind == "timestamptz" else values[name]
    return _HEADER + rows.tobytes() + _TRAILER


def decode_rows(columns: Columns, data: bytes) -> dict[str, NDArray[Any]]:
    """The columns again, in native byte order."""
    rows = np.frombuffer(data, dtype=_row_type(columns), offset=len(_HEADER), count=_row_count(columns, data))
    return {
        name: rows[name].astype(rows[name].dtype.newbyteorder("=")) + (_PG_EPOCH_US if kind == "timestamptz" else 0)
        for name, kind in columns
    }


def copy_in(connection: Connection[Any], statement: str, data: bytes) -> None:
    """Send encoded rows through ``COPY … FROM STDIN (FORMAT binary)``."""
    with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        for start in range(0, len(data), _CHUNK_BYTES):
            copy.write(data[start : start + _CHUNK_BYTES])


def copy_out(connection: Connection[Any], statement: str, parameters: Mapping[str, Any]) -> bytes:
    """What ``COPY (…) TO STDOUT (FORMAT binary)`` gives."""
    with connection.cursor() as cursor, cursor.copy(statement.encode(), parameters) as copy:
        return b"".join(bytes(block) for block in copy)


def _row_type(columns: Columns) -> np.dtype[Any]:
    fields: list[tuple[str, str]] = [("fields", ">i2")]
    for name, kind in columns:
        fields += [(f"{name}:length", ">i4"), (name, _TYPES[kind])]
    return np.dtype(fields)


def _row_count(columns: Columns, data: bytes) -> int:
    return (len(data) - len(_HEADER) - len(_TRAILER)) // _row_type(columns).itemsize
