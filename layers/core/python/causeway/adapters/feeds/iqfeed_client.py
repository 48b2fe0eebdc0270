"""IQFeed: history of bars and trades, and the live stream, from IQConnect on this machine or beside it.

IQConnect has the login; it runs on Windows or under Wine. ``causeway simulate iqfeed`` stands in for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import date, datetime, timedelta
from itertools import pairwise
from re import compile as pattern
from typing import TypeVar

from causeway.adapters.feeds.iqfeed import NAME, history, requests
from causeway.adapters.feeds.iqfeed.level1 import open_level1
from causeway.adapters.feeds.line_socket import LineSocket
from causeway.adapters.feeds.reconnecting import Backoff, ReconnectingFeed
from causeway.adapters.feeds.regular_session import in_regular_session
from causeway.adapters.feeds.retrying import Retries
from causeway.adapters.feeds.whole_bars import EPOCH, between, micros, pick, whole_before
from causeway.errors import InvalidInput
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import CorporateAction
from causeway.model.tick import TickColumns
from causeway.model.time import BarSize, now_utc
from causeway.ports.feed import BarPage, BarsRequest, FeedOffer, FetchControl
from causeway.settings import IqfeedSettings

T = TypeVar("T")
_BARS_A_PAGE = 40_000
_TRADES_A_PAGE = timedelta(hours=4)
_US_STOCK = pattern(r"[A-Z]{1,5}(\.[A-Z]{1,2})?")
_TICK_DAYS = timedelta(days=180)


class IqfeedHistory:
    """See ``ports.feed``: HistoricalFeed and TradeHistory. ``clock`` is for tests and recordings."""

    name = NAME
    offer = FeedOffer(
        frozenset(BarSize), live=True, reach=((BarSize.SECOND_1, _TICK_DAYS), (BarSize.SECOND_5, _TICK_DAYS))
    )

    def __init__(
        self,
        settings: IqfeedSettings,
        *,
        timeout_s: float = 20.0,
        retries: Retries | None = None,
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        self._host, self._port = settings.iqfeed_host, settings.iqfeed_lookup_port
        self._timeout_s = timeout_s
        self._retries = retries or Retries()
        self._clock = clock
        self._ids = history.counted("C")
        self._lock = threading.Lock()

    def bars(self, request: BarsRequest, control: FetchControl) -> Iterator[BarPage]:
        """See the port. IQFeed's stocks are in US dollars; it names no currency for the rest."""
        self._check_reach(request)
        over = whole_before(request.bar_size, self._clock())
        for start, end in _windows(request.start, request.end, request.bar_size.width * _BARS_A_PAGE):
            found = self._window(request, start, end, control)
            resume = max(request.start, min(end, over))
            currency = _currency(request.symbol)
            calendar = "XNYS" if currency else ""
            yield BarPage(between(found, start, resume), resume, currency=currency, calendar=calendar)

    def latest_bars(self, symbol: str, bar_size: BarSize, count: int, control: FetchControl) -> BarColumns:
        """The last ``count`` bars that are whole, extended hours included; fewer where there are fewer.

        Raises:
            As ``bars``.
        """
        if bar_size is BarSize.DAY_1:
            rows = self._ask(lambda id_: requests.latest_daily_bars(symbol, count, id_), control)
            return history.daily_columns(rows)
        seconds = int(bar_size.width.total_seconds())
        rows = self._ask(lambda id_: requests.latest_interval_bars(symbol, seconds, count + 1, id_), control)
        bars = history.interval_columns(rows)
        whole = between(bars, EPOCH, whole_before(bar_size, self._clock()))
        return pick(whole, slice(max(0, len(whole) - count), None))

    def trades(self, symbol: str, start: datetime, end: datetime, control: FetchControl) -> Iterator[TickColumns]:
        """See the port; odd lots and other trades that do not count for prices are among them, not eligible."""
        for first, last in _windows(start, end, _TRADES_A_PAGE):
            found = self._trades(symbol, first, last, control)
            if len(found):
                yield found

    def latest_trades(self, symbol: str, count: int, control: FetchControl) -> TickColumns:
        """The last ``count`` trades.

        Raises:
            As ``bars``.
        """
        return history.trade_columns(self._ask(lambda id_: requests.latest_ticks(symbol, count, id_), control))

    def actions(
        self,
        symbol: str,  # noqa: ARG002
        first: date,  # noqa: ARG002
        last: date,  # noqa: ARG002
        control: FetchControl,  # noqa: ARG002
    ) -> Sequence[CorporateAction]:
        """IQFeed has no history of them."""
        raise InvalidInput("iqfeed offers no history of splits and dividends; take them from yahoo or alpaca.")

    def _check_reach(self, request: BarsRequest) -> None:
        requests.checked(request.symbol)
        reach = self.offer.reach_of(request.bar_size)
        if reach is not None and request.start < self._clock() - reach:
            raise InvalidInput(
                f"iqfeed keeps {request.bar_size} bars for {reach.days} days; asked from {request.start:%Y-%m-%d}. "
                "Ask for a later start or for 1m bars."
            )

    def _window(self, request: BarsRequest, start: datetime, end: datetime, control: FetchControl) -> BarColumns:
        symbol, size = request.symbol, request.bar_size
        if size is BarSize.DAY_1:
            first, last = start.date(), (end - timedelta(microseconds=1)).date()
            return history.daily_columns(self._ask(lambda id_: requests.daily_bars(symbol, first, last, id_), control))
        regular = not request.extended_hours and _US_STOCK.fullmatch(symbol) is not None
        hours = requests.regular_hours(size) if regular else requests.ALL_DAY
        seconds = int(size.width.total_seconds())
        found = history.interval_columns(
            self._ask(lambda id_: requests.interval_bars(symbol, seconds, start, end, id_, hours), control)
        )
        return pick(found, in_regular_session(found.time_us, size.width)) if regular else found

    def _trades(self, symbol: str, start: datetime, end: datetime, control: FetchControl) -> TickColumns:
        rows = self._ask(lambda id_: requests.ticks(symbol, start, end, id_), control)
        found = history.trade_columns(rows)
        kept = (found.time_us >= micros(start)) & (found.time_us < micros(end))
        return TickColumns(
            found.time_us[kept], found.price[kept], found.size[kept], found.eligible[kept], found.trade_id[kept]
        )

    def _ask(self, request: Callable[[str], str], control: FetchControl) -> list[history.Row]:
        """A connection for each try: what an earlier one still had to say cannot get in the way."""

        def once() -> list[history.Row]:
            with self._lock:
                request_id = next(self._ids)
            with closing(LineSocket("IQConnect", self._host, self._port)) as socket:
                return history.ask(socket, request(request_id), request_id, self._timeout_s, control)

        return self._retries.call(once, control)


class IqfeedLive(ReconnectingFeed):
    """See ``ports.feed``: LiveFeed over level 1. After ``silence_s`` without even the time, the connection is lost."""

    def __init__(self, settings: IqfeedSettings, *, silence_s: float = 10.0, backoff: Backoff | None = None) -> None:
        super().__init__(NAME, lambda: open_level1(settings, silence_s), backoff)


def _windows(start: datetime, end: datetime, width: timedelta) -> Iterator[tuple[datetime, datetime]]:
    edges = [start]
    while edges[-1] < end:
        edges.append(min(edges[-1] + width, end))
    return pairwise(edges)


def _currency(symbol: str) -> str:
    return "USD" if _US_STOCK.fullmatch(symbol) else ""
