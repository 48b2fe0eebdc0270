"""A database for the benchmarks of storage: the embedded PostgreSQL with fsync on, made anew and thrown away.

Automatic vacuum and timed checkpoints are off, so that they do not fall into the turns of one side; every turn starts
after a checkpoint.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psycopg

from bench.goals import Goal
from bench.line import Line
from bench.stores_clock import ServerClock
from bench.timing import Timing, Turn, Work, once, side_by_side
from causeway.adapters.storage.database import Database
from causeway.adapters.storage.migrator import ensure_login_role, migrate
from causeway.adapters.storage.timeseries_db import TimeseriesDb
from causeway.model.bar import BarColumns
from local.postgres import postgres_log, start_postgres

SESSION_BARS = 390
YEAR_BARS = 252 * SESSION_BARS  # a year of minutes of a New York stock
FIRST_YEAR = 2015
_SETTINGS = ("autovacuum = off", "max_wal_size = '8GB'", "checkpoint_timeout = '1d'", "shared_buffers = '1GB'")
_ROLE, _PASSWORD = "bench_service", "only-for-benchmarks"


@dataclass(frozen=True, slots=True)
class Store:
    """An empty, migrated database. ``url`` is the owner's, for floors; ``series`` is ours, as a service."""

    url: str
    series: TimeseriesDb
    database: Database
    clock: ServerClock
    postmaster: int

    def execute(self, *statements: str) -> list[Any]:
        """Run them; rows of the last one, if it has any."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def turn(self, work: Work, before: Callable[[], Any] = lambda: None) -> Turn:
        """A turn of one call, after ``before`` and a checkpoint, which are not timed."""

        def take() -> Timing:
            before()
            self.execute("CHECKPOINT")
            return once(work, self.clock)

        return take


@contextmanager
def store() -> Iterator[Store]:
    """A server for one case."""
    with tempfile.TemporaryDirectory() as folder:
        server = start_postgres(Path(folder) / "state", ends_with_parent=True)
        try:
            with psycopg.connect(server.url, autocommit=True) as connection:
                for setting in _SETTINGS:
                    connection.execute(f"ALTER SYSTEM SET {setting}".encode())
        finally:
            server.stop()
        server = start_postgres(Path(folder) / "state", ends_with_parent=True)
        database = None
        try:
            migrate(server.url)
            ensure_login_role(server.url, login=_ROLE, password=_PASSWORD, member_of="causeway_service")
            url = f"postgresql://{_ROLE}:{_PASSWORD}@{server.url.rpartition('@')[2]}"
            database = Database(url, statement_timeout_s=600)
            yield Store(
                server.url, TimeseriesDb(database), database, ServerClock(server.process.pid), server.process.pid
            )
        finally:
            if database is not None:
                database.close()
            server.stop(timeout_s=120)
            shutil.rmtree(postgres_log(Path(folder) / "state").parent, ignore_errors=True)


def add_instruments(target: Store, count: int) -> list[int]:
    """Instruments S1, S2, …; their ids."""
    rows = target.execute(
        "WITH made AS (INSERT INTO instruments (asset_class) SELECT 'equity' FROM generate_series(1, "
        f"{count}) RETURNING id) INSERT INTO symbols (symbol, instrument_id) SELECT 'S' || id, id FROM made "
        "RETURNING instrument_id"
    )
    return sorted(row[0] for row in rows)


def minute_bars(count: int, seed: int) -> BarColumns:
    """A random walk in cents, 390 minutes from 14:30 UTC on each weekday, from 2015 on."""
    number = np.arange(count)
    days = np.busday_offset(f"{FIRST_YEAR}-01-01", number // SESSION_BARS, roll="forward")
    minutes = days.astype("datetime64[m]").astype(np.int64) + 870 + number % SESSION_BARS
    random = np.random.default_rng(seed)
    closes = np.round(100 * np.exp(np.cumsum(random.normal(0, 5e-4, count))), 2)
    opens = np.r_[100.0, closes[:-1]]
    spread = np.round(random.exponential(0.02, count), 2)
    return BarColumns(
        minutes * 60_000_000,
        opens,
        np.maximum(opens, closes) + spread,
        np.minimum(opens, closes) - spread,
        closes,
        random.integers(1, 10_000, count).astype(np.float64),
    )


def against_floor(
    name: str, case: str, turns: tuple[Turn, Turn], rounds: int, *, floor: str, goal: Goal, note: str
) -> Line:
    """Ours and the floor in turns. ``rate`` is our rate over the floor's by wall seconds, ``slower`` its inverse."""
    ours, bare = side_by_side(list(turns), [rounds, rounds])
    measured = {"rate": bare.wall_s / ours.wall_s, "slower": ours.wall_s / bare.wall_s}
    return Line(name, case, ours, floor, bare, (goal,), dict(measured), note)
