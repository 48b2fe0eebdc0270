"""Columns of numpy as rows of PostgreSQL's binary COPY format, for fixed-width fields without NULL.

A row is a 16-bit field count, then for each field a 32-bit length and the value, all big-endian.

Source: PostgreSQL documentation, COPY, "Binary Format".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from psycopg import Connection

HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"
_TYPES = {"int4": ">i4", "int8": ">i8", "float8": ">f8", "timestamptz": ">i8"}
PG_EPOCH_US = 946_684_800_000_000  # 2000-01-01 in microseconds since 1970
_CHUNK_ROWS = 16_384  # encoded while the server works on the chunk before

Columns = Sequence[tuple[str, str]]  # name and PostgreSQL type
Values = Mapping[str, NDArray[Any]]


class RowEncoder:
    """Rows of ``columns`` that come from arrays, after fields whose value is the same in every row (``constant``)."""

    def __init__(self, columns: Columns, constant: Sequence[bytes] = ()) -> None:
        self._columns = columns
        fields: list[tuple[str, str]] = [("fields", ">i2")]
        for number, value in enumerate(constant):
            fields += [(f"constant {number}:length", ">i4"), (f"constant {number}", f"V{len(value)}")]
        for name, kind in columns:
            fields += [(f"{name}:length", ">i4"), (name, _TYPES[kind])]
        self._rows = np.zeros(_CHUNK_ROWS, dtype=np.dtype(fields))
        self._rows["fields"] = len(constant) + len(columns)
        for number, value in enumerate(constant):
            self._rows[f"constant {number}:length"] = len(value)
            self._rows[f"constant {number}"] = np.void(value)
        for name, kind in columns:
            self._rows[f"{name}:length"] = np.dtype(_TYPES[kind]).itemsize

    def chunks(self, values: Values) -> Iterator[bytes]:
        """``values`` by column name, all of one length; timestamps are int64 microseconds since 1970."""
        total = len(next(iter(values.values())))
        for start in range(0, total, _CHUNK_ROWS):
            count = min(_CHUNK_ROWS, total - start)
            for name, kind in self._columns:
                part = values[name][start : start + count]
                self._rows[name][:count] = part - PG_EPOCH_US if kind == "timestamptz" else part
            yield self._rows[:count].tobytes()


def copy_in(connection: Connection[Any], statement: str, chunks: Iterable[bytes]) -> None:
    """Send encoded rows through ``COPY … FROM STDIN (FORMAT binary)``."""
    with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        for chunk in chain([HEADER], chunks, [TRAILER]):
            copy.write(chunk)
