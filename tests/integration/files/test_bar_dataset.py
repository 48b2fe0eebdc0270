"""A Parquet dataset of bars: on disk and in S3, read by others, and never silently another one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest
from moto import mock_aws

from causeway.adapters.storage.bar_dataset import (
    MANIFEST,
    DatasetWriter,
    Manifest,
    read_actions,
    read_file,
    read_manifest,
    verify,
)
from causeway.adapters.storage.file_storage import DirectoryBlobs, open_blobs
from causeway.errors import CorruptData, InvalidInput
from causeway.model.bar import BarColumns
from causeway.ports.blobs import BlobStore

DAY_US = 86_400_000_000
NOW = datetime(2024, 1, 2, tzinfo=UTC)
ACTIONS = [{"symbol": "BRK/B", "kind": "split", "ex_date": "2010-01-21", "value": "50.000000000000000001"}]
DOCUMENT = Path(__file__).parents[3] / "docs/operations/storage-files.md"


def days(first: str, count: int, seed: int) -> BarColumns:
    """Consecutive days; prices with all the digits that a double has."""
    start = int(np.datetime64(first, "us").astype(np.int64))
    prices = np.random.default_rng(seed).uniform(1, 1000, (5, count))
    return BarColumns(start + DAY_US * np.arange(count), *prices)


SERIES = {"AAPL": days("2011-12-20", 400, 1), "BRK/B": days("2012-06-01", 30, 2)}


@pytest.fixture(params=["directory", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BlobStore]:
    if request.param == "directory":
        yield open_blobs(tmp_path.as_uri())
        return
    for name, value in (("ACCESS_KEY_ID", "test"), ("SECRET_ACCESS_KEY", "test"), ("DEFAULT_REGION", "us-east-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket="bars")
        yield open_blobs("s3://bars/export")


def write(blobs: BlobStore, series: dict[str, BarColumns] = SERIES, **options: Any) -> Manifest:
    """In parts of 70 bars, as pages would come."""
    writer = DatasetWriter(blobs, "1d", **options)
    for symbol, bars in series.items():
        for first in range(0, len(bars), 70):
            writer.add(symbol, BarColumns(*(column[first : first + 70] for column in columns(bars))))
    return writer.finish(symbols=[{"symbol": one} for one in series], actions=ACTIONS, created_at=NOW)


def columns(bars: BarColumns) -> list[np.ndarray[Any, Any]]:
    return [bars.time_us, bars.open, bars.high, bars.low, bars.close, bars.volume]


def assert_same(blobs: BlobStore, series: dict[str, BarColumns]) -> None:
    manifest = read_manifest(blobs)
    for symbol, bars in series.items():
        files = [read_file(blobs, one) for one in manifest.files if one.symbol == symbol]
        for found, expected in zip(zip(*map(columns, files), strict=True), columns(bars), strict=True):
            assert np.concatenate(found).tobytes() == expected.tobytes()


def test_bars_come_back_bit_for_bit(blobs: BlobStore) -> None:
    write(blobs)
    assert_same(blobs, SERIES)
    assert read_actions(blobs, read_manifest(blobs)) == ACTIONS


def test_the_layout_is_by_symbol_and_year_and_files_are_named_by_their_content(blobs: BlobStore) -> None:
    manifest = write(blobs)
    assert [re.sub(r"[0-9a-f]{64}", "HASH", one.key) for one in manifest.files] == [
        "bars/bar_size=1d/symbol=AAPL/year=2011/HASH.parquet",
        "bars/bar_size=1d/symbol=AAPL/year=2012/HASH.parquet",
        "bars/bar_size=1d/symbol=AAPL/year=2013/HASH.parquet",
        "bars/bar_size=1d/symbol=BRK%2FB/year=2012/HASH.parquet",
    ]
    assert [(one.rows, one.first, one.last) for one in manifest.files[:2]] == [
        (12, "2011-12-20T00:00:00Z", "2011-12-31T00:00:00Z"),
        (366, "2012-01-01T00:00:00Z", "2012-12-31T00:00:00Z"),
    ]
    assert sorted([one.key for one in manifest.files]) == list(blobs.keys("bars/"))


def test_a_long_year_is_several_files(blobs: BlobStore) -> None:
    manifest = write(blobs, most_rows=100)
    assert [one.rows for one in manifest.files] == [12, 100, 100, 100, 66, 22, 30]
    assert_same(blobs, SERIES)


def test_the_same_export_again_is_the_same_dataset(blobs: BlobStore) -> None:
    assert write(blobs) == write(blobs)


def test_what_the_new_manifest_does_not_name_is_removed_and_nothing_else(blobs: BlobStore) -> None:
    before = write(blobs)
    blobs.put("bars/notes.txt", b"mine")
    after = write(blobs, {"AAPL": days("2012-01-01", 10, 3)})
    assert not {one.key for one in before.files} & set(blobs.keys("bars/"))
    assert set(blobs.keys("bars/")) == {one.key for one in after.files} | {"bars/notes.txt"}


def test_an_interrupted_export_leaves_the_earlier_one(blobs: BlobStore) -> None:
    before = write(blobs)
    DatasetWriter(blobs, "1d").add("AAPL", days("2020-01-01", 800, 4))
    assert read_manifest(blobs) == before
    assert_same(blobs, SERIES)


@pytest.mark.parametrize("which", ["bars", "actions"])
def test_a_changed_byte_is_found_and_the_file_is_named(blobs: BlobStore, which: str) -> None:
    manifest = write(blobs)
    key = manifest.files[2].key if which == "bars" else str((manifest.actions or {})["key"])
    data = bytearray(blobs.get(key))
    data[len(data) // 2] ^= 1
    blobs.put(key, bytes(data))
    with pytest.raises(CorruptData, match=re.escape(key)):
        list(verify(blobs, manifest))


def test_an_absent_file_is_found_and_named(blobs: BlobStore) -> None:
    manifest = write(blobs)
    blobs.delete_prefix(manifest.files[1].key)
    with pytest.raises(CorruptData, match=re.escape(manifest.files[1].key)):
        list(verify(blobs, manifest))


@pytest.mark.parametrize(
    ("content", "error"),
    [(None, InvalidInput), (b"{", CorruptData), (b"[]", InvalidInput), (b'{"format": "other"}', InvalidInput)],
)
def test_what_is_no_export_is_refused(tmp_path: Path, content: bytes | None, error: type[Exception]) -> None:
    blobs = DirectoryBlobs(tmp_path)
    if content is not None:
        blobs.put(MANIFEST, content)
    with pytest.raises(error, match=r"manifest\.json"):
        read_manifest(blobs)


@pytest.mark.parametrize("reader", ["DuckDB", "polars", "pandas"])
def test_the_documents_lines_read_it(tmp_path: Path, reader: str) -> None:
    write(open_blobs(tmp_path.as_uri()))
    lines = re.search(rf"With {reader}:\n\n```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert lines is not None
    names: dict[str, Any] = {"folder": tmp_path}
    exec(lines.group(1), names)
    assert np.asarray(names["closes"]).tobytes() == SERIES["BRK/B"].close.tobytes()
