"""A ladder to climb: PostgreSQL with last quotes and a session of minutes, Redis, and the cache over both."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from redis import Redis

from bench.stores import SESSION_BARS, add_instruments, store
from bench.timing import Timing
from causeway.adapters.storage.cache_manager import CacheManager
from causeway.adapters.storage.timeseries_db import TimeseriesDb
from local.servers import start_redis

SYMBOLS = 500
MINUTES = SESSION_BARS
_FILL = (
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
    with tempfile.TemporaryDirectory() as folder, store() as target:
        symbols = [f"S{one}" for one in add_instruments(target, SYMBOLS)]
        target.execute(*_FILL)
        redis = start_redis(Path(folder))
        try:
            with (
                closing(CacheManager(redis.url, listens=False)) as cache,
                Redis.from_url(redis.url) as bare,
                psycopg.connect(target.url, autocommit=True) as connection,
            ):
                yield Ladder(cache, target.series, bare, connection, symbols)
        finally:
            redis.stop()


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
