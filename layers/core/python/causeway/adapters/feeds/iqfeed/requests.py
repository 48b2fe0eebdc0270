"""Requests of history, as lines. Directions are oldest first; bars are asked for by their start.

Source: the request formats of IQFeed's "Historical via TCP/IP", as in IQFeed.CSharpApiClient's formatter.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from causeway.adapters.feeds.iqfeed.new_york import wall_text
from causeway.errors import InvalidInput
from causeway.model.time import BarSize

ALL_DAY = ("", "")
_OLDEST_FIRST, _BY_SECONDS, _AT_START, _WHOLE_ONLY = "1", "s", "1", "0"


def regular_hours(bar_size: BarSize) -> tuple[str, str]:
    """From when to when, in New York, bars of US stocks are asked for; an hour's bar starts on the hour."""
    return ("090000" if bar_size is BarSize.HOUR_1 else "093000", "160000")


def interval_bars(
    symbol: str, seconds: int, start: datetime, end: datetime, request_id: str, hours: tuple[str, str] = ALL_DAY
) -> str:
    """HIT: bars of so many seconds from ``start`` to ``end``."""
    fields = ("HIT", checked(symbol), str(seconds), wall_text(start), wall_text(_ceil(end)), "", *hours)
    return ",".join((*fields, _OLDEST_FIRST, request_id, "", _BY_SECONDS, _AT_START))


def latest_interval_bars(symbol: str, seconds: int, count: int, request_id: str) -> str:
    """HIX: the last ``count`` bars of so many seconds."""
    fields = ("HIX", checked(symbol), str(seconds), str(count), _OLDEST_FIRST, request_id, "", _BY_SECONDS, _AT_START)
    return ",".join(fields)


def daily_bars(symbol: str, first: date, last: date, request_id: str) -> str:
    """HDT: whole days from ``first`` to ``last``, both included."""
    days = (first.strftime("%Y%m%d"), last.strftime("%Y%m%d"))
    return ",".join(("HDT", checked(symbol), *days, "", _OLDEST_FIRST, request_id, "", _WHOLE_ONLY))


def latest_daily_bars(symbol: str, count: int, request_id: str) -> str:
    """HDX: the last ``count`` whole days."""
    return ",".join(("HDX", checked(symbol), str(count), _OLDEST_FIRST, request_id, "", _WHOLE_ONLY))


def ticks(symbol: str, start: datetime, end: datetime, request_id: str) -> str:
    """HTT: every trade from ``start`` to ``end``."""
    fields = ("HTT", checked(symbol), wall_text(start), wall_text(_ceil(end)), "", *ALL_DAY)
    return ",".join((*fields, _OLDEST_FIRST, request_id, ""))


def latest_ticks(symbol: str, count: int, request_id: str) -> str:
    """HTX: the last ``count`` trades."""
    return ",".join(("HTX", checked(symbol), str(count), _OLDEST_FIRST, request_id, ""))


def checked(symbol: str) -> str:
    """The symbol, where it is one: a comma or a line end in it would be another request.

    Raises:
        InvalidInput: it is none.
    """
    if not symbol or not symbol.isascii() or not symbol.isprintable() or "," in symbol or symbol != symbol.strip():
        raise InvalidInput(f"expected a symbol of IQFeed, such as MSFT or @ES#; found {symbol!r}.")
    return symbol


def _ceil(moment: datetime) -> datetime:
    return moment if moment.microsecond == 0 else moment.replace(microsecond=0) + timedelta(seconds=1)
