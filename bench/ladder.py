"""A ladder to climb: PostgreSQL with last quotes and a session of minutes, Redis, and the cache over both."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from redis import Redis

from bench.timing import Timing
from causeway.adapters.storage.cache_manager import CacheManager
from causeway.adapters.storage.database import Database
from causeway.adapters.storage.migrator import ensure_login_role, migrate
from causeway.adapters.storage.timeseries_db import TimeseriesDb
from local.postgres import postgres_log, start_postgres
from local.servers import start_redis

SYMBOLS = 500
MINUTES = 390
_ROLE, _PASSWORD = "bench_service", "only-for-benchmarks"
_FILL = (
    f"WITH made AS (INSERT INTO instruments (asset_class) SELECT 'equity' FROM generate_series(1, {SYMBOLS}) "
    "RETURNING id) INSERT INTO symbols (symbol, instrument_id) SELECT 'S' || id, id FROM made",
    "INSERT INTO latest_quotes (instrument_id, symbol, bid, ask, last, bid_size, ask_size, volume, market_time, "
    "received_at, source) SELECT instrument_id, symbol, 100.01, 100.03, 100.02, 100, 200, 1000, now(), now(), 'bench' "
    "FROM symbols",
    "SELECT series.ensure_partitions('market_data', '2024-01-01', '2024-12-31')",
    "INSERT INTO market_data (instrument_id, bar_size, time, open, high, low, close, volume, source) "
    "SELECT i.id, '1m', timestamptz '2024-01-02 14:30Z' + n * interval '1 minute', 100.1, 100.2, 100.0, 100.15, n + 1, "
    f"'bench' FROM instruments i, generate_series(0, {MINUTES - 1}) n WHERE i.id <= 20",
    "ANALYZE",
)


@dataclass(frozen=True, slots=True)
class Ladder:
    """``bare`` and ``connection`` are what the floors use; ``cache`` keeps nothing in the process that changes."""

    cache: CacheManager
    series: TimeseriesDb
    bare: Redis
    connection: psycopg.Connection[Any]
    symbols: list[str]


@contextmanager
def ladder() -> Iterator[Ladder]:
    """Servers for one case, made anew and thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "state"
        server = start_postgres(state, ends_with_parent=True)
        redis = start_redis(Path(folder))
        database = None
        try:
            migrate(server.url)
            ensure_login_role(server.url, login=_ROLE, password=_PASSWORD, member_of="causeway_service")
            url = f"postgresql://{_ROLE}:{_PASSWORD}@{server.url.rpartition('@')[2]}"
            with psycopg.connect(server.url, autocommit=True) as owner:
                for statement in _FILL:
                    owner.execute(statement.encode())
                symbols = [row[0] for row in owner.execute("SELECT symbol FROM symbols ORDER BY instrument_id")]
            database, cache = Database(url), CacheManager(redis.url, listens=False)
            with Redis.from_url(redis.url) as bare, psycopg.connect(url, autocommit=True) as connection:
                yield Ladder(cache, TimeseriesDb(database), bare, connection, symbols)
            cache.close()
        finally:
            if database is not None:
                database.close()
            redis.stop()
            server.stop()
            shutil.rmtree(postgres_log(state).parent, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Of single calls, in microseconds; ``timing`` is the mean call."""

    p50_us: float
    p95_us: float
    timing: Timing


def in_turns(ours: Callable[[], Any], floor: Callable[[], Any], *, calls: int) -> list[Percentiles]:
    """``calls`` single calls of each side, one after the other, so that both meet the same moments of the machine."""
    works = (ours, floor)
    for work in works:
        for _ in range(max(10, calls // 20)):
            work()
    taken = np.array([[_once(work) for work in works] for _ in range(calls)])
    return [_percentiles(wall, cpu) for wall, cpu in np.moveaxis(taken, 1, 0).transpose(0, 2, 1)]


def _percentiles(wall: NDArray[np.int64], cpu: NDArray[np.int64]) -> Percentiles:
    p50, p95 = (float(value) / 1e3 for value in np.percentile(wall, (50, 95)))
    return Percentiles(p50, p95, Timing(float(wall.mean()) / 1e9, float(cpu.mean()) / 1e9))


def _once(work: Callable[[], Any]) -> tuple[int, int]:
    """Nanoseconds of wall and of this thread's CPU time."""
    cpu, wall = time.thread_time_ns(), time.perf_counter_ns()
    work()
    return time.perf_counter_ns() - wall, time.thread_time_ns() - cpu
