"""A page of bars of one symbol or several, and the forms in which it goes out."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from causeway.errors import InvalidInput
from causeway.market_data.corporate_actions import Adjustment
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize, isoformat_z
from causeway.web.negotiation import choose
from causeway.web.paging import decode_cursor, encode_cursor
from functions.data.schemas import AdjustmentName, Bar, BarSizeName
from functions.data.services import Services

JSON, CSV, ARROW = "application/json", "text/csv", "application/vnd.apache.arrow.stream"
MOST_AS_JSON = 10_000
MOST = 50_000  # of CSV this is 4 MB; Lambda answers with at most 6 MB
_COLUMNS = ("open", "high", "low", "close", "volume")
FIRST_TIME = datetime(1900, 1, 1, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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


@dataclass(frozen=True, slots=True)
class BarPage:
    """Bars by symbol, in the order asked for; at most as many as the limit in all."""

    series: Mapping[str, BarColumns]
    next_cursor: str | None


def media_type(services: Services, accept: str | None, limit: int) -> str:
    """The form that the client takes. Arrow is offered where pyarrow is installed: Lambda has no room for it.

    Raises:
        NotAcceptable: it takes none that is offered.
        InvalidInput: JSON of over 10,000 bars.
    """
    offered = [JSON, CSV, *([ARROW] if services.arrow_stream else [])]
    chosen = choose(accept, offered)
    if chosen == JSON and limit > MOST_AS_JSON:
        raise InvalidInput(
            f"limit must be at most {MOST_AS_JSON} bars as JSON ({MOST} as {' or '.join(offered[1:])}); found {limit}.",
            details={"field": "limit", "limit": MOST_AS_JSON},
        )
    return chosen


def read_page(services: Services, query: BarQuery) -> BarPage:
    """The page after ``query.cursor``.

    Raises:
        NotFound: a symbol is not known.
        InvalidInput: the cursor is not of this list, or end is not after start.
    """
    symbol, after = decode_cursor(query.cursor, str, datetime) or (query.symbols[0], None)
    if symbol not in query.symbols:
        raise InvalidInput(
            "cursor must be the next_cursor of an earlier page with the same symbols", details={"field": "cursor"}
        )
    series: dict[str, BarColumns] = {}
    left = query.limit
    for name in query.symbols[query.symbols.index(symbol) :]:
        bars = _read(services, query, name, after, left + 1)
        held = _first(bars, left)
        more = len(bars) > left
        left -= len(held)
        if len(held) or not more:
            series[name] = held
        if more:
            return BarPage(series, _cursor(name, held, query))
        after = None
    return BarPage(series, None)


def _read(services: Services, query: BarQuery, symbol: str, after: datetime | None, limit: int) -> BarColumns:
    return services.market_data.read_adjusted(
        symbol,
        BarSize(query.bar_size),
        after + timedelta(microseconds=1) if after else query.start,
        query.end,
        adjustment=Adjustment(query.adjustment),
        as_of=query.as_of,
        limit=limit,
    )


def _cursor(symbol: str, held: BarColumns, query: BarQuery) -> str:
    """The place after the last bar given out; the symbol's beginning where the page was full before it."""
    before_all = (query.start or FIRST_TIME) - timedelta(microseconds=1)
    return encode_cursor(symbol, _moment(int(held.time_us[-1])) if len(held) else before_all)


def items(bars: BarColumns) -> list[Bar]:
    columns = (getattr(bars, name).tolist() for name in _COLUMNS)
    return [
        Bar(time=_moment(at), **dict(zip(_COLUMNS, values, strict=True)))
        for at, *values in zip(bars.time_us.tolist(), *columns, strict=True)
    ]


def as_csv(page: BarPage) -> bytes:
    """symbol, time and values, one bar a line; numbers as short as they read back equal."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["symbol", "time", *_COLUMNS])
    for symbol, bars in page.series.items():
        columns = (getattr(bars, name).tolist() for name in _COLUMNS)
        times = (isoformat_z(_moment(at)) for at in bars.time_us.tolist())
        writer.writerows((symbol, *row) for row in zip(times, *columns, strict=True))
    return text.getvalue().encode()


def _first(bars: BarColumns, count: int) -> BarColumns:
    if count >= len(bars):
        return bars
    return BarColumns(bars.time_us[:count], *(getattr(bars, name)[:count] for name in _COLUMNS))


def _moment(time_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=int(time_us))
