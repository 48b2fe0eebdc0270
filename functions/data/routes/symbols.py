"""Which symbols there are, and what is stored of them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from causeway.errors import NotFound
from causeway.market_data.sessions import time_zone
from causeway.model.time import BarSize
from causeway.web.auth import require
from causeway.web.paging import decode_cursor, encode_cursor
from causeway.web.wire import Page
from functions.data.parameters import NO_NUL, Given, SymbolList, Viewer, split_symbols
from functions.data.schemas import BarSizeName, Coverage, Gap, SeriesCoverage, StandIn, Symbol, SymbolSpan

router = APIRouter()
_LAST_RANK = 3


@router.get("/symbols", dependencies=[Depends(require("viewer"))])
def list_symbols(
    services: Given,
    query: Annotated[str, Query(max_length=64, pattern=NO_NUL)] = "",
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    cursor: str | None = None,
) -> Page[Symbol]:
    """Current symbols that start with ``query`` or whose name holds it: first the symbol itself, then those that start
    so, then names with a word that starts so, then other names; ascending within each."""
    after = _after(cursor)
    found = services.market_data.symbols(query=query, after=after, limit=limit + 1)
    items = [
        Symbol(
            symbol=one.instrument.symbol,
            instrument_id=one.instrument.instrument_id,
            name=one.instrument.name,
            exchange=one.instrument.exchange,
            asset_class=one.instrument.asset_class.value,
            currency=one.instrument.currency,
            time_zone=time_zone(one.calendar),
            bar_sizes=[size.value for size in one.bar_sizes],
        )
        for one in found[:limit]
    ]
    last = found[limit - 1] if len(found) > limit else None
    return Page(items=items, next_cursor=encode_cursor(last.rank, last.instrument.symbol) if last else None)


def _after(cursor: str | None) -> tuple[int, str]:
    rank, symbol = decode_cursor(cursor, int, str) or (0, "")
    return max(0, min(rank, _LAST_RANK)), symbol


@router.get("/validity", dependencies=[Depends(require("viewer"))])
def list_validity(services: Given, symbols: SymbolList) -> list[SymbolSpan]:
    """When each symbol meant which instrument, with every other symbol that those instruments had."""
    return [SymbolSpan.model_validate(row) for row in services.symbol_history.validity(split_symbols(symbols))]


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
            missing_bars=one.missing_bars,
            quarantined=one.quarantined,
        )
        for one in found
    ]


@router.get("/coverage/{symbol:path}", dependencies=[Depends(require("viewer"))])
def get_series_coverage(
    services: Given, symbol: Annotated[str, Path(max_length=32, pattern=NO_NUL)], bar_size: BarSizeName = "1d"
) -> SeriesCoverage:
    """Missing sessions of one symbol as ranges, and spans for which coarser bars stand in; 404 where no bar of this
    size is stored."""
    size = BarSize(bar_size)
    found = services.market_data.coverage_map([symbol], size)
    if not found:
        raise NotFound(
            f"no {bar_size} bar of {symbol.strip().upper()} is stored; /v1/data/symbols says which sizes are."
        )
    (one,) = found
    return SeriesCoverage(
        symbol=one.symbol,
        bar_size=bar_size,
        start=one.first,
        end=one.last,
        bars=one.bars,
        missing_sessions=sum(gap.sessions for gap in one.gaps),
        gaps=[Gap(first=gap.first, last=gap.last, sessions=gap.sessions) for gap in one.gaps],
        stand_ins=[StandIn.model_validate(asdict(span)) for span in services.live.stand_ins(symbol, size)],
    )
