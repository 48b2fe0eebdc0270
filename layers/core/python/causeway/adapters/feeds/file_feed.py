"""A directory of files behind the feed port.

Two layouts, both read where both are there, ours first:

* ours: ``<bar size>/<SYMBOL>.csv``, ``.csv.gz`` or ``.parquet``, such as ``1d/MSFT.csv``, with columns as for
  ingestion; ``/`` in a symbol is written ``-``. Prices are taken as raw.
* LEAN's: ``equity/usa/daily/msft.zip``, ``hour/msft.zip``, ``minute/msft/20131007_trade.zip``, ``second/...``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from causeway.adapters.feeds.csv_files import open_table
from causeway.errors import InvalidInput, NotFound, Unavailable
from causeway.market_data.columns import ColumnMapping, map_columns
from causeway.market_data.findings import Finding, Findings
from causeway.market_data.normalizer import instants, parse_rows, session_starts
from causeway.market_data.written_times import NO_TIME
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import CorporateAction
from causeway.model.symbol import is_symbol
from causeway.model.time import BarSize, now_utc
from causeway.ports.feed import BarPage, BarsRequest, FeedOffer, FetchControl, UntimedRow

_NEW_YORK = ZoneInfo("America/New_York")
_SUFFIXES = (".csv", ".csv.gz", ".parquet")
_LEAN_ONE_FILE = {BarSize.DAY_1: "daily", BarSize.HOUR_1: "hour"}
_LEAN_DAY_FILES = {BarSize.MINUTE_1: "minute", BarSize.SECOND_1: "second"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Table(Protocol):
    """A file as rows of text, by line; it can be read again."""

    def rows(self, only: Collection[int] | None = None) -> Iterable[tuple[int, list[str]]]: ...


class FileFeed:
    """Bars from files; no corporate actions. ``time_zone`` is that of intraday times without an offset."""

    name = "files"
    offer = FeedOffer(bar_sizes=frozenset(BarSize), some_symbols=True)

    def __init__(self, directory: Path, *, time_zone: str = "America/New_York") -> None:
        self._directory = directory
        self._time_zone = time_zone

    def bars(self, request: BarsRequest, control: FetchControl) -> Iterator[BarPage]:
        """See ``HistoricalFeed.bars``. A page is a file."""
        files = self._files(request)
        for file, until in files:
            control.check()
            yield self._page(file, request, until, control)
        if not files:
            yield BarPage(_none(), _not_ahead(request.end, request))

    def actions(self, symbol: str, first: date, last: date, control: FetchControl) -> Sequence[CorporateAction]:
        """See ``HistoricalFeed.actions``.

        Raises:
            InvalidInput: always; files have none.
        """
        control.check()
        raise InvalidInput(f"files hold no corporate actions ({symbol}, {first} to {last}); ask another provider.")

    def _files(self, request: BarsRequest) -> list[tuple[Path, datetime]]:
        """Files that hold bars of the range, with the time up to which each is whole, ascending."""
        name = request.symbol.upper().replace("/", "-")  # of what a symbol may hold, a slash alone is no file's name
        if not is_symbol(name):
            raise NotFound(f"{request.symbol!r} is no symbol; expected such as AAPL or BRK.B")
        for suffix in _SUFFIXES:
            file = self._directory / request.bar_size / f"{name}{suffix}"
            if file.is_file():
                return [(file, request.end)]
        lean = self._directory / "equity" / "usa"
        if folder := _LEAN_ONE_FILE.get(request.bar_size):
            file = lean / folder / f"{name.lower()}.zip"
            if file.is_file():
                return [(file, request.end)]
        if folder := _LEAN_DAY_FILES.get(request.bar_size):
            days = lean / folder / name.lower()
            if days.is_dir():
                return _days_between(days, request)
        raise NotFound(
            f"{self._directory} has no bars of {request.bar_size} of {request.symbol}; expected "
            f"{request.bar_size}/{name}.csv, .csv.gz or .parquet, or LEAN's layout under equity/usa."
        )

    def _page(self, file: Path, request: BarsRequest, until: datetime, control: FetchControl) -> BarPage:
        """Rows that share a stamp are all handed over: which of them is right is for the checks of ingestion."""
        try:
            time_us, values, untimed = self._read(file, request)
        except InvalidInput as error:
            raise Unavailable(f"{file} cannot be read: {error.message}") from error
        if untimed:
            control.say(f"{file}: {len(untimed)} of {len(time_us)} rows have no readable time and go to quarantine")
        inside = (time_us >= _micros(request.start)) & (time_us < _micros(request.end)) & (time_us != NO_TIME)
        order = np.argsort(time_us[inside], kind="stable")
        time_us, values = time_us[inside][order], values[inside][order]
        whole = np.isfinite(values).all(axis=1)
        holes = tuple(_EPOCH + timedelta(microseconds=int(at)) for at in time_us[~whole])
        bars = BarColumns(time_us[whole], *values[whole].T.copy())
        return BarPage(bars, _not_ahead(until, request), holes=holes, untimed=untimed)

    def _read(
        self, file: Path, request: BarsRequest
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], tuple[UntimedRow, ...]]:
        table, findings = open_table(file), Findings()
        columns = map_columns(table.header, symbol=request.symbol.upper())
        parsed = parse_rows(table.rows(), columns, findings)
        daily = request.bar_size is BarSize.DAY_1
        time_us = session_starts(parsed) if daily else instants(parsed, self._time_zone, findings)
        if len(parsed) and (time_us == NO_TIME).all():
            raise InvalidInput(f"none of its {len(parsed)} rows has a readable time")
        lost = np.flatnonzero(time_us == NO_TIME).tolist()
        reasons = {int(parsed.row_number[row]): findings.by_row.get(row, []) for row in lost}
        return time_us, parsed.values, tuple(self._untimed(file, table, columns, reasons)) if lost else ()

    def _untimed(
        self, file: Path, table: Table, columns: ColumnMapping, reasons: Mapping[int, Sequence[Finding]]
    ) -> Iterator[UntimedRow]:
        """Rows without a time, whole, with what was found in them."""
        name = file.relative_to(self._directory).as_posix()
        for line, cells in table.rows(reasons.keys()):
            yield UntimedRow(
                file=name,
                line=line,
                time=cells[columns.position["time"]].strip(),
                cells=tuple(zip(columns.unique_header(), cells, strict=True)),
                reasons=tuple((one.code, one.message) for one in reasons[line]),
            )


def _not_ahead(until: datetime, request: BarsRequest) -> datetime:
    """What files do not hold yet they may hold later."""
    return max(request.start, min(until, now_utc()))


def _days_between(folder: Path, request: BarsRequest) -> list[tuple[Path, datetime]]:
    """Trade files of the days of New York that the request touches."""
    first, last = (moment.astimezone(_NEW_YORK).date() for moment in (request.start, request.end))
    found = []
    for file in sorted(folder.glob("????????_trade.zip")):
        day = date.fromisoformat(file.name[:8])
        if first <= day <= last:
            midnight = datetime(day.year, day.month, day.day, tzinfo=_NEW_YORK) + timedelta(days=1)
            found.append((file, min(request.end, midnight.astimezone(UTC))))
    return found


def _none() -> BarColumns:
    empty = np.empty(0)
    return BarColumns(np.empty(0, np.int64), empty, empty, empty, empty, empty)


def _micros(moment: datetime) -> int:
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds
