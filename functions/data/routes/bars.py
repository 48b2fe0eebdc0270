"""Bars of one symbol or several, as JSON, CSV or an Arrow stream."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from causeway.model.bar import BarColumns
from causeway.web.auth import require
from causeway.web.wire import Moment
from functions.data import bar_pages
from functions.data.bar_pages import ARROW, CSV, JSON, BarQuery
from functions.data.parameters import Given, OneSymbol, SymbolList, split_symbols
from functions.data.schemas import AdjustmentName, Bars, BarSizeName, SeriesBars, SeveralBars
from functions.data.services import Services

router = APIRouter()
MAX_SERIES = 50
Start = Annotated[Moment | None, Query(description="First start of a bar.")]
End = Annotated[Moment | None, Query(description="Bars start before this.")]
AsOf = Annotated[Moment | None, Query(description="Adjust for the splits and dividends alone that were stored then.")]
Limit = Annotated[int, Query(ge=1, le=bar_pages.MOST, description="Most bars of a page; 10,000 as JSON.")]
Whole = Annotated[
    bool, Query(description="All bars of the range in one answer, as CSV or Arrow; limit then means nothing.")
]
_SUFFIX = {CSV: "csv", ARROW: "arrow"}
_TEXT: dict[str, Any] = {"type": "string"}
_BINARY: dict[str, Any] = {"type": "string", "format": "binary"}
FORMS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {CSV: {"schema": _TEXT}, ARROW: {"schema": _BINARY}},
        "description": "In the form that Accept asks for. CSV and Arrow have the cursor in the header X-Next-Cursor.",
    }
}


def _asked(
    bar_size: BarSizeName = "1d",
    start: Start = None,
    end: End = None,
    adjustment: AdjustmentName = "raw",
    as_of: AsOf = None,
    limit: Limit = 1_000,
    cursor: str | None = None,
    whole: Whole = False,
) -> BarQuery:
    return BarQuery((), bar_size, start, end, adjustment, as_of, limit, cursor, whole)


Asked = Annotated[BarQuery, Depends(_asked)]


@router.get("/bars", dependencies=[Depends(require("viewer"))], response_model=Bars, responses=FORMS)
def list_bars(request: Request, services: Given, symbol: OneSymbol, asked: Asked) -> Bars | Response:
    """Bars with start <= time < end, ascending; an empty list where none is stored in the range."""
    name = symbol.strip().upper()
    query = replace(asked, symbols=[name])
    form = bar_pages.media_type(services, request.headers.get("accept"), query)
    if form != JSON:
        return _download(services, query, form, f"{name}-{asked.bar_size}")
    page = bar_pages.read_page(services, query)
    return Bars(
        symbol=name,
        bar_size=asked.bar_size,
        adjustment=asked.adjustment,
        bars=bar_pages.items(page.series[name]),
        next_cursor=page.next_cursor,
    )


@router.get("/bars/several", dependencies=[Depends(require("viewer"))], response_model=SeveralBars, responses=FORMS)
def list_several_bars(request: Request, services: Given, symbols: SymbolList, asked: Asked) -> SeveralBars | Response:
    """The same of up to 50 symbols, symbol after symbol; a page may end within one, and the next goes on there."""
    query = replace(asked, symbols=list(dict.fromkeys(split_symbols(symbols, most=MAX_SERIES))))
    form = bar_pages.media_type(services, request.headers.get("accept"), query)
    if form != JSON:
        return _download(services, query, form, f"bars-{asked.bar_size}")
    page = bar_pages.read_page(services, query)
    return SeveralBars(
        bar_size=asked.bar_size,
        adjustment=asked.adjustment,
        series=[SeriesBars(symbol=name, bars=bar_pages.items(bars)) for name, bars in page.series.items()],
        next_cursor=page.next_cursor,
    )


def _download(services: Services, query: BarQuery, form: str, name: str) -> Response:
    """Sent part by part. The first page is read before anything is sent, so that an error is an answer of its own."""
    headers = {"Vary": "Accept", "Content-Disposition": f'attachment; filename="{_safe(name)}.{_SUFFIX[form]}"'}
    series: Iterator[tuple[str, BarColumns]]
    if query.whole:
        pages = bar_pages.read_whole(services, query)
        series = chain([next(pages)], pages)
    else:
        page = bar_pages.read_page(services, query)
        series = iter(page.series.items())
        if page.next_cursor:
            headers["X-Next-Cursor"] = page.next_cursor
    parts = bar_pages.in_parts(series)
    if form == ARROW and services.arrow_stream is not None:
        return StreamingResponse(services.arrow_stream(query.symbols, parts), media_type=form, headers=headers)
    return StreamingResponse(bar_pages.csv_chunks(parts), media_type=f"{CSV}; charset=utf-8", headers=headers)


def _safe(name: str) -> str:
    return "".join(sign if sign.isascii() and (sign.isalnum() or sign in ".-_") else "_" for sign in name)
