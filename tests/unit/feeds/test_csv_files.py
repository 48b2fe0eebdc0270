"""Files of rows: what is read, and how each kind of broken file is refused."""

from __future__ import annotations

import gzip
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from causeway.adapters.feeds import csv_files
from causeway.adapters.feeds.csv_files import open_table
from causeway.errors import InvalidInput
from causeway.market_data.written_times import read_time

TEXT = "symbol,date,close\nAAPL,2024-01-02,1.50\nMSFT,2024-01-02,2\n"
ROWS = [(2, ["AAPL", "2024-01-02", "1.50"]), (3, ["MSFT", "2024-01-02", "2"])]


def written(tmp_path: Path, data: bytes | str) -> Path:
    path = tmp_path / "file"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


@pytest.mark.parametrize(
    "data",
    [
        TEXT,
        "\ufeff" + TEXT,
        TEXT.replace("\n", "\r\n"),
        TEXT.replace(",", ";"),
        TEXT.replace(",", "\t"),
        TEXT.replace(",", "|"),
        gzip.compress(TEXT.encode(), mtime=0),
    ],
    ids=["plain", "byte order mark", "CRLF", "semicolons", "tabs", "bars", "gzip"],
)
def test_forms_of_csv(tmp_path: Path, data: bytes | str) -> None:
    table = open_table(written(tmp_path, data))
    assert table.header == ("symbol", "date", "close")
    assert list(table.rows()) == ROWS
    assert list(table.rows()) == ROWS, "a table can be read again"


def test_single_rows_can_be_read_again(tmp_path: Path) -> None:
    assert list(open_table(written(tmp_path, TEXT)).rows({3})) == ROWS[1:]


def test_quotes_and_blank_lines(tmp_path: Path) -> None:
    table = open_table(written(tmp_path, 'name,price\n"A, Inc",1\n\n"B",2\n'))
    assert list(table.rows()) == [(2, ["A, Inc", "1"]), (4, ["B", "2"])]


def test_a_file_without_a_header_has_numbered_columns(tmp_path: Path) -> None:
    table = open_table(written(tmp_path, "AAPL,2024-01-02,1.5\n"))
    assert table.header == ("#1", "#2", "#3")
    assert list(table.rows()) == [(1, ["AAPL", "2024-01-02", "1.5"])]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "holds no text"),
        (b"hello world\nthis is prose\n", "not a CSV"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "not UTF-8"),
        (TEXT.encode("utf-16"), "UTF-16"),
        ("name,price\nZürich,1\n".encode("latin-1"), "not UTF-8"),
        (b"a,b,c\n1,2,3\n1,2\n", "line 3 has 2 cells, the header has 3"),
        (b"a,b\n1,2,3\n", "line 2 has 3 cells, the header has 2"),
        (gzip.compress(TEXT.encode() * 1000, mtime=0)[:-20], "gzip stream is broken or ends early"),
        (gzip.compress(TEXT.encode() * 1000, mtime=0)[:60] + b"\x00" * 40, "gzip stream is broken or ends early"),
        (b"PAR1 and then nonsense", "Parquet file is damaged"),
    ],
)
def test_broken_files_are_refused_with_what_is_wrong(tmp_path: Path, data: bytes, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        list(open_table(written(tmp_path, data)).rows())


def parquet(tmp_path: Path, columns: dict[str, pa.Array]) -> Path:
    path = tmp_path / "bars.parquet"
    pq.write_table(pa.table(columns), path)
    return path


def test_parquet_gives_the_same_bits_back(tmp_path: Path) -> None:
    awkward = [0.1 + 0.2, 1e-17, 123456789.123456789]
    table = open_table(parquet(tmp_path, {"x": pa.array(awkward), "n": pa.array([1, None, 3])}))
    rows = [cells for _, cells in table.rows()]
    assert [float(cells[0]) for cells in rows] == awkward
    assert [cells[1] for cells in rows] == ["1", "", "3"]
    assert [number for number, _ in table.rows({2})] == [2]


def test_parquet_times_are_read_as_written(tmp_path: Path) -> None:
    moment = datetime.fromisoformat("2024-01-02T14:30:00+00:00")
    table = open_table(
        parquet(
            tmp_path,
            {
                "day": pa.array([date(2024, 1, 2)]),
                "aware": pa.array([moment], pa.timestamp("ns", tz="America/New_York")),
                "naive": pa.array([moment.replace(tzinfo=None)], pa.timestamp("ms")),
            },
        )
    )
    ((_, cells),) = table.rows()
    assert cells == ["2024-01-02", "2024-01-02T09:30:00-05:00", "2024-01-02T14:30:00"]
    assert all(read_time(cell)[0] > 0 for cell in cells)


def test_parquet_with_wrong_types_names_the_columns(tmp_path: Path) -> None:
    path = parquet(tmp_path, {"close": pa.array([[1.0, 2.0]]), "date": pa.array(["2024-01-02"])})
    with pytest.raises(InvalidInput, match=r"close \(list"):
        open_table(path)


def test_a_truncated_parquet_file_is_refused(tmp_path: Path) -> None:
    path = parquet(tmp_path, {"close": pa.array([1.0] * 1000)})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(InvalidInput, match="Parquet file is damaged"):
        open_table(path)


@pytest.mark.parametrize("bomb", ["1" * 3_000_000, '1,"' + "1\n" * 1_500_000, "1,1\n" * 750_000])
def test_a_gzipped_file_that_unpacks_without_end_is_refused(
    tmp_path: Path, bomb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long line, a long cell over many lines, many lines."""
    monkeypatch.setattr(csv_files, "MOST_TEXT", 2_000_000)
    path = tmp_path / "bars.csv.gz"
    path.write_bytes(gzip.compress(f"time,close\n{bomb}".encode()))
    with pytest.raises(InvalidInput, match=r"too long|not a CSV"):
        list(open_table(path).rows())
