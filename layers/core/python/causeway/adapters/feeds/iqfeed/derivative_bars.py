"""Bars that IQFeed itself forms while trading goes on (derivative port): history first, then each bar as it grows.

``id,BH|BU|BC,symbol,time,open,high,low,last,total volume,volume,trades``; unlike in history the order is open, high,
low, close, and the time is the bar's end. BH is a bar of the past, BU one that still forms, BC one that is complete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from causeway.adapters.feeds.iqfeed import PROTOCOL
from causeway.adapters.feeds.iqfeed.new_york import to_utc, wall_text
from causeway.adapters.feeds.iqfeed.requests import checked
from causeway.adapters.feeds.line_socket import LineSocket
from causeway.errors import InvalidInput, NotFound, TooMany, Unavailable
from causeway.model.bar import Bar
from causeway.model.time import BarSize
from causeway.settings import IqfeedSettings

_KINDS = frozenset({"BH", "BU", "BC"})
_REQUEST_ID = "B1"


@dataclass(frozen=True, slots=True)
class FeedBar:
    """A bar as the feed formed it, stamped with its start; ``complete`` unless it still forms."""

    symbol: str
    bar: Bar
    complete: bool


def bar_events(
    settings: IqfeedSettings,
    symbol: str,
    bar_size: BarSize,
    since: datetime,
    should_stop: Callable[[], bool],
    timeout_s: float,
) -> Iterator[FeedBar | None]:
    """Bars since ``since``, then live ones, None each ``timeout_s`` without one; ends soon after ``should_stop``.

    Does not reconnect: call it again with the start of the last bar.

    Raises:
        InvalidInput: ``bar_size`` is a day, or ``symbol`` is none.
        NotFound: IQFeed knows no such symbol.
        TooMany: the subscription's number of watches is used up.
        Unavailable: the connection is lost.
    """
    if bar_size is BarSize.DAY_1:
        raise InvalidInput("iqfeed forms bars below a day; take daily bars from history.")
    seconds = int(bar_size.width.total_seconds())
    watch = ",".join(("BW", checked(symbol), str(seconds), wall_text(since), "", "", "", "", _REQUEST_ID, "s", "", "0"))
    with closing(LineSocket("IQConnect", settings.iqfeed_host, settings.iqfeed_derivative_port)) as socket:
        socket.send(PROTOCOL, watch)
        while not should_stop():
            lines = socket.read(min(timeout_s, 0.25))
            found = [bar for line in lines if (bar := parse_bar(line, bar_size))]
            yield from found
            if not found:
                yield None
        socket.send(f"BR,{symbol},{_REQUEST_ID}")


def parse_bar(line: str, bar_size: BarSize) -> FeedBar | None:
    """The bar of a line with or without a request id; None for a line that is about something else.

    Raises:
        NotFound, TooMany: the line says so.
        Unavailable: the line cannot be read.
    """
    fields = line.split(",")
    if len(fields) > 1 and fields[0] not in _KINDS and fields[0] not in ("S", "n", "E"):
        fields = fields[1:]
    kind = fields[0]
    if kind == "n":
        raise NotFound(f"IQFeed knows no symbol {fields[1]}; check how IQFeed spells it.")
    if line.startswith("S,SYMBOL LIMIT REACHED"):
        raise TooMany(f"IQFeed watches no more symbols: {line}", retry_after_s=60.0)
    if kind not in _KINDS:
        return None
    try:
        ends = to_utc(datetime.fromisoformat(fields[2]))
        opening, high, low, close = (float(text) for text in fields[3:7])
        bar = Bar(ends - bar_size.width, opening, high, low, close, float(fields[8]))
    except (ValueError, IndexError) as error:
        raise Unavailable(f"IQFeed sent a bar that cannot be read: {line[:80]!r}") from error
    return FeedBar(fields[1], bar, complete=kind != "BU")
