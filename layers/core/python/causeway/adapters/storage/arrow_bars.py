"""Bars as an Arrow table, for pandas, polars, DuckDB and Parquet. ``pyarrow`` is imported by the first call."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from causeway.model.bar import BarColumns

if TYPE_CHECKING:
    import pyarrow as pa

_PRICES = ("open", "high", "low", "close", "volume")
ArrowStream = Callable[[Sequence[str], Iterable[tuple[str, BarColumns]]], Iterator[bytes]]


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


def arrow_stream(symbols: Sequence[str], parts: Iterable[tuple[str, BarColumns]]) -> Iterator[bytes]:
    """The same as an Arrow IPC stream, a record batch for each part: only one part is in memory at a time.

    ``symbols`` holds every symbol of ``parts``; the dictionary is sent once, before the first batch.
    """
    import pyarrow as pa

    numbers = {symbol: number for number, symbol in enumerate(symbols)}
    names = pa.array(list(symbols), pa.string())
    sink = _Chunks()
    with pa.ipc.new_stream(sink, _schema()) as writer:
        yield sink.take()
        for symbol, bars in parts:
            columns = _batch(numbers[symbol], bars)
            columns["symbol"] = pa.DictionaryArray.from_arrays(columns["symbol"], names)
            writer.write_batch(pa.RecordBatch.from_pydict(columns, schema=_schema()))
            yield sink.take()
    yield sink.take()


def bars_of_stream(content: bytes) -> BarColumns:
    """The way back, for a stream of one symbol."""
    import pyarrow as pa

    table = pa.ipc.open_stream(content).read_all()
    times = table.column("time").cast(pa.int64()).to_numpy()
    return BarColumns(times, *(table.column(name).to_numpy() for name in _PRICES))


def stream_maker() -> ArrowStream | None:
    """``arrow_stream``, or None where pyarrow is not installed."""
    return arrow_stream if find_spec("pyarrow") else None


class _Chunks(io.RawIOBase):
    """A file that hands out what was written to it."""

    def __init__(self) -> None:
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._written += data
        return len(data)

    def take(self) -> bytes:
        """What was written since the last call."""
        written, self._written = bytes(self._written), bytearray()
        return written


def _schema() -> pa.Schema:
    import pyarrow as pa

    return pa.schema(
        [
            ("symbol", pa.dictionary(pa.int32(), pa.string())),
            ("time", pa.timestamp("us", "UTC")),
            *((name, pa.float64()) for name in _PRICES),
        ]
    )


def _batch(number: int, bars: BarColumns) -> dict[str, pa.Array]:
    import pyarrow as pa

    return {
        "symbol": pa.array(np.full(len(bars), number, dtype=np.int32)),
        "time": pa.array(bars.time_us).view(pa.timestamp("us", "UTC")),
        **{name: pa.array(getattr(bars, name)) for name in _PRICES},
    }
