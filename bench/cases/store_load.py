"""Bulk load of bars into an empty range, against a bare binary COPY of the same rows."""

from __future__ import annotations

from collections.abc import Iterator
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
from causeway.adapters.storage.database import named_queries
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize

NAME = "store-load"
_EMPTY = "TRUNCATE market_data, bar_coverage, rollup_stale"


def _cases() -> Iterator[Case]:
    for size, instruments in ((BarSize.MINUTE_1, 10), (BarSize.DAY_1, 250)):
        case = f"{instruments} instruments, bars of {size.value}"
        yield Case(case, partial(_measure, case, size, instruments))


def _measure(case: str, size: BarSize, instruments: int, run: Run) -> Line:
    total = 10 * YEAR_BARS // (2 if run.quick else 1)
    with store() as target:
        ids = add_instruments(target, instruments)
        bars = {one: _bars(size, total // instruments, one) for one in ids}
        floor = _bare_copy(target, bars, size)
        return against_floor(
            NAME,
            case,
            (
                target.turn(
                    lambda: target.series.store_bars(bars, size, source="bench"), lambda: target.execute(_EMPTY)
                ),
                target.turn(floor, lambda: target.execute(_EMPTY)),
            ),
            run.rounds,
            floor="binary COPY of rows that are encoded already",
            goal=at_least("rate", 0.85),
            note=f"{total:,} bars; ours encodes, looks for stored bars, counts days, marks stale hours",
        )


def _bars(size: BarSize, count: int, seed: int) -> BarColumns:
    bars = minute_bars(count, seed)
    if size is BarSize.MINUTE_1:
        return bars
    days = 86_400_000_000
    first = bars.time_us[0] // days - count  # daily bars of so many days before 2015
    return BarColumns((first + np.arange(count)) * days, bars.open, bars.high, bars.low, bars.close, bars.volume)


def _bare_copy(target: Store, bars: dict[int, BarColumns], size: BarSize) -> Work:
    encoder = RowEncoder(BAR_FIELDS, [size.value.encode(), b"bench"])
    chunks = [chunk for part in columns_in_parts(bars) for chunk in encoder.chunks(part)]

    def work() -> None:
        with psycopg.connect(target.url) as connection:
            copy_in(connection, named_queries()["bars_copy"], chunks)

    return work


BENCHMARK = Benchmark(NAME, "bulk load: at least 0.85 of the rate of a bare binary COPY", _cases)
