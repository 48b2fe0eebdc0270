"""Bars as a Parquet dataset in a blob store: one file or more for each symbol and year, and a manifest.

``bars/bar_size=1d/symbol=BRK%2FB/year=2012/<sha256>.parquet``: partition names as Hive, pyarrow, polars and DuckDB read
them. A file is named by its content and never changes; the manifest is written last, in one step, so that an export
is seen whole or not at all. What an interrupted or an earlier export left is removed after that.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import numpy as np

from causeway.adapters.storage import parquet_bars
from causeway.adapters.storage.parquet_bars import PRICES
from causeway.errors import CorruptData, InvalidInput, NotFound
from causeway.model.bar import BarColumns
from causeway.model.time import isoformat_z
from causeway.ports.blobs import BlobStore

MANIFEST = "manifest.json"
SCHEMA_VERSION = 1
MOST_ROWS = 500_000  # of one file; a year of seconds is several
_FORMAT = "causeway-bars"
_OURS = re.compile(r"(bars/.+|corporate_actions)/[0-9a-f]{64}\.parquet")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class DatasetFile:
    """One file of bars. ``first`` and ``last`` are starts of bars, ISO 8601 in UTC."""

    key: str
    sha256: str
    bytes: int
    rows: int
    symbol: str
    year: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an export holds. ``symbols`` are the instruments' columns; ``actions`` is the file of corporate actions;
    ``validity`` says when which symbol meant which instrument, for those of ``symbols`` and their other names.
    """

    bar_size: str
    created_at: str
    start: str | None
    end: str | None
    symbols: list[dict[str, Any]]
    files: list[DatasetFile]
    actions: dict[str, Any] | None = None
    validity: list[dict[str, Any]] = field(default_factory=list)
    format: str = _FORMAT
    schema_version: int = SCHEMA_VERSION

    @property
    def rows(self) -> int:
        return sum(one.rows for one in self.files)


@dataclass
class DatasetWriter:
    """Takes bars symbol by symbol, ascending, in parts of any length; holds one file's rows in memory."""

    blobs: BlobStore
    bar_size: str
    most_rows: int = MOST_ROWS
    files: list[DatasetFile] = field(default_factory=list)
    _symbol: str = ""
    _year: int = 0
    _waiting: list[BarColumns] = field(default_factory=list)

    def add(self, symbol: str, bars: BarColumns) -> None:
        """More bars of ``symbol``."""
        for year, part in parquet_bars.by_year(bars):
            if (symbol, year) != (self._symbol, self._year):
                self._write(everything=True)
                self._symbol, self._year = symbol, year
            self._waiting.append(part)
            self._write(everything=False)

    def finish(
        self,
        *,
        symbols: Sequence[dict[str, Any]],
        actions: Sequence[dict[str, Any]],
        created_at: datetime,
        validity: Sequence[dict[str, Any]] = (),
        span: tuple[datetime | None, datetime | None] = (None, None),
    ) -> Manifest:
        """Write what waits, the corporate actions and the manifest; then remove what is in no manifest any more."""
        self._write(everything=True)
        start, end = (None if at is None else isoformat_z(at) for at in span)
        action_file = self._put("corporate_actions", parquet_bars.encode_actions(actions)) if actions else None
        manifest = Manifest(
            self.bar_size, isoformat_z(created_at), start, end, list(symbols), self.files, action_file, list(validity)
        )
        self.blobs.put(MANIFEST, json.dumps(asdict(manifest), indent=1).encode())
        kept = {one.key for one in self.files} | ({action_file["key"]} if action_file else set())
        for key in [*self.blobs.keys("bars/"), *self.blobs.keys("corporate_actions/")]:
            if key not in kept and _OURS.fullmatch(key):
                self.blobs.delete_prefix(key)
        return manifest

    def _write(self, *, everything: bool) -> None:
        """Full files, and the rest as well when nothing more comes of the year."""
        rows = sum(map(len, self._waiting))
        while rows >= self.most_rows or (everything and rows):
            bars = _joined(self._waiting)
            part, rest = _cut(bars, self.most_rows)
            self._waiting, rows = [rest], len(rest)
            self._write_file(part)

    def _write_file(self, bars: BarColumns) -> None:
        place = f"bars/bar_size={self.bar_size}/symbol={quote(self._symbol, safe='')}/year={self._year}"
        put = self._put(place, parquet_bars.encode_bars(bars))
        first, last = (isoformat_z(_EPOCH + timedelta(microseconds=int(bars.time_us[at]))) for at in (0, -1))
        self.files.append(
            DatasetFile(**put, rows=len(bars), symbol=self._symbol, year=self._year, first=first, last=last)
        )

    def _put(self, place: str, data: bytes) -> dict[str, Any]:
        digest = hashlib.sha256(data).hexdigest()
        key = f"{place}/{digest}.parquet"
        self.blobs.put(key, data)
        return {"key": key, "sha256": digest, "bytes": len(data)}


def read_manifest(blobs: BlobStore) -> Manifest:
    """The manifest of an export.

    Raises:
        InvalidInput: there is none, or it is of a version that this program does not know.
        CorruptData: it cannot be read.
    """
    try:
        held = json.loads(blobs.get(MANIFEST))
    except NotFound as error:
        raise InvalidInput(f"there is no {MANIFEST}: an export was not finished, or this is none") from error
    except ValueError as error:
        raise CorruptData(f"{MANIFEST} is not JSON: {error}") from error
    if not isinstance(held, dict) or (held.get("format"), held.get("schema_version")) != (_FORMAT, SCHEMA_VERSION):
        raise InvalidInput(f"{MANIFEST} must be of format {_FORMAT}, version {SCHEMA_VERSION}; update causeway")
    try:
        return Manifest(**{**held, "files": [DatasetFile(**one) for one in held["files"]]})
    except (TypeError, KeyError) as error:
        raise CorruptData(f"{MANIFEST} lacks a part or has one too many: {error}") from error


def read_file(blobs: BlobStore, file: DatasetFile) -> BarColumns:
    """The bars of one file.

    Raises:
        CorruptData: it is absent, or its bytes or rows are not those of the manifest; it is named.
    """
    bars = parquet_bars.decode_bars(_checked(blobs, file.key, file.sha256), file.key)
    if len(bars) != file.rows:
        raise CorruptData(f"{file.key} must hold {file.rows} rows; found {len(bars)}. Export it again.")
    return bars


def read_actions(blobs: BlobStore, manifest: Manifest) -> list[dict[str, Any]]:
    """The corporate actions of an export.

    Raises:
        CorruptData: as ``read_file``.
    """
    if manifest.actions is None:
        return []
    key = str(manifest.actions["key"])
    return parquet_bars.decode_actions(_checked(blobs, key, manifest.actions["sha256"]), key)


def verify(blobs: BlobStore, manifest: Manifest) -> Iterator[DatasetFile]:
    """Each file after its bytes were found to be those of the manifest.

    Raises:
        CorruptData: as ``read_file``.
    """
    read_actions(blobs, manifest)
    for file in manifest.files:
        _checked(blobs, file.key, file.sha256)
        yield file


def _checked(blobs: BlobStore, key: str, sha256: str) -> bytes:
    try:
        data = blobs.get(key)
    except NotFound as error:
        raise CorruptData(f"{key} is in the manifest and not in the export. Export it again.") from error
    if (found := hashlib.sha256(data).hexdigest()) != sha256:
        raise CorruptData(f"{key} was changed: expected sha256 {sha256}, found {found}. Export it again.")
    return data


def _joined(parts: Sequence[BarColumns]) -> BarColumns:
    if len(parts) == 1:
        return parts[0]
    return BarColumns(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("time_us", *PRICES)))


def _cut(bars: BarColumns, rows: int) -> tuple[BarColumns, BarColumns]:
    def part(of: slice) -> BarColumns:
        return BarColumns(*(getattr(bars, name)[of] for name in ("time_us", *PRICES)))

    return part(slice(rows)), part(slice(rows, None))
