"""A bounded queue on disk: append-only segment files per lane, read in order, taken off once they are acknowledged.

A record is written to the file before ``append`` returns, so it outlives the process (kill -9); ``sync`` makes it
outlive the machine. What is torn by a crash at the end of a file is cut off when the spool is opened again. Records
may be read twice after a crash, never out of order, so whoever takes them must be idempotent.

At the bound the oldest segments of droppable lanes go, and every item in them is counted. A record of another lane is
never dropped: it is refused with ``SpoolFull``, which the caller must make known.
"""

from __future__ import annotations

import os
import threading
import zlib
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from struct import Struct
from typing import NamedTuple

from causeway.ports.spool import MOST_READ_BYTES, SpoolFull

_HEADER = Struct("<III")  # bytes of the payload, items in it, CRC-32 of the payload


class Position(NamedTuple):
    """Where a reader stands in a lane: number of the segment and bytes in it."""

    segment: int
    offset: int


class Record(NamedTuple):
    """A payload, how many items it holds, and the position after it."""

    payload: bytes
    items: int
    after: Position


@dataclass(slots=True)
class _Lane:
    name: str
    directory: Path
    segments: dict[int, int] = field(default_factory=dict)  # number -> bytes, ascending
    at: Position = field(default_factory=lambda: Position(1, 0))
    file: int = -1

    def path(self, number: int) -> Path:
        return self.directory / f"{self.name}-{number:012d}.seg"

    @property
    def cursor_path(self) -> Path:
        return self.directory / f"{self.name}.cursor"

    @property
    def newest(self) -> int:
        return next(reversed(self.segments))

    @property
    def oldest(self) -> int:
        return next(iter(self.segments))

    def open(self) -> None:
        """Find segments and cursor; cut off what a crash tore."""
        numbers = sorted(int(path.stem.rpartition("-")[2]) for path in self.directory.glob(f"{self.name}-*.seg"))
        self.at = self._stored_cursor(numbers)
        for number in numbers:
            if number < self.at.segment:
                self.path(number).unlink()
                continue
            self.segments[number] = _whole_bytes(self.path(number))
            os.truncate(self.path(number), self.segments[number])
        if not self.segments:
            self.begin(self.at.segment)
        else:
            self._open_newest()
        if self.at.offset > self.segments.get(self.at.segment, 0):  # the machine forgot what was read
            self.at = Position(self.oldest, 0)

    def begin(self, number: int) -> None:
        """A new segment to write to."""
        self.segments[number] = 0
        self._open_newest()

    def drop_oldest(self) -> None:
        number = self.oldest
        del self.segments[number]
        self.path(number).unlink(missing_ok=True)
        if self.at.segment <= number:
            self.at = Position(self.oldest, 0)

    def store_cursor(self) -> None:
        draft = self.cursor_path.with_suffix(".draft")
        draft.write_text(f"{self.at.segment} {self.at.offset}")
        draft.replace(self.cursor_path)

    def _stored_cursor(self, numbers: list[int]) -> Position:
        try:
            segment, offset = map(int, self.cursor_path.read_text().split())
        except (FileNotFoundError, ValueError):
            return Position(numbers[0] if numbers else 1, 0)
        if numbers and segment < numbers[0]:
            return Position(numbers[0], 0)
        return Position(segment, offset)

    def _open_newest(self) -> None:
        if self.file >= 0:
            os.close(self.file)
        self.file = os.open(self.path(self.newest), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


class Spool:
    """Lanes in one directory under one bound. Safe to share between threads; one process at a time.

    ``dropped`` counts items by lane that were given up for want of room.
    """

    def __init__(self, directory: Path, lanes: Collection[str], *, droppable: Collection[str], max_bytes: int) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._droppable = tuple(droppable)
        self._max_bytes = max_bytes
        self._segment_bytes = max(4096, min(4 << 20, max_bytes // 16))
        self._lock = threading.Lock()
        self._lanes = {name: _Lane(name, directory) for name in lanes}
        self.dropped: Counter[str] = Counter()
        for lane in self._lanes.values():
            lane.open()

    @property
    def size_bytes(self) -> int:
        """Bytes on disk, what was read but not yet removed included."""
        return sum(sum(lane.segments.values()) for lane in self._lanes.values())

    def append(self, name: str, payload: bytes, items: int = 1) -> None:
        """Write one record at the end of a lane.

        Raises:
            SpoolFull: the bound is reached, and the lane is one whose records are never dropped.
            OSError: the disk does not take it; the lane is as it was.
        """
        record = _HEADER.pack(len(payload), items, zlib.crc32(payload)) + payload
        with self._lock:
            lane = self._lanes[name]
            if not self._make_room(len(record)):
                if name not in self._droppable:
                    raise SpoolFull(f"the spool holds {self.size_bytes} bytes, at most {self._max_bytes} are allowed")
                self.dropped[name] += items
                return
            if lane.segments[lane.newest] >= self._segment_bytes:
                lane.begin(lane.newest + 1)
            self._write(lane, record)

    def read(self, name: str, most_bytes: int = MOST_READ_BYTES) -> list[Record]:
        """Records after the last acknowledged one, in order; empty where there is none."""
        with self._lock:
            lane, taken = self._lanes[name], 0
            found: list[Record] = []
            for record in _records(lane):
                found.append(record)
                taken += len(record.payload)
                if taken >= most_bytes:
                    break
            return found

    def acknowledge(self, name: str, after: tuple[int, int]) -> None:
        """Everything up to ``after`` is safe elsewhere; whole segments before it are removed."""
        with self._lock:
            lane = self._lanes[name]
            lane.at = max(lane.at, Position(*after))
            while lane.oldest < lane.at.segment:
                lane.drop_oldest()
            if lane.at == (lane.newest, lane.segments[lane.newest]) and lane.at.offset > 0:
                lane.begin(lane.newest + 1)
                lane.at = Position(lane.newest, 0)
                lane.drop_oldest()
            lane.store_cursor()

    def waiting(self, name: str) -> int:
        """Bytes that are not acknowledged."""
        with self._lock:
            lane = self._lanes[name]
            return sum(size for number, size in lane.segments.items() if number >= lane.at.segment) - lane.at.offset

    def sync(self, name: str) -> None:
        """Make what was appended outlive the machine."""
        with self._lock:
            file = os.dup(self._lanes[name].file)
        try:
            os.fdatasync(file)
        finally:
            os.close(file)

    def close(self) -> None:
        """Close the files; nothing is lost."""
        with self._lock:
            for lane in self._lanes.values():
                os.close(lane.file)
                lane.file = -1

    def _make_room(self, needed: int) -> bool:
        """Drop the oldest droppable segments until ``needed`` bytes fit; whether they do."""
        while self.size_bytes + needed > self._max_bytes:
            victims = [self._lanes[name] for name in self._droppable if sum(self._lanes[name].segments.values())]
            if not victims:
                return False
            lane = max(victims, key=lambda one: sum(one.segments.values()))
            if len(lane.segments) == 1:
                lane.begin(lane.newest + 1)
            self.dropped[lane.name] += _items_waiting(lane, lane.oldest)
            lane.drop_oldest()
            lane.store_cursor()
        return True

    def _write(self, lane: _Lane, record: bytes) -> None:
        size = lane.segments[lane.newest]
        try:
            written = os.write(lane.file, record)
            if written < len(record):
                raise OSError(28, "no space left for a whole record")
        except OSError:
            os.ftruncate(lane.file, size)
            raise
        lane.segments[lane.newest] = size + len(record)


def _records(lane: _Lane) -> Iterator[Record]:
    offset = lane.at.offset
    for number, size in lane.segments.items():
        if number < lane.at.segment:
            continue
        with lane.path(number).open("rb") as file:
            file.seek(offset)
            while offset < size:
                length, items, _ = _HEADER.unpack(file.read(_HEADER.size))
                offset += _HEADER.size + length
                yield Record(file.read(length), items, Position(number, offset))
        offset = 0


def _items_waiting(lane: _Lane, number: int) -> int:
    """Items of the oldest segment that were not acknowledged."""
    return sum(record.items for record in _records(lane) if record.after.segment == number)


def _whole_bytes(path: Path) -> int:
    """Length of the records at the beginning of a file that are whole and as they were written."""
    good = 0
    with path.open("rb") as file:
        while len(header := file.read(_HEADER.size)) == _HEADER.size:
            length, _, checksum = _HEADER.unpack(header)
            payload = file.read(length)
            if len(payload) < length or zlib.crc32(payload) != checksum:
                break
            good += _HEADER.size + length
    return good
