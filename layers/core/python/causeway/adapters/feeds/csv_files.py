"""Files of rows: CSV, gzipped CSV, Parquet and LEAN's zips, read in chunks and as text: nothing is changed on the way.

A file can be read several times: checks read it once, and quarantine reads the flawed rows again, whole.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from causeway.errors import InvalidInput

if TYPE_CHECKING:
    from causeway.adapters.feeds.lean_zip import LeanTable
    from causeway.adapters.feeds.parquet_files import ParquetTable

_DELIMITERS = ",;\t|"
MOST_LINE = 1 << 20  # characters
MOST_TEXT = 1 << 30  # characters of a whole file: 64 MiB of gzip can hold a thousand times as much
_GZIP, _PARQUET, _ZIP = b"\x1f\x8b", b"PAR1", b"PK\x03\x04"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class CsvTable:
    """A delimited text file. Row numbers count lines from 1; the header is line 1."""

    path: Path
    gzipped: bool
    delimiter: str
    header: tuple[str, ...]
    has_header: bool

    def rows(self, only: Collection[int] | None = None) -> Iterator[tuple[int, list[str]]]:
        """Line number and cells of every data row, or of the lines in ``only``.

        Raises:
            InvalidInput: a row has more or fewer cells than the header, the text is not UTF-8, the gzip stream
                ends early, or a line or the whole text is too long to be bars.
        """
        with _text(self.path, self.gzipped) as lines:
            reader = csv.reader(_bounded(lines), delimiter=self.delimiter)
            if self.has_header:
                next(reader)
            for cells in reader:
                if not cells or (len(cells) == 1 and not cells[0].strip()):
                    continue
                if len(cells) != len(self.header):
                    raise InvalidInput(
                        f"line {reader.line_num} has {len(cells)} cells, the header has {len(self.header)} "
                        f"({self.delimiter!r} between them). Mend the line; nothing of the file was stored.",
                        details={"line": reader.line_num},
                    )
                if only is None or reader.line_num in only:
                    yield reader.line_num, cells


def open_table(path: Path) -> CsvTable | LeanTable | ParquetTable:
    """Look at the first bytes and the header of a file; the name does not matter.

    Raises:
        InvalidInput: the file is empty, or neither delimited text nor Parquet nor a zip of LEAN.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if not start:
        raise InvalidInput("the file is empty; expected CSV, gzipped CSV, Parquet or a zip of LEAN.")
    if start == _PARQUET:
        from causeway.adapters.feeds.parquet_files import open_parquet

        return open_parquet(path)
    if start == _ZIP:
        from causeway.adapters.feeds.lean_zip import open_lean

        return open_lean(path)
    return _open_csv(path, gzipped=start[:2] == _GZIP)


def _open_csv(path: Path, *, gzipped: bool) -> CsvTable:
    with _text(path, gzipped) as lines:
        sample = [line for line in (lines.readline(1 << 16) for _ in range(20)) if line.strip()]
    if not sample:
        raise InvalidInput("the file holds no text; expected a CSV with a header.")
    delimiter = max(_DELIMITERS, key=sample[0].count)
    first = next(csv.reader(sample, delimiter=delimiter))
    if len(first) < 2:
        raise InvalidInput(
            f"the file is not a CSV: its first line is {sample[0].strip()[:60]!r}, without a comma, semicolon, "
            "tab or bar between columns."
        )
    has_header = not any(_is_number(cell) for cell in first)
    names = tuple(cell.strip() for cell in first) if has_header else _numbered(len(first))
    return CsvTable(path, gzipped, delimiter, names, has_header)


def _numbered(columns: int) -> tuple[str, ...]:
    """Names for a file without a header: ``#1``, ``#2``; a mapping may use them."""
    return tuple(f"#{at}" for at in range(1, columns + 1))


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return cell.strip().lower() not in {"nan", "inf", "infinity"}


def _bounded(lines: TextIO) -> Iterator[str]:
    """Line by line; a gzipped file may be far larger than it looks, and so may one line of it."""
    length = 0
    while line := lines.readline(MOST_LINE + 1):
        length += len(line)
        if len(line) > MOST_LINE or length > MOST_TEXT:
            raise InvalidInput(
                f"the file is too long to be one file of bars: at most {MOST_LINE:,} characters in a line and "
                f"{MOST_TEXT:,} in all, uncompressed. Split it."
            )
        yield line


@contextmanager
def _text(path: Path, gzipped: bool) -> Iterator[TextIO]:
    """The file as text, with the ways in which it can be broken told apart."""
    with path.open("rb") as raw:
        binary = gzip.GzipFile(fileobj=raw) if gzipped else raw
        try:
            with io.TextIOWrapper(binary, encoding="utf-8-sig", newline="") as lines:
                yield lines
        except UnicodeDecodeError as error:
            raise InvalidInput(_encoding_message(path, gzipped, error)) from error
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise InvalidInput(
                f"the gzip stream is broken or ends early ({error}). Was the file copied completely?"
            ) from error
        except csv.Error as error:
            raise InvalidInput(f"the file is not a CSV: {error}.") from error


def _encoding_message(path: Path, gzipped: bool, error: UnicodeDecodeError) -> str:
    with path.open("rb") as file:
        start = file.read(2)
    if not gzipped and start in _UTF16:
        return "the file is UTF-16; expected UTF-8. Save it as UTF-8."
    return f"the file is not UTF-8 text ({error.reason}); expected a CSV in UTF-8, gzipped CSV or Parquet."
