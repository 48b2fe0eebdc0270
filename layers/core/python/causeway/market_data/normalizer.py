"""Text cells to numbers, symbols and UTC times. What cannot be read becomes a finding, never a guess.

Times. A daily bar belongs to the exchange's session date and is stored as 00:00 UTC of that date: the date is
taken as written, whatever clock time or offset follows it; a moment of UTC (Unix time, for instance) that is not
midnight has the date of the file's zone, where one is given. An intraday time needs an offset of its own, or the file's
zone. Forms of time: ``written_times``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from causeway.errors import InvalidInput
from causeway.market_data.columns import ColumnMapping
from causeway.market_data.findings import Findings
from causeway.market_data.intervals import interval_starts
from causeway.market_data.written_times import EPOCH, NO_TIME, Stamp, read_date_and_clock, read_time
from causeway.model.spreadsheet import unguarded
from causeway.model.symbol import is_symbol
from causeway.model.time import BarSize

PRICES = ("open", "high", "low", "close")
FIELDS = (*PRICES, "volume")
_QUOTE = ("bid", "ask")
_EMPTY = frozenset({"", "na", "n/a", "null", "none", "-"})
_DAY_US = 86_400_000_000
_PROGRESS_ROWS = 20_000

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class ParsedRows:
    """Rows as columns, in file order; every array has n_rows entries.

    ``wall_us`` is the time as written, in microseconds since 1970 without regard to zones (``NO_TIME`` where it
    could not be read); ``offset_us`` is to be subtracted for UTC, ``NO_TIME`` where none was written.
    ``values`` has shape (n_rows, 5): open, high, low, close, volume, NaN where unreadable. ``quotes`` has shape
    (n_rows, 2), bid and ask, NaN where there is none; None where the source has no such columns.
    """

    row_number: NDArray[np.int64]
    symbols: tuple[str, ...]
    symbol_id: NDArray[np.int32]
    wall_us: NDArray[np.int64]
    offset_us: NDArray[np.int64]
    values: NDArray[np.float64]
    quotes: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return int(self.row_number.shape[0])


def parse_rows(
    rows: Iterable[tuple[int, Sequence[str]]],
    mapping: ColumnMapping,
    findings: Findings,
    progress: Progress | None = None,
) -> ParsedRows:
    """Read every row. ``progress`` is called with the number of rows read so far."""
    reader = _RowReader(mapping, findings)
    for row_number, cells in rows:
        reader.read(row_number, cells)
        if progress is not None and len(reader.numbers) % _PROGRESS_ROWS == 0:
            progress(len(reader.numbers))
    return reader.finish()


class _RowReader:
    def __init__(self, mapping: ColumnMapping, findings: Findings) -> None:
        self._at = mapping.position
        self._given_symbol = mapping.symbol
        self._findings = findings
        self._symbol_ids: dict[str, int] = {}
        self._clock_at = mapping.position["clock"]
        self._known_times: dict[tuple[str, str | None], tuple[int, int]] = {}
        self.numbers: list[int] = []
        self._ids: list[int] = []
        self._times: list[tuple[int, int]] = []
        self._values: list[list[float]] = []
        self._quotes: list[tuple[float, float]] | None = (
            [] if min(mapping.position[one] for one in _QUOTE) >= 0 else None
        )

    def read(self, row_number: int, cells: Sequence[str]) -> None:
        row = len(self.numbers)
        self.numbers.append(row_number)
        self._ids.append(self._symbol(row, cells))
        self._times.append(
            self._time(row, cells[self._at["time"]], None if self._clock_at < 0 else cells[self._clock_at])
        )
        self._values.append([self._number(row, field, cells) for field in FIELDS])
        if self._quotes is not None:
            bid, ask = (_number_or_nan(cells[self._at[one]]) for one in _QUOTE)
            self._quotes.append((bid, ask))

    def finish(self) -> ParsedRows:
        times = np.array(self._times, dtype=np.int64).reshape(-1, 2)
        return ParsedRows(
            np.array(self.numbers, dtype=np.int64),
            tuple(self._symbol_ids),
            np.array(self._ids, dtype=np.int32),
            times[:, 0],
            times[:, 1],
            np.array(self._values, dtype=np.float64).reshape(-1, len(FIELDS)),
            None if self._quotes is None else np.array(self._quotes, dtype=np.float64).reshape(-1, len(_QUOTE)),
        )

    def _symbol(self, row: int, cells: Sequence[str]) -> int:
        text = self._given_symbol or cells[self._at["symbol"]]
        symbol = unguarded(text.strip()).upper()
        if not symbol:
            self._findings.add(row, "missing_field", "symbol is empty")
        elif not is_symbol(symbol):
            self._findings.add(row, "bad_symbol", f"symbol is {text[:40]!r}; expected such as AAPL or BRK.B")
            symbol = ""
        return self._symbol_ids.setdefault(symbol, len(self._symbol_ids))

    def _time(self, row: int, text: str, clock: str | None) -> tuple[int, int]:
        found = self._known_times.get((text, clock))
        if found is None:
            found = read_time(text) if clock is None else read_date_and_clock(text, clock)
            self._known_times[text, clock] = found
        if found[0] == NO_TIME:
            written = text if clock is None else f"{text.strip()} {clock.strip()}"
            if written.strip().lower() in _EMPTY:
                self._findings.add(row, "missing_field", "time is empty")
            else:
                self._findings.add(
                    row, "bad_time", f"time is {written[:40]!r}; expected such as 2024-01-31 or 2024-01-31T14:30:00Z"
                )
        return found

    def _number(self, row: int, field: str, cells: Sequence[str]) -> float:
        at = self._at[field]
        if at < 0:
            return 0.0
        text = cells[at]
        try:
            number = float(text)
        except ValueError:
            if text.strip().lower() in _EMPTY:
                self._findings.add(row, "missing_field", f"{field} is empty")
            else:
                self._findings.add(row, "not_a_number", _no_number(field, text))
            return np.nan
        if "_" in text:
            self._findings.add(row, "not_a_number", _no_number(field, text))
            return np.nan
        if not np.isfinite(number):
            self._findings.add(row, "not_finite", f"{field} is {text.strip()}; expected a finite number")
        return number


def _number_or_nan(text: str) -> float:
    """A quote that is not there is no flaw of the bar."""
    try:
        return float(text)
    except ValueError:
        return float("nan")


def session_starts(parsed: ParsedRows, time_zone: str | None = None) -> NDArray[np.int64]:
    """00:00 UTC of the date, for daily bars; ``NO_TIME`` stays.

    The date as written; of a moment of UTC other than midnight, the date in ``time_zone`` where that is given: midnight
    in Tokyo is 15:00 of the day before.

    Raises:
        InvalidInput: the zone's name is not known.
    """
    wall_us = parsed.wall_us
    days = np.where(wall_us == NO_TIME, NO_TIME, wall_us - wall_us % _DAY_US)
    if time_zone is not None:
        moments = (wall_us != NO_TIME) & (parsed.offset_us == 0) & (wall_us % _DAY_US != 0)
        days[moments] = interval_starts(wall_us[moments], BarSize.DAY_1, zone_named(time_zone).key)
    return days


def bar_starts(
    parsed: ParsedRows, bar_size: BarSize, time_zone: str | None, stamp: Stamp, findings: Findings
) -> NDArray[np.int64]:
    """UTC microseconds of the starts of intraday bars whose times are their start or their end.

    Raises:
        InvalidInput: as ``instants``.
    """
    time_us = instants(parsed, time_zone, findings)
    if stamp is Stamp.END:
        time_us[time_us != NO_TIME] -= bar_size.width // timedelta(microseconds=1)
    return time_us


def _no_number(field: str, text: str) -> str:
    found = f"{field} is {text[:40]!r}; expected a number such as 12.5"
    return found + (". No comma is read, as it may part decimals or thousands" if "," in text else "")


def instants(parsed: ParsedRows, time_zone: str | None, findings: Findings) -> NDArray[np.int64]:
    """UTC microseconds of intraday stamps.

    Raises:
        InvalidInput: no row carries a zone and none was given, or the zone's name is not known.
    """
    readable = parsed.wall_us != NO_TIME
    bare = readable & (parsed.offset_us == NO_TIME)
    utc_us = np.where(readable, parsed.wall_us - np.where(bare, 0, parsed.offset_us), NO_TIME)
    if not bare.any():
        return utc_us
    if time_zone is None:
        if bare.sum() == readable.sum():
            raise InvalidInput(
                f"the times carry no time zone (such as {_written(parsed, bare)}). Say which zone they are "
                "in: --timezone America/New_York (over HTTP time_zone=America/New_York), or write them as "
                "2024-01-31T14:30:00Z.",
                details={"field": "time_zone"},
            )
        for row in np.flatnonzero(bare):
            findings.add(int(row), "no_time_zone", "the time has no zone; other rows of the file have one")
        return np.where(bare, NO_TIME, utc_us)
    return _localised(parsed, bare, utc_us, zone_named(time_zone), findings)


def _localised(
    parsed: ParsedRows,
    bare: NDArray[np.bool_],
    utc_us: NDArray[np.int64],
    zone: ZoneInfo,
    findings: Findings,
) -> NDArray[np.int64]:
    utc_us = utc_us.copy()
    utc_us[bare] = wall_to_utc(parsed.wall_us[bare], zone)
    for row in np.flatnonzero(bare & (utc_us == NO_TIME)):
        findings.add(int(row), "ambiguous_time", f"the local time happened twice or never in {zone.key}")
    return utc_us


def wall_to_utc(wall_us: NDArray[np.int64], zone: ZoneInfo) -> NDArray[np.int64]:
    """UTC microseconds of local ones; ``NO_TIME`` for a local time that a clock change skipped or repeated."""
    walls, inverse = np.unique(wall_us, return_inverse=True)
    return np.array([_to_utc(int(wall), zone) for wall in walls], dtype=np.int64)[inverse]


def _to_utc(wall_us: int, zone: ZoneInfo) -> int:
    local = (EPOCH + timedelta(microseconds=wall_us)).replace(tzinfo=zone)
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        return int(NO_TIME)
    return (local.astimezone(UTC).replace(tzinfo=None) - EPOCH) // timedelta(microseconds=1)


def zone_named(name: str) -> ZoneInfo:
    """The zone of this IANA name.

    Raises:
        InvalidInput: it is not known.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput(
            f"time_zone {name!r} is not known; expected such as America/New_York or UTC.",
            details={"field": "time_zone"},
        ) from error


def _written(parsed: ParsedRows, where: NDArray[np.bool_]) -> str:
    return (EPOCH + timedelta(microseconds=int(parsed.wall_us[where][0]))).isoformat(sep=" ")
