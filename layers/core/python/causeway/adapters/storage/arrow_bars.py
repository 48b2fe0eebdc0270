"""Bars as an Arrow table, for pandas, polars, DuckDB and Parquet. ``pyarrow`` is imported by the first call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from causeway.model.bar import BarColumns

if TYPE_CHECKING:
    import pyarrow as pa

_PRICES = ("open", "high", "low", "close", "volume")


def arrow_table(series: Mapping[str, BarColumns]) -> pa.Table:
    """Columns symbol (dictionary), time (UTC, microseconds), open, high, low, close, volume; symbol after symbol.

    A single series is not copied.
    """
    import pyarrow as pa

    parts = [_batch(number, bars) for number, bars in enumerate(series.values())]
    symbols = pa.array(list(series), pa.string())
    columns = {
        "symbol": pa.chunked_array(
            [pa.DictionaryArray.from_arrays(part["symbol"], symbols) for part in parts],
            pa.dictionary(pa.int32(), pa.string()),
        ),
        "time": pa.chunked_array([part["time"] for part in parts], pa.timestamp("us", "UTC")),
        **{name: pa.chunked_array([part[name] for part in parts], pa.float64()) for name in _PRICES},
    }
    return pa.table(columns)


def arrow_stream(series: Mapping[str, BarColumns]) -> bytes:
    """The table as an Arrow IPC stream."""
    import pyarrow as pa

    table = arrow_table(series)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def stream_maker() -> Callable[[Mapping[str, BarColumns]], bytes] | None:
    """``arrow_stream``, or None where pyarrow is not installed."""
    return arrow_stream if find_spec("pyarrow") else None


def _batch(number: int, bars: BarColumns) -> dict[str, pa.Array]:
    import pyarrow as pa

    return {
        "symbol": pa.array(np.full(len(bars), number, dtype=np.int32)),
        "time": pa.array(bars.time_us).view(pa.timestamp("us", "UTC")),
        **{name: pa.array(getattr(bars, name)) for name in _PRICES},
    }
