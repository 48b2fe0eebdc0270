"""Last quotes of 500 symbols through the pool, against the bare query of the last-value table on an open connection."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import psycopg

from bench.goals import at_most
from bench.line import Line
from bench.registry import Benchmark, Case, Run
from bench.stores import add_instruments, against_floor, store
from bench.timing import turn
from causeway.adapters.storage.database import named_queries

NAME = "store-latest"
_SYMBOLS = 500


def _cases() -> Iterator[Case]:
    for stored in (500, 10_000):
        case = f"{_SYMBOLS} symbols of {stored:,}"
        yield Case(case, partial(_measure, case, stored))


def _measure(case: str, stored: int, run: Run) -> Line:
    with store() as target:
        add_instruments(target, stored)
        target.execute(
            "INSERT INTO latest_quotes SELECT id, 'S' || id, 100.01, 100.03, 100.02, 200, 300, 1000000, now(), now(), "
            "'bench' FROM instruments",
            "VACUUM ANALYZE latest_quotes",
        )
        symbols = [f"S{number * stored // _SYMBOLS + 1}" for number in range(_SYMBOLS)]
        query = named_queries()["market_data_quotes"].encode()
        with psycopg.connect(target.url, autocommit=True) as connection:

            def bare() -> int:
                return len(connection.execute(query, {"symbols": symbols}).fetchall())

            def ours() -> int:
                return len(target.series.quotes(symbols))

            return against_floor(
                NAME,
                case,
                (turn(ours, target.clock, shortest_s=0.3), turn(bare, target.clock, shortest_s=0.3)),
                2 * run.rounds,
                floor="the bare query, rows as tuples",
                goal=at_most("slower", 2),
                note="ours: pool, transaction, rows by name",
            )


BENCHMARK = Benchmark(NAME, "last quotes of 500 symbols: at most twice the bare query", _cases)
