"""A page of bars of one symbol or several, and the forms in which it goes out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from causeway.errors import InvalidInput
from causeway.market_data.corporate_actions import Adjustment
from causeway.model.bar import BarColumns
from causeway.model.spreadsheet import guarded
from causeway.model.time import BarSize, isoformat_z
from causeway.web.negotiation import choose
from causeway.web.paging import decode_cursor, encode_cursor
from functions.data.schemas import AdjustmentName, Bar, BarSizeName
from functions.data.services import Services

if TYPE_CHECKING:
    from causeway.adapters.storage.timeseries_db import TimeseriesDb

JSON, CSV, ARROW = "application/json", "text/csv", "application/vnd.apache.arrow.stream"
MOST_AS_JSON = 10_000
MOST = 50_000  # of CSV this is 4 MB; Lambda answers with at most 6 MB
_PART = 5_000  # bars that are encoded and sent at once
_COLUMNS = ("open", "high", "low", "close", "volume")
FIRST_TIME = datetime(1900, 1, 1, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class BarQuery:
    """What was asked for: bars with start <= time < end of ``symbols``, symbol after symbol."""

    symbols: Sequence[str]
    bar_size: BarSizeName
    start: datetime | None
    end: datetime | None
    adjustment: AdjustmentName
    as_of: datetime | None
    limit: int
    cursor: str | None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class BarPage:
    """Bars by symbol, in the order asked for; at most as many as the limit in all."""

    series: Mapping[str, BarColumns]
    next_cursor: str | None


def media_type(services: Services, accept: str | None, asked: BarQuery) -> str:
    """The form that the client takes. Arrow is offered where pyarrow is installed: Lambda has no room for it.

    Raises:
        NotAcceptable: it takes none that is offered.
        InvalidInput: JSON of over 10,000 bars; the whole as JSON, with a cursor, or from a server that sends pages.
    """
    offered = [JSON, CSV, *([ARROW] if services.arrow_stream else [])]
    chosen = choose(accept, offered)
    if asked.whole:
        _check_whole(services, chosen, asked)
    limit = asked.limit
    if chosen == JSON and limit > MOST_AS_JSON:
        raise InvalidInput(
            f"limit must be at most {MOST_AS_JSON} bars as JSON ({MOST} as {' or '.join(offered[1:])}); found {limit}.",
            details={"field": "limit", "limit": MOST_AS_JSON},
        )
    return chosen


def _check_whole(services: Services, chosen: str, asked: BarQuery) -> None:
    found = "Accept: application/json" if chosen == JSON else "a cursor" if asked.cursor else ""
    if found:
        raise InvalidInput(
            f"whole=true takes text/csv or {ARROW} and no cursor; found {found}.", details={"field": "whole"}
        )
    if not services.streams:
        raise InvalidInput(
            f"this server sends pages of at most {MOST} bars; leave whole out and follow X-Next-Cursor.",
            details={"field": "whole"},
        )


def read_page(services: Services, query: BarQuery) -> BarPage:
    """The page after ``query.cursor``. Whether every symbol is known is settled with the first page.

    Raises:
        NotFound: a symbol is not known.
        InvalidInput: the cursor is not of this list, or end is not after start.
    """
    if query.cursor is None and len(query.symbols) > 1:
        services.market_data.check_known(query.symbols, query.end)
    symbol, after = decode_cursor(query.cursor, str, datetime) or (query.symbols[0], None)
    if symbol not in query.symbols:
        raise InvalidInput(
            "cursor must be the next_cursor of an earlier page with the same symbols", details={"field": "cursor"}
        )
    series: dict[str, BarColumns] = {}
    left = query.limit
    for name in query.symbols[query.symbols.index(symbol) :]:
        bars = _read(services.market_data, query, name, after, left + 1)
        held = _first(bars, left)
        more = len(bars) > left
        left -= len(held)
        if len(held) or not more:
            series[name] = held
        if more:
            return BarPage(series, _cursor(name, held, query))
        after = None
    return BarPage(series, None)


def _read(series: TimeseriesDb, query: BarQuery, symbol: str, after: datetime | None, limit: int) -> BarColumns:
    return series.read_adjusted(
        symbol,
        BarSize(query.bar_size),
        after + _MICROSECOND if after else query.start,
        query.end,
        adjustment=Adjustment(query.adjustment),
        as_of=query.as_of,
        limit=limit,
    )


def _cursor(symbol: str, held: BarColumns, query: BarQuery) -> str:
    """The place after the last bar given out; the symbol's beginning where the page was full before it."""
    before_all = (query.start or FIRST_TIME) - _MICROSECOND
    return encode_cursor(symbol, _moment(int(held.time_us[-1])) if len(held) else before_all)


def items(bars: BarColumns) -> list[Bar]:
    columns = (getattr(bars, name).tolist() for name in _COLUMNS)
    return [
        Bar(time=_moment(at), **dict(zip(_COLUMNS, values, strict=True)))
        for at, *values in zip(bars.time_us.tolist(), *columns, strict=True)
    ]


def csv_chunks(parts: Iterable[tuple[str, BarColumns]]) -> Iterator[bytes]:
    """symbol, time and values, one bar a line; numbers as short as they read back equal.

    A symbol that a spreadsheet would run is guarded: see ``model.spreadsheet``.
    """
    yield _csv_lines([["symbol", "time", *_COLUMNS]])
    for symbol, bars in parts:
        columns = (getattr(bars, name).tolist() for name in _COLUMNS)
        times = (isoformat_z(_moment(at)) for at in bars.time_us.tolist())
        name = guarded(symbol)
        yield _csv_lines((name, *row) for row in zip(times, *columns, strict=True))


def in_parts(series: Iterable[tuple[str, BarColumns]]) -> Iterator[tuple[str, BarColumns]]:
    """The same bars in pieces that are sent one by one."""
    for symbol, bars in series:
        for start in range(0, len(bars), _PART):
            yield symbol, _rows(bars, slice(start, start + _PART))


def read_whole(services: Services, query: BarQuery) -> Iterator[tuple[str, BarColumns]]:
    """Every bar of the range, a page of one symbol at a time, all as of the moment at which the first is read.

    Raises:
        As ``read_page``.
        Unavailable: as many are read as may be at once.
    """
    with services.market_data.one_moment(query.symbols, query.end) as then:
        for symbol in query.symbols:
            after: datetime | None = None
            while True:
                bars = _read(then, query, symbol, after, MOST)
                yield symbol, bars
                if len(bars) < MOST:
                    break
                after = _moment(int(bars.time_us[-1]))


def _csv_lines(rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _first(bars: BarColumns, count: int) -> BarColumns:
    return bars if count >= len(bars) else _rows(bars, slice(count))


def _rows(bars: BarColumns, rows: slice) -> BarColumns:
    return BarColumns(bars.time_us[rows], *(getattr(bars, name)[rows] for name in _COLUMNS))


def _moment(time_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=int(time_us))
