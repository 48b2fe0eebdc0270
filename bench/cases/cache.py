"""Reads that each rung of the cache ladder answers, beside the bare thing under it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from typing import Any

from bench.goals import Goal, at_most
from bench.ladder import MINUTES, SYMBOLS, Ladder, in_turns, ladder
from bench.line import Line
from bench.registry import Benchmark, Case, Run
from causeway.adapters.storage.cache_manager import CacheManager, Lifetime
from causeway.adapters.storage.database import named_queries
from causeway.model.time import BarSize

NAME = "cache"
_HOUR = Lifetime(3600.0)
_KEPT = Lifetime(3600.0, changes=False)
_SUMMARY = {
    "cash": "99988.00",
    "positions": [{"symbol": f"S{n}", "quantity": "100", "mark": "151.05"} for n in range(8)],
}
_SLOWER = at_most("slower_p95", 4)
Work = Callable[[], Any]


def _cases() -> Iterator[Case]:
    yield Case("in the process", _memory)
    yield Case("Redis", partial(_on_ladder, "Redis", _redis, 500))
    yield Case(
        f"last values: {SYMBOLS} quotes", partial(_on_ladder, f"last values: {SYMBOLS} quotes", _last_values, 60)
    )
    yield Case(f"database: {MINUTES} minutes", partial(_on_ladder, f"database: {MINUTES} minutes", _database, 60))


def _memory(run: Run) -> Line:
    cache = CacheManager("redis://127.0.0.1:1/0")
    held = {"portfolio:u:summary": _SUMMARY}
    cache.read("portfolio:u:summary", lambda: _SUMMARY, _KEPT)
    works = (lambda: cache.read("portfolio:u:summary", dict, _KEPT), lambda: held["portfolio:u:summary"])
    try:
        return _line("in the process", works, "dict", (at_most("p95_us", 5),), 10_000, run)
    finally:
        cache.close()


def _on_ladder(case: str, make: Callable[[Ladder], tuple[Work, Work, str, float]], calls: int, run: Run) -> Line:
    with ladder() as made:
        ours, floor, name, most_us = make(made)
        return _line(case, (ours, floor), name, (_SLOWER, at_most("p95_us", most_us)), calls, run)


def _redis(made: Ladder) -> tuple[Work, Work, str, float]:
    made.cache.read("portfolio:u:summary", lambda: _SUMMARY, _HOUR)

    def ours() -> Any:
        return made.cache.read("portfolio:u:summary", dict, _HOUR)

    return ours, lambda: made.bare.get("portfolio:u:summary"), "GET", 1_000


def _last_values(made: Ladder) -> tuple[Work, Work, str, float]:
    """Every read is of a new key: Redis is asked, locked and filled."""
    query, numbers = named_queries()["market_data_quotes"].encode(), count()

    def ours() -> Any:
        return made.cache.read(f"quotes:{next(numbers)}", lambda: made.series.quotes(made.symbols), _HOUR)

    return ours, lambda: made.connection.execute(query, {"symbols": made.symbols}).fetchall(), "bare query", 10_000


def _database(made: Ladder) -> tuple[Work, Work, str, float]:
    """The same, of bars."""
    numbers = count()
    query = (
        b"SELECT m.time, m.open, m.high, m.low, m.close, m.volume FROM market_data m "
        b"JOIN symbols s USING (instrument_id) WHERE s.symbol = %s AND m.bar_size = '1m' ORDER BY m.time LIMIT 500"
    )

    def load() -> Any:
        bars = made.series.read_bars("S1", BarSize.MINUTE_1, limit=500)
        columns = (bars.time_us, bars.open, bars.high, bars.low, bars.close, bars.volume)
        return [column.tolist() for column in columns]

    def ours() -> Any:
        return made.cache.read(f"market_data:S1:1m:{next(numbers)}", load, _HOUR)

    return ours, lambda: made.connection.execute(query, ["S1"]).fetchall(), "bare query", 50_000


def _line(case: str, works: tuple[Work, Work], floor: str, goals: tuple[Goal, ...], calls: int, run: Run) -> Line:
    ours, bare = in_turns(*works, calls=calls * 2 * run.rounds)
    measured = {
        "p50_us": ours.p50_us,
        "p95_us": ours.p95_us,
        "floor_p50_us": bare.p50_us,
        "floor_p95_us": bare.p95_us,
        "slower_p50": ours.p50_us / bare.p50_us,
        "slower_p95": ours.p95_us / bare.p95_us,
    }
    note = f"{calls * 2 * run.rounds} single calls of each side in turns; CPU seconds are this thread's"
    return Line(NAME, case, ours.timing, floor, bare.timing, goals, dict(measured), note)


BENCHMARK = Benchmark(
    NAME, "reads at each rung of the cache ladder: p95 at most 4x that of the bare thing under it", _cases
)
