"""A directory as a provider: which file is read, and what is refused. The rest is in the contract suite."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from causeway.adapters.feeds.file_feed import FileFeed
from causeway.errors import NotFound, Unavailable
from causeway.model.time import BarSize
from causeway.ports.feed import BarsRequest, FetchControl

TEXT = "date,open,high,low,close,volume\n2024-03-05,1,2,1,1.5,10\n2024-03-06,1.5,2,1,1.75,20\n"


def closes(directory: Path, symbol: str, size: BarSize = BarSize.DAY_1) -> list[float]:
    request = BarsRequest(symbol, size, datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC))
    pages = list(FileFeed(directory).bars(request, FetchControl()))
    return [close for page in pages for close in page.bars.close.tolist()]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "1d").mkdir()
    (tmp_path / "1m").mkdir()
    return tmp_path


def test_csv_gzip_and_parquet(directory: Path) -> None:
    (directory / "1d/A.csv").write_text(TEXT)
    (directory / "1d/B.csv.gz").write_bytes(gzip.compress(TEXT.encode()))
    table = pa.table(
        {"date": ["2024-03-05"], "open": [1.0], "high": [2.0], "low": [1.0], "close": [1.5], "volume": [1]}
    )
    pq.write_table(table, directory / "1d/C.parquet")
    assert closes(directory, "A") == closes(directory, "B") == [1.5, 1.75]
    assert closes(directory, "C") == [1.5]


def test_rows_of_one_stamp_are_all_handed_over_for_the_checks_to_judge(directory: Path) -> None:
    (directory / "1d/A.csv").write_text(f"{TEXT}2024-03-06,1.5,2,1,1.25,20\n")
    assert closes(directory, "A") == [1.5, 1.75, 1.25]


def test_rows_without_a_readable_time_are_told(directory: Path) -> None:
    (directory / "1d/A.csv").write_text(f"{TEXT}tomorrow,1.5,2,1,1.25,20\n")
    said: list[str] = []
    request = BarsRequest("A", BarSize.DAY_1, datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC))
    [page] = FileFeed(directory).bars(request, FetchControl(say=said.append))
    assert len(page.bars) == 2
    assert "1 of 3 rows have no readable time" in said[0]
    [row] = page.untimed
    assert (row.file, row.line, row.time) == ("1d/A.csv", 4, "tomorrow")
    assert dict(row.cells)["close"] == "1.25"
    assert [code for code, _ in row.reasons] == ["bad_time"]


def test_a_share_class_and_a_pair(directory: Path) -> None:
    (directory / "1d/BRK.B.csv").write_text(TEXT)
    (directory / "1d/EUR-USD.csv").write_text(TEXT)
    assert closes(directory, "brk.b") == closes(directory, "EUR/USD") == [1.5, 1.75]


def test_times_without_a_zone_are_new_yorks(directory: Path) -> None:
    (directory / "1m/A.csv").write_text("time,open,high,low,close,volume\n2024-03-05 09:30:00,1,1,1,1,1\n")
    start = datetime(2024, 3, 5, 14, 30, tzinfo=UTC)
    request = BarsRequest("A", BarSize.MINUTE_1, start, start.replace(minute=31))
    [page] = FileFeed(directory).bars(request, FetchControl())
    assert page.bars.time_us.tolist() == [int(start.timestamp() * 1e6)]


@pytest.mark.parametrize("symbol", ["../1d/A", "..", "/etc/passwd", ""])
def test_a_symbol_cannot_leave_the_directory(directory: Path, symbol: str) -> None:
    (directory / "1d/A.csv").write_text(TEXT)
    with pytest.raises(NotFound):
        closes(directory, symbol)


def test_a_damaged_file_is_told_by_name(directory: Path) -> None:
    (directory / "1d/A.parquet").write_bytes(b"PAR1 and nothing more")
    with pytest.raises(Unavailable, match=r"A\.parquet cannot be read"):
        closes(directory, "A")
