"""Quotes, bars, trades and states of trading of a live feed as bytes for the spool, and back.

JSON, amounts as text, times as integers.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from causeway.market_data.trade_stream import TradeBar
from causeway.model.tick import Quote, TradeTick, TradingState
from causeway.model.time import BarSize, micros, moment
from causeway.streaming.live_market import LiveBar, LiveTrade

_STATE = tuple(field.name for field in fields(TradingState))
_STATE_TIMES = ("status_time", "bands_time", "received_at", "known_at")


def pack_quotes(quotes: Sequence[Quote]) -> bytes:
    """One record of quotes."""
    return _pack([_quote_row(quote) for quote in quotes])


def unpack_quotes(record: bytes) -> list[Quote]:
    """What ``pack_quotes`` packed."""
    return [_quote(row) for row in json.loads(record)]


def _quote(row: list[Any]) -> Quote:
    bid, ask, last, bid_size, ask_size, volume = map(Decimal, row[2:8])
    times = moment(row[8]), moment(row[9])
    return Quote(row[0], row[1], bid, ask, last, bid_size, ask_size, volume, *times, row[10])


def pack_bars(bars: Sequence[LiveBar]) -> bytes:
    """One record of bars. Doubles come back to the bit."""
    return _pack([[one.symbol, one.instrument_id, one.bar_size.value, one.source, *one.bar] for one in bars])


def unpack_bars(record: bytes) -> list[LiveBar]:
    """What ``pack_bars`` packed."""
    return [LiveBar(row[0], row[1], BarSize(row[2]), TradeBar._make(row[4:]), row[3]) for row in json.loads(record)]


def pack_trades(trades: Sequence[LiveTrade], at: datetime) -> bytes:
    """One record of the trades that were accepted up to ``at``; none is a record as well: nothing was missed."""
    return _pack([micros(at), *map(_trade_row, trades)])


def packed_us(record: bytes) -> int:
    """The ``at`` of a record in microseconds, without reading the rest."""
    return int(record[1:].partition(b",")[0].rstrip(b"]"))


def unpack_trades(record: bytes) -> list[LiveTrade]:
    """What ``pack_trades`` packed."""
    return [LiveTrade(row[0], _tick(row[1:])) for row in json.loads(record)[1:]]


def pack_states(states: Sequence[TradingState]) -> bytes:
    """One record of states of trading."""
    return _pack([[_plain(getattr(state, name)) for name in _STATE] for state in states])


def unpack_states(record: bytes) -> list[TradingState]:
    """What ``pack_states`` packed; a record of an earlier version ends before ``known_at``."""
    return [_state(dict(zip(_STATE, row, strict=False))) for row in json.loads(record)]


def _state(row: dict[str, Any]) -> TradingState:
    times = {name: moment(row[name]) for name in _STATE_TIMES if row.get(name) is not None}
    bands = {name: Decimal(row[name]) for name in ("lower", "upper") if row[name] is not None}
    return TradingState(**{**row, **times, **bands})


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return micros(value)
    return str(value) if isinstance(value, Decimal) else value


def _tick(row: list[Any]) -> TradeTick:
    return TradeTick(
        symbol=row[0],
        time=moment(row[1]),
        price=Decimal(row[2]),
        size=Decimal(row[3]),
        received_at=moment(row[4]),
        source=row[5],
        trade_id=row[6],
        venue=row[7],
        conditions=tuple(row[8]),
        eligible=row[9],
    )


def _quote_row(quote: Quote) -> list[Any]:
    amounts = (quote.bid, quote.ask, quote.last, quote.bid_size, quote.ask_size, quote.volume)
    times = (micros(quote.market_time), micros(quote.received_at))
    return [quote.symbol, quote.instrument_id, *map(str, amounts), *times, quote.source]


def _trade_row(one: LiveTrade) -> list[Any]:
    instrument_id, trade = one
    times = (micros(trade.time), micros(trade.received_at))
    return [
        instrument_id, trade.symbol, times[0], str(trade.price), str(trade.size), times[1], trade.source,
        trade.trade_id, trade.venue, list(trade.conditions), trade.eligible,
    ]  # fmt: skip


def _pack(rows: list[Any]) -> bytes:
    return json.dumps(rows, separators=(",", ":"), allow_nan=False).encode()
