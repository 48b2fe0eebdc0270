"""Reads by the ADBC driver of PostgreSQL into an Arrow table."""

from __future__ import annotations

from importlib.metadata import version

from bench.stores_clock import ServerClock


class AdbcRead:
    """A query whose rows come back as an Arrow table; one connection, opened beforehand. The value counts rows."""

    def __init__(self, url: str, query: str, postmaster: int) -> None:
        from adbc_driver_postgresql import dbapi

        self.clock = ServerClock(postmaster)
        self._connection = dbapi.connect(url)
        self._query = query

    def __call__(self) -> int:
        with self._connection.cursor() as cursor:
            cursor.execute(self._query)
            return int(cursor.fetch_arrow_table().num_rows)


def adbc_read(url: str, query: str, postmaster: int) -> tuple[AdbcRead, dict[str, str]]:
    """``postmaster`` is the server's process, whose CPU seconds count as well."""
    return AdbcRead(url, query, postmaster), {"adbc-driver-postgresql": version("adbc-driver-postgresql")}
