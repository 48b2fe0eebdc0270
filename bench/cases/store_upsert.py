"""Bars over stored ones, against COPY into a temporary table and INSERT … ON CONFLICT that skips equal rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import psycopg

from bench.goals import at_least
from bench.line import Line
from bench.registry import Benchmark, Case, Run
from bench.stores import YEAR_BARS, Store, add_instruments, against_floor, minute_bars, store
from bench.timing import Work
from causeway.adapters.storage.bar_loading import BAR_FIELDS, columns_in_parts
from causeway.adapters.storage.binary_copy import RowEncoder, copy_in
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize

NAME = "store-upsert"
_INSTRUMENTS = 5
_STAGE = """CREATE TEMPORARY TABLE bare (
    instrument_id integer, time timestamptz, open double precision, high double precision, low double precision,
    close double precision, volume double precision) ON COMMIT DROP"""
_PUT = """INSERT INTO market_data AS held (instrument_id, bar_size, time, open, high, low, close, volume, source)
SELECT instrument_id, '1m', time, open, high, low, close, volume, 'bench' FROM bare
ON CONFLICT (instrument_id, bar_size, time) DO UPDATE
    SET open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
        volume = excluded.volume, source = excluded.source, known_at = now()
    WHERE (held.open, held.high, held.low, held.close, held.volume)
        IS DISTINCT FROM (excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume)"""
# label, share that is stored before, share of those with another close
_MIXES = (
    ("all stored, none changed", 1.0, 0.0),
    ("half new, a tenth changed", 0.5, 0.2),
    ("all but one new", 0.0, 0.0),
)


def _cases() -> Iterator[Case]:
    for mix in _MIXES:
        yield Case(mix[0], partial(_measure, *mix))


def _measure(case: str, stored: float, changed: float, run: Run) -> Line:
    count = YEAR_BARS // (2 if run.quick else 1)
    with store() as target:
        ids = add_instruments(target, _INSTRUMENTS)
        bars = {one: minute_bars(count, one) for one in ids}
        before = {one: _before(mine, max(1, int(stored * count)), changed) for one, mine in bars.items()}
        target.series.store_bars(before, BarSize.MINUTE_1, source="before")
        target.execute(
            "CREATE TABLE kept_bars AS SELECT * FROM market_data",
            "CREATE TABLE kept_years AS SELECT * FROM bar_coverage",
        )

        def restore() -> None:
            target.execute(
                "TRUNCATE market_data, bar_coverage, rollup_stale",
                "INSERT INTO market_data SELECT * FROM kept_bars ORDER BY instrument_id, bar_size, time",
                "INSERT INTO bar_coverage SELECT * FROM kept_years",
                "VACUUM ANALYZE market_data",
            )

        return against_floor(
            NAME,
            case,
            (
                target.turn(lambda: target.series.store_bars(bars, BarSize.MINUTE_1, source="bench"), restore),
                target.turn(_bare_upsert(target, bars), restore),
            ),
            run.rounds,
            floor="COPY to temp + ON CONFLICT",
            goal=at_least("rate", 0.8),
            note=f"{count * _INSTRUMENTS:,} bars of {_INSTRUMENTS} instruments",
        )


def _before(bars: BarColumns, count: int, changed: float) -> BarColumns:
    """The first bars, spread over the range, some with another close."""
    rows = np.linspace(0, len(bars) - 1, count).astype(int)
    other = replace(bars, close=bars.close + (np.random.default_rng(0).random(len(bars)) < changed))
    return BarColumns(*(getattr(other, name)[rows] for name in ("time_us", "open", "high", "low", "close", "volume")))


def _bare_upsert(target: Store, bars: dict[int, BarColumns]) -> Work:
    encoder = RowEncoder(BAR_FIELDS)
    chunks = [chunk for part in columns_in_parts(bars) for chunk in encoder.chunks(part)]

    def work() -> None:
        with psycopg.connect(target.url) as connection:
            connection.execute(_STAGE.encode())
            copy_in(connection, "COPY bare FROM STDIN (FORMAT binary)", chunks)
            connection.execute(_PUT.encode())

    return work


BENCHMARK = Benchmark(NAME, "bars over stored ones: at least 0.8 of the rate of COPY to temp + ON CONFLICT", _cases)
