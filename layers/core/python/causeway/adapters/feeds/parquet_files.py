"""Parquet files as rows of text. Floats are written so that reading them back gives the same bits."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from causeway.errors import InvalidInput

_BATCH_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class ParquetTable:
    """Row numbers count from 1."""

    path: Path
    header: tuple[str, ...]

    def rows(self, only: Collection[int] | None = None) -> Iterator[tuple[int, list[str]]]:
        """Number and cells of every row, or of the rows in ``only``.

        Raises:
            InvalidInput: the file is damaged, or a time lies outside the years 1 to 9999.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        number = 0
        try:
            with pq.ParquetFile(self.path) as file:
                for batch in file.iter_batches(_BATCH_ROWS):
                    columns = [_texts(column) for column in batch.columns]
                    for cells in zip(*columns, strict=True):
                        number += 1
                        if only is None or number in only:
                            yield number, list(cells)
        except (pa.ArrowException, OSError) as error:
            raise InvalidInput(f"the Parquet file is damaged: {_first_line(error)}") from error
        except OverflowError as error:
            raise InvalidInput(
                f"the Parquet file holds a date or time outside the years 1 to 9999 after row {number}; expected times "
                "of bars. Was the unit of the column set right?",
                details={"after_row": number},
            ) from error


def open_parquet(path: Path) -> ParquetTable:
    """Read the schema.

    Raises:
        InvalidInput: the file is damaged, a column holds lists, structures or bytes, or this process has no pyarrow.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ModuleNotFoundError as error:
        raise InvalidInput(
            "Parquet is not read here: pyarrow is too large for a Lambda function. Send the bars as CSV or CSV.gz."
        ) from error
    try:
        schema = pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        raise InvalidInput(f"the Parquet file is damaged: {_first_line(error)}") from error
    wrong = [f"{field.name} ({field.type})" for field in schema if _is_wrong(field.type)]
    if wrong:
        raise InvalidInput(
            f"columns of a type that bars cannot have: {', '.join(wrong)}; expected text, numbers, dates and times.",
            details={"columns": wrong},
        )
    return ParquetTable(path, tuple(schema.names))


def _is_wrong(kind: Any) -> bool:
    from pyarrow import types

    return bool(types.is_nested(kind) or types.is_binary(kind) or types.is_large_binary(kind))


def _texts(column: Any) -> list[str]:
    import pyarrow as pa

    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(pa.timestamp("us", tz=column.type.tz), safe=False)
    return [_text(value) for value in column.to_pylist()]


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
