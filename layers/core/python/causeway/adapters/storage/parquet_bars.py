"""Bars and corporate actions as the bytes of Parquet files; ``pyarrow`` is imported on use.

The same rows give the same bytes with the same pyarrow, and reading them back gives the same bits.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from causeway.errors import CorruptData, InvalidInput
from causeway.model.bar import BarColumns

if TYPE_CHECKING:
    import pyarrow as pa

PRICES = ("open", "high", "low", "close", "volume")
ACTION_COLUMNS = ("symbol", "kind", "ex_date", "value")


def encode_bars(bars: BarColumns) -> bytes:
    """Columns time (UTC, microseconds), open, high, low, close, volume (doubles)."""
    pa = _pyarrow()
    columns = {"time": pa.array(bars.time_us).view(pa.timestamp("us", "UTC"))}
    return _bytes(pa.table(columns | {name: pa.array(getattr(bars, name)) for name in PRICES}))


def decode_bars(data: bytes, key: str) -> BarColumns:
    """The bars of ``encode_bars``.

    Raises:
        CorruptData: these are not its columns; ``key`` is named.
    """
    table = _table(data, key, ("time", *PRICES))
    times = table.column("time").combine_chunks().view(_pyarrow().int64())
    return BarColumns(np.asarray(times), *(np.asarray(table.column(name)) for name in PRICES))


def encode_actions(rows: Sequence[dict[str, Any]]) -> bytes:
    """Corporate actions, all four columns as text: a value keeps every digit."""
    pa = _pyarrow()
    return _bytes(pa.table({name: pa.array([str(row[name]) for row in rows], pa.string()) for name in ACTION_COLUMNS}))


def decode_actions(data: bytes, key: str) -> list[dict[str, Any]]:
    """The rows of ``encode_actions``.

    Raises:
        CorruptData: these are not its columns; ``key`` is named.
    """
    rows: list[dict[str, Any]] = _table(data, key, ACTION_COLUMNS).to_pylist()
    return rows


def by_year(bars: BarColumns) -> Iterator[tuple[int, BarColumns]]:
    """Parts of ``bars`` by the year (UTC) of their start, ascending."""
    years = bars.time_us.astype("datetime64[us]").astype("datetime64[Y]").astype(np.int64) + 1970
    for year in np.unique(years).tolist():
        first, last = np.searchsorted(years, [year, year + 1])
        part = slice(int(first), int(last))
        yield year, BarColumns(bars.time_us[part], *(getattr(bars, name)[part] for name in PRICES))


def _bytes(table: pa.Table) -> bytes:
    from pyarrow import parquet

    target = io.BytesIO()
    parquet.write_table(table, target, compression="zstd")
    return target.getvalue()


def _table(data: bytes, key: str, names: Sequence[str]) -> pa.Table:
    from pyarrow import parquet

    pa = _pyarrow()
    try:
        table = parquet.read_table(pa.BufferReader(data))
    except (pa.ArrowException, OSError) as error:
        raise CorruptData(f"{key} is not a Parquet file that can be read: {error}") from error
    if tuple(table.column_names) != tuple(names):
        raise CorruptData(f"{key} must have the columns {', '.join(names)}; found {', '.join(table.column_names)}")
    return table


def _pyarrow() -> Any:
    try:
        import pyarrow
    except ModuleNotFoundError as error:
        raise InvalidInput(
            "Parquet needs pyarrow, which is not installed here: pip install 'causeway[server]'"
        ) from error
    return pyarrow
