"""LEAN's zipped trade bars of US equities as rows of text, raw, with the prices and times written out.

LEAN stores prices times 10,000. Daily and hourly bars: ``SYMBOL.csv`` within, stamps ``yyyymmdd hh:mm``. Minutes and
seconds: ``yyyymmdd_SYMBOL_minute_trade.csv`` within, stamps in milliseconds since midnight. Times are New York's and
mark the start of a bar.

Source: LEAN, Data/equity/readme.md.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from zoneinfo import ZoneInfo

from causeway.errors import InvalidInput

_ZONE = ZoneInfo("America/New_York")
_SCALE = Decimal(10_000)
_DAY_FILE = re.compile(r"(\d{8})_([A-Za-z0-9.]+)_(?:minute|second)_trade\.csv", re.IGNORECASE)
_SYMBOL_FILE = re.compile(r"([A-Za-z0-9.]+)\.csv", re.IGNORECASE)
_MOST_BYTES = 1 << 30
_COLUMNS = 6
_EXPECTED = (
    "expected one CSV within, SYMBOL.csv or yyyymmdd_SYMBOL_minute_trade.csv, with six columns of whole numbers: "
    "trade bars of US equities. Take any other CSV out of its zip"
)


@dataclass(frozen=True, slots=True)
class LeanTable:
    """Row numbers count lines from 1; there is no header in the file."""

    path: Path
    member: str
    symbol: str
    day: date | None
    header: tuple[str, ...] = ("symbol", "time", "open", "high", "low", "close", "volume")

    def rows(self, only: Collection[int] | None = None) -> Iterator[tuple[int, list[str]]]:
        """Line number and cells of every row, or of the lines in ``only``.

        Raises:
            InvalidInput: the file is damaged, or a row is no trade bar of LEAN.
        """
        stamp = _days(self.day) if self.day else _written
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open(self.member) as raw:
                for number, cells in enumerate(csv.reader(io.TextIOWrapper(raw, encoding="ascii")), start=1):
                    if cells and (only is None or number in only):
                        yield number, self._cells(number, cells, stamp)
        except (zipfile.BadZipFile, zlib.error, EOFError, UnicodeDecodeError) as error:
            raise InvalidInput(f"the zip is damaged: {error}. Was the file copied completely?") from error

    def _cells(self, number: int, cells: list[str], stamp: Callable[[str], str]) -> list[str]:
        try:
            at, *prices, volume = cells
            if len(cells) != _COLUMNS:
                raise ValueError(f"{len(cells)} columns")
            return [self.symbol, stamp(at), *(f"{_price(price):f}" for price in prices), _whole(volume)]
        except (ValueError, InvalidOperation) as error:
            raise InvalidInput(
                f"line {number} of {self.member} is no bar of LEAN ({error}): {','.join(cells)[:80]!r}; {_EXPECTED}.",
                details={"line": number},
            ) from error


def open_lean(path: Path) -> LeanTable:
    """Look at the one file within.

    Raises:
        InvalidInput: the zip is damaged, holds something else or is far too large.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as error:
        raise InvalidInput(f"the zip is damaged: {error}. Was the file copied completely?") from error
    if len(members) != 1 or members[0].file_size > _MOST_BYTES:
        found = ", ".join(member.filename for member in members[:3])
        raise InvalidInput(f"the zip holds {len(members)} files ({found}); {_EXPECTED}.")
    name = members[0].filename
    if intraday := _DAY_FILE.fullmatch(name):
        try:
            day = date.fromisoformat(intraday[1])
        except ValueError as error:
            raise InvalidInput(f"{name} names no day: {error}; {_EXPECTED}.") from error
        return LeanTable(path, name, intraday[2].upper(), day)
    if whole := _SYMBOL_FILE.fullmatch(name):
        return LeanTable(path, name, whole[1].upper(), None)
    raise InvalidInput(f"the zip holds {name}; {_EXPECTED}.")


def _price(text: str) -> Decimal:
    if not text.isdigit():
        raise ValueError(f"price {text!r}")
    return Decimal(text) / _SCALE


def _whole(volume: str) -> str:
    """Crypto has volumes in parts; its prices are not times 10,000, though they may be whole."""
    if not float(volume).is_integer():
        raise ValueError(f"volume {volume!r}")
    return volume


def _days(day: date) -> Callable[[str], str]:
    """Milliseconds since midnight of a day as a time with its offset. LEAN counts on the clock of the wall."""
    midnight = datetime.combine(day, time(), tzinfo=UTC)

    def stamp(text: str) -> str:
        wall = midnight + timedelta(milliseconds=int(text))
        return wall.replace(tzinfo=_ZONE).isoformat()

    return stamp


def _written(text: str) -> str:
    """``20131007 00:00`` is the day, ``20131007 09:00`` an hour of New York."""
    wall = datetime.strptime(text, "%Y%m%d %H:%M").replace(tzinfo=_ZONE)
    return wall.date().isoformat() if wall.time() == time() else wall.isoformat()
