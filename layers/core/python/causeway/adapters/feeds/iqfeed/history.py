"""Answers of the lookup port: rows with the request's id until the end marker, then columns.

An answer without its end marker is none. Fields by protocol 6.2: ``id,LH,time,...``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from causeway.adapters.feeds.iqfeed import PROTOCOL
from causeway.adapters.feeds.iqfeed.new_york import utc_micros
from causeway.adapters.feeds.line_socket import LineSocket
from causeway.adapters.feeds.reading import finite_numbers, micros_of
from causeway.errors import Denied, InvalidInput, NotFound, Unavailable
from causeway.model.bar import BarColumns
from causeway.model.tick import TickColumns
from causeway.ports.feed import FetchControl

Row = list[str]
NO_DATA = "!NO_DATA!"
_SLICE_S = 0.1
_COUNTS = frozenset("CE")  # last qualified trade, extended trade; O is any other, such as an odd lot


def ask(socket: LineSocket, request: str, request_id: str, timeout_s: float, control: FetchControl) -> list[Row]:
    """Send ``request`` and return the rows of its answer; empty where there is no data.

    Raises:
        NotFound, InvalidInput, Denied: IQFeed says so.
        Unavailable: it is cut, silent for ``timeout_s``, or cannot be read.
        FetchCancelled: the caller wants no more.
    """
    socket.send(PROTOCOL, request)
    rows: list[Row] = []
    while True:
        control.check()
        lines = socket.read(min(_SLICE_S, timeout_s))
        if not lines and socket.silent_s() > timeout_s:
            raise Unavailable(f"IQFeed's history has said nothing for {timeout_s:g} s")
        for line in lines:
            if _is_end(line, request_id, request, rows):
                return rows


def _is_end(line: str, request_id: str, request: str, rows: list[Row]) -> bool:
    if line.startswith("S,"):
        return False
    fields = line.split(",")
    kind = fields[1] if fields[0] == request_id and len(fields) > 1 else fields[0]
    if kind == "LH" and fields[0] == request_id:
        rows.append(fields[2:])
        return False
    if kind == "!ENDMSG!":
        return True
    if kind == "E":
        said = fields[2 if fields[0] == request_id else 1]
        if said == NO_DATA:
            return True
        _fail(said, request)
    raise Unavailable(f"IQFeed's history answered what cannot be read: {line[:80]!r}")


def _fail(said: str, request: str) -> NoReturn:
    symbol = request.split(",")[1]
    if said.startswith("Invalid symbol"):
        raise NotFound(f"IQFeed knows no symbol {symbol}; check how IQFeed spells it.")
    if said.startswith("Unauthorized"):
        raise Denied(f"IQFeed refuses history of {symbol}: {said} Check the subscription of the login in IQConnect.")
    if said in ("!SYNTAX_ERROR!", "Invalid number of parameters."):
        raise InvalidInput(f"IQFeed cannot read the request ({said}): {request}")
    raise Unavailable(f"IQFeed's history reports: {said}")


def interval_columns(rows: Sequence[Row]) -> BarColumns:
    """Bars stamped with their start: ``time,high,low,open,close,total volume,volume,trades``.

    Raises:
        Unavailable: a row cannot be read, or they do not ascend.
    """
    return _bars(rows, 8, lambda row: row[6], lambda texts: utc_micros(texts, distinct=True))


def daily_columns(rows: Sequence[Row]) -> BarColumns:
    """Days stamped 00:00 UTC of their date: ``date,high,low,open,close,volume,open interest``.

    Raises:
        Unavailable: a row cannot be read, or they do not ascend.
    """
    return _bars(rows, 7, lambda row: row[5], _dates)


def trade_columns(rows: Sequence[Row]) -> TickColumns:
    """Trades: ``time,last,size,total volume,bid,ask,tick id,basis for last,market centre,conditions,...``.

    Raises:
        Unavailable: a row cannot be read, or they do not ascend.
    """
    try:
        time_us = utc_micros([row[0] for row in rows])
        columns = TickColumns(
            time_us,
            finite_numbers([row[1] for row in rows]),
            finite_numbers([row[2] for row in rows]),
            np.array([row[7] in _COUNTS for row in rows], dtype=np.bool_),
            np.array([row[6] for row in rows], dtype=np.int64),
        )
    except (ValueError, IndexError) as error:
        raise _unreadable(error) from error
    if (np.diff(time_us) < 0).any():
        raise Unavailable("IQFeed's history answered trades that do not ascend in time")
    return columns


def _bars(
    rows: Sequence[Row], width: int, volume: Callable[[Row], str], stamps: Callable[[list[str]], NDArray[np.int64]]
) -> BarColumns:
    try:
        if any(len(row) < width for row in rows):
            raise ValueError(f"a row has fewer than {width} fields")
        time_us = stamps([row[0] for row in rows])
        high, low, opening, close = (finite_numbers([row[at] for row in rows]) for at in (1, 2, 3, 4))
        volumes = finite_numbers([volume(row) for row in rows])
    except ValueError as error:
        raise _unreadable(error) from error
    if (np.diff(time_us) <= 0).any():
        raise Unavailable("IQFeed's history answered bars that do not ascend in time")
    return BarColumns(time_us, opening, high, low, close, volumes)


def _dates(texts: list[str]) -> NDArray[np.int64]:
    return micros_of([text[:10] for text in texts])


def _unreadable(error: Exception) -> Unavailable:
    return Unavailable(f"IQFeed's history answered what cannot be read: {error}")


def counted(prefix: str) -> Iterator[str]:
    """Request ids: one for each request, so that a late answer is never taken for another's."""
    number = 0
    while True:
        number += 1
        yield f"{prefix}{number}"
