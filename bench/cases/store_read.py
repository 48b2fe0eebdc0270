"""Bars as columns: a large range against ADBC; one symbol-year among many bars against the same among a million."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import numpy as np
import psycopg

from bench.compare import Peer, Question, compare
from bench.goals import at_least, at_most
from bench.line import Line
from bench.registry import Benchmark, Case, Run
from bench.stores import FIRST_YEAR, SESSION_BARS, YEAR_BARS, Store, add_instruments, against_floor, minute_bars, store
from bench.timing import turn
from causeway.adapters.storage.bar_loading import BAR_FIELDS
from causeway.adapters.storage.binary_copy import RowEncoder, copy_in
from causeway.adapters.storage.database import named_queries
from causeway.adapters.storage.series_upkeep import SeriesUpkeep
from causeway.adapters.storage.timeseries_db import TimeseriesDb
from causeway.model.time import BarSize

NAME = "store-read"
_MILLION = 1_000_000
_YEARS = 10
_YEAR = (datetime(FIRST_YEAR + 1, 1, 1, tzinfo=UTC), datetime(FIRST_YEAR + 2, 1, 1, tzinfo=UTC))
_CAME = ("loaded one instrument after another", "minute by minute, each day put in order afterwards")
_ADBC = (
    "SELECT time, open, high, low, close, volume FROM market_data WHERE instrument_id = {} AND bar_size = '1m' "
    f"AND time >= '{FIRST_YEAR}-01-01Z' AND time < '2030-01-01Z' ORDER BY time"
)


def _cases() -> Iterator[Case]:
    yield Case("1,000,000 bars of one instrument", _million)
    yield Case("one symbol-year of 20 million bars", partial(_symbol_year, 20))
    yield Case("one symbol-year of 100 million bars (--full)", partial(_symbol_year, 100))
    yield Case("one symbol-year of 20 million bars of a live feed", partial(_symbol_year, 20, live=True))
    yield Case("one symbol-year of 100 million bars of a live feed (--full)", partial(_symbol_year, 100, live=True))


def _million(run: Run) -> Line:
    with store() as target:
        (instrument_id,) = add_instruments(target, 1)
        target.series.store_bars({instrument_id: minute_bars(_MILLION, 1)}, BarSize.MINUTE_1, source="bench")
        target.execute("VACUUM ANALYZE market_data")
        start, end = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)

        def read() -> int:
            return len(target.series.read_bars(f"S{instrument_id}", BarSize.MINUTE_1, start, end))

        arguments = {"url": target.url, "query": _ADBC.format(instrument_id), "postmaster": target.postmaster}
        peer = Peer("ADBC to Arrow", "adbc_read", arguments)
        question = Question(NAME, "1,000,000 bars of one instrument", (at_least("rate", 0.85),), same_value=True)
        return with_rate(compare(run, question, read, peer, clock=target.clock))


def with_rate(line: Line) -> Line:
    """The same with our rate over the peer's, by wall seconds."""
    if line.ours is not None and line.peer_time is not None:
        line.measured["rate"] = line.peer_time.wall_s / line.ours.wall_s
    return line


def _symbol_year(millions: int, run: Run, *, live: bool = False) -> Line:
    case = f"one symbol-year of {millions} million bars" + " of a live feed" * live
    if millions > 20 and not run.full:
        return Line(
            NAME, case, None, goals=(at_most("slower", 1.3),), note="takes many minutes: python -m bench --full"
        )
    instruments = round((millions // (10 if run.quick else 1)) * _MILLION / (_YEARS * YEAR_BARS))
    with store() as few, store() as many:
        _fill(few, 1)
        held = (_fill_as_live if live else _fill)(many, instruments)
        turns = tuple(turn(partial(_read, one.series), one.clock, shortest_s=0.3) for one in (many, few))
        return against_floor(
            NAME,
            case,
            (turns[0], turns[1]),
            2 * run.rounds,
            floor="the same read out of a million bars",
            goal=at_most("slower", 1.3),
            note=f"{held:,} bars, {_CAME[live]}; {_plan(many)}",
        )


def _fill(target: Store, instruments: int) -> int:
    """Ten years of minutes of so many instruments."""
    bars = minute_bars(_YEARS * YEAR_BARS, 1)
    for instrument_id in add_instruments(target, instruments):
        target.series.store_bars({instrument_id: bars}, BarSize.MINUTE_1, source="bench")
    target.execute("VACUUM ANALYZE market_data")
    return instruments * len(bars)


def _fill_as_live(target: Store, instruments: int) -> int:
    """Ten years in the order of time, a day to a statement, then the upkeep that follows each day."""
    bars = minute_bars(_YEARS * YEAR_BARS, 1)
    ids = np.array(add_instruments(target, instruments), dtype=np.int32)
    encoder = RowEncoder(BAR_FIELDS, [b"1m", b"bench"])
    with psycopg.connect(target.url, autocommit=True) as connection:
        connection.execute("SELECT series.ensure_partitions('market_data', %s, now())", [f"{FIRST_YEAR}-01-01Z"])
        for first in range(0, len(bars), SESSION_BARS):
            rows = slice(first, first + SESSION_BARS)
            part = {
                name: np.repeat(getattr(bars, name)[rows], len(ids)) for name, _ in BAR_FIELDS[1:] if name != "time"
            }
            part["time"] = np.repeat(bars.time_us[rows], len(ids))
            part["instrument_id"] = np.tile(ids, len(bars.time_us[rows]))
            copy_in(connection, named_queries()["bars_copy"], encoder.chunks(part))
    target.execute(
        "SELECT series.recount()",
        "INSERT INTO bars_as_they_came (bar_size, day) SELECT DISTINCT bar_size, time::date FROM market_data",
        "VACUUM ANALYZE market_data",
    )
    SeriesUpkeep(target.database, {}).put_in_order()
    target.execute("VACUUM ANALYZE market_data")
    return len(ids) * len(bars)


def _read(series: TimeseriesDb) -> int:
    return len(series.read_bars("S1", BarSize.MINUTE_1, *_YEAR))


def _plan(target: Store) -> str:
    """The scan of the plan of our query."""
    parameters: dict[str, Any] = {
        "ids": [1], "starts": [_YEAR[0]], "start": _YEAR[0], "end": _YEAR[1], "bar_size": "1m", "most": 500_000,
    }  # fmt: skip
    with target.database.transaction() as transaction:
        rows = transaction.connection.execute(
            f"EXPLAIN {named_queries()['market_data_bars']}".encode(), parameters
        ).fetchall()
    lines = [row["QUERY PLAN"].strip().removeprefix("->").strip() for row in rows]
    wanted = [line.partition("  (")[0] for line in lines if "Scan" in line and "market_data" in line]
    conditions = [line for line in lines if line.startswith("Index Cond")]
    return "; ".join(["plan: " + ", ".join(wanted), *conditions[:1]])


BENCHMARK = Benchmark(
    NAME, "a million bars at 0.85 of ADBC's rate or more; a symbol-year costs the same among many", _cases
)
