"""Bars of one symbol."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from causeway.market_data.corporate_actions import Adjustment
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize
from causeway.web.auth import require
from causeway.web.paging import decode_cursor, encode_cursor
from causeway.web.wire import Moment
from functions.data.parameters import Given, OneSymbol
from functions.data.schemas import AdjustmentName, Bar, Bars, BarSizeName

router = APIRouter()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@router.get("/bars", dependencies=[Depends(require("viewer"))])
def list_bars(
    services: Given,
    symbol: OneSymbol,
    bar_size: BarSizeName = "1d",
    start: Annotated[Moment | None, Query(description="First start of a bar.")] = None,
    end: Annotated[Moment | None, Query(description="Bars start before this.")] = None,
    adjustment: AdjustmentName = "raw",
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1_000,
    cursor: str | None = None,
) -> Bars:
    """Bars with start <= time < end, ascending; an empty list where none is stored in the range."""
    after = decode_cursor(cursor, datetime)
    bars = services.market_data.read_adjusted(
        symbol,
        BarSize(bar_size),
        after[0] + timedelta(microseconds=1) if after else start,
        end,
        adjustment=Adjustment(adjustment),
        limit=limit + 1,
    )
    items = _items(bars)
    return Bars(
        symbol=symbol.strip().upper(),
        bar_size=bar_size,
        adjustment=adjustment,
        bars=items[:limit],
        next_cursor=encode_cursor(items[limit - 1].time) if len(items) > limit else None,
    )


def _items(bars: BarColumns) -> list[Bar]:
    columns = (bars.open, bars.high, bars.low, bars.close, bars.volume)
    return [
        Bar(time=_EPOCH + timedelta(microseconds=at), open=o, high=h, low=lowest, close=c, volume=v)
        for at, o, h, lowest, c, v in zip(bars.time_us.tolist(), *(one.tolist() for one in columns), strict=True)
    ]
