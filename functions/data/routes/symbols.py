"""Which symbols there are, and what is stored of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from causeway.model.time import BarSize
from causeway.web.auth import require
from causeway.web.paging import decode_cursor, encode_cursor
from causeway.web.wire import Page
from functions.data.parameters import NO_NUL, Given, SymbolList, Viewer, split_symbols
from functions.data.schemas import BarSizeName, Coverage, Symbol

router = APIRouter()


@router.get("/symbols", dependencies=[Depends(require("viewer"))])
def list_symbols(
    services: Given,
    query: Annotated[str, Query(max_length=64, pattern=NO_NUL)] = "",
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    cursor: str | None = None,
) -> Page[Symbol]:
    """Current symbols, ascending, that start with ``query`` or whose name holds it."""
    (after,) = decode_cursor(cursor, str) or ("",)
    found = services.market_data.symbols(query=query, after=after, limit=limit + 1)
    items = [
        Symbol(
            symbol=one.instrument.symbol,
            instrument_id=one.instrument.instrument_id,
            name=one.instrument.name,
            exchange=one.instrument.exchange,
            asset_class=one.instrument.asset_class.value,
            currency=one.instrument.currency,
            bar_sizes=[size.value for size in one.bar_sizes],
        )
        for one in found[:limit]
    ]
    return Page(items=items, next_cursor=encode_cursor(items[-1].symbol) if len(found) > limit else None)


@router.get("/coverage")
def list_coverage(services: Given, viewer: Viewer, symbols: SymbolList, bar_size: BarSizeName = "1d") -> list[Coverage]:
    """Range, bars and gaps of each symbol; a symbol without a bar of this size is left out."""
    found = services.market_data.coverage(split_symbols(symbols), BarSize(bar_size), user_id=viewer.user_id)
    return [
        Coverage(
            symbol=one.symbol,
            bar_size=bar_size,
            start=one.start,
            end=one.end,
            bars=one.bars,
            expected_bars=one.expected_bars,
            missing_bars=None if one.expected_bars is None else max(0, one.expected_bars - one.bars),
            quarantined=one.quarantined,
        )
        for one in found
    ]
