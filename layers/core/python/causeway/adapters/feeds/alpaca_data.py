"""Alpaca's market data: US stocks, history by REST on alpaca-py and the live stream.

Why the stream is our own: docs/decisions/0007-alpaca-stream.md.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from causeway.adapters.feeds.alpaca import NAME, columns
from causeway.adapters.feeds.alpaca.stream import StreamTarget, open_stream
from causeway.adapters.feeds.alpaca.unknown_symbols import UnknownSymbols
from causeway.adapters.feeds.reconnecting import Backoff, ReconnectingFeed
from causeway.adapters.feeds.regular_session import in_regular_session
from causeway.adapters.feeds.retrying import Retries
from causeway.adapters.feeds.whole_bars import MICROSECOND, NEW_YORK, micros, moment_of, pick, whole_before
from causeway.errors import InvalidInput, NotFound
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import CorporateAction, one_a_day
from causeway.model.tick import TickColumns
from causeway.model.time import BarSize, now_utc
from causeway.ports.feed import BarPage, BarsRequest, FeedOffer, FetchControl
from causeway.settings import AlpacaDataSettings

if TYPE_CHECKING:
    from causeway.adapters.feeds.alpaca.rest import DataRest

_TIMEFRAMES = {
    BarSize.MINUTE_1: "1Min",
    BarSize.MINUTE_5: "5Min",
    BarSize.MINUTE_15: "15Min",
    BarSize.HOUR_1: "1Hour",
    BarSize.DAY_1: "1Day",
}
_ACTION_TYPES = "forward_split,reverse_split,stock_dividend,cash_dividend"


class AlpacaHistory:
    """See ``ports.feed``: HistoricalFeed and TradeHistory. ``page_rows`` up to 10,000, which is Alpaca's most."""

    name = NAME
    offer = FeedOffer(frozenset(_TIMEFRAMES), corporate_actions=True, live=True, needs_key=True)

    def __init__(
        self,
        settings: AlpacaDataSettings,
        *,
        timeout_s: float = 20.0,
        retries: Retries | None = None,
        page_rows: int = 10_000,
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        self._settings = settings
        self._timeout_s = timeout_s
        self._retries = retries or Retries()
        self._page_rows = page_rows
        self._clock = clock
        self._lock = threading.Lock()
        self._made: DataRest | None = None
        self._known: set[str] = set()

    def bars(self, request: BarsRequest, control: FetchControl) -> Iterator[BarPage]:
        """See the port."""
        if request.bar_size not in _TIMEFRAMES:
            raise InvalidInput(f"alpaca has no {request.bar_size} bars; it has {', '.join(_TIMEFRAMES)}.")
        end = max(request.start, min(request.end, whole_before(request.bar_size, self._clock())))
        resume, found = request.start, False
        for bars, is_last in self._bar_pages(request, control):
            if len(bars):
                found, resume = True, moment_of(bars.time_us[-1]) + MICROSECOND
            resume = end if is_last else min(resume, end)
            kept = (bars.time_us >= micros(request.start)) & (bars.time_us < micros(end))
            if request.bar_size is not BarSize.DAY_1 and not request.extended_hours:
                kept &= in_regular_session(bars.time_us, request.bar_size.width)
            yield BarPage(pick(bars, kept), resume, currency="USD", calendar="XNYS")
        if not found:
            self._check_known(request.symbol, control)

    def trades(self, symbol: str, start: datetime, end: datetime, control: FetchControl) -> Iterator[TickColumns]:
        """See the port."""
        params = {"start": _text(start), "end": _text(end - MICROSECOND), "feed": self._settings.alpaca_feed}
        found = False
        for answer in self._pages("/stocks/trades", {"symbols": symbol, **params}, control):
            trades = columns.trade_columns(columns.items(answer, "trades", symbol))
            if len(trades):
                found = True
                yield trades
        if not found:
            self._check_known(symbol, control)

    def actions(self, symbol: str, first: date, last: date, control: FetchControl) -> Sequence[CorporateAction]:
        """See the port. Stock dividends come as splits; spin-offs and mergers are not among them."""
        params = {"symbols": symbol, "types": _ACTION_TYPES, "start": str(first), "end": str(last)}
        pages = self._pages("/corporate-actions", params, control, version="v1", most=1_000)
        found = [action for page in pages for action in columns.corporate_actions(page)]
        if not found:
            self._check_known(symbol, control)
        return one_a_day([one for one in found if first <= one.ex_date <= last])

    def unknown(self, symbols: Collection[str], control: FetchControl) -> set[str]:
        """Those of ``symbols`` that never traded on this feed.

        Raises:
            As ``bars``.
        """
        params = {"symbols": ",".join(sorted(symbols)), "feed": self._settings.alpaca_feed}
        answer = self._retries.call(lambda: self._rest().fetch("/stocks/trades/latest", params), control)
        self._known |= set(answer.get("trades") or ())
        return set(symbols) - self._known

    def _bar_pages(self, request: BarsRequest, control: FetchControl) -> Iterator[tuple[BarColumns, bool]]:
        daily = request.bar_size is BarSize.DAY_1
        start, end = request.start, request.end - MICROSECOND
        if daily:  # Alpaca stamps a day with midnight in New York, we with 00:00 UTC of its date
            start, end = _midnight(start + timedelta(days=1) - MICROSECOND), _midnight(end)
        if end < start:
            return
        params = {
            "symbols": request.symbol,
            "timeframe": _TIMEFRAMES[request.bar_size],
            "start": _text(start),
            "end": _text(end),
            "adjustment": "raw",
            "feed": self._settings.alpaca_feed,
            "sort": "asc",
        }
        for answer in self._pages("/stocks/bars", params, control):
            bars = columns.bar_columns(columns.items(answer, "bars", request.symbol))
            yield _by_date(bars) if daily else bars, answer.get("next_page_token") is None

    def _pages(
        self, path: str, params: dict[str, str], control: FetchControl, *, version: str = "v2", most: int = 10_000
    ) -> Iterator[dict[str, Any]]:
        token: str | None = None
        while True:
            page = {**params, "limit": min(self._page_rows, most), **({"page_token": token} if token else {})}
            answer = self._retries.call(lambda page=page: self._rest().fetch(path, page, version), control)  # type: ignore[misc]
            yield answer
            token = answer.get("next_page_token")
            if token is None:
                return

    def _check_known(self, symbol: str, control: FetchControl) -> None:
        """An empty answer is Alpaca's for a symbol that it does not know, and for one that did not trade."""
        if symbol not in self._known and self.unknown([symbol], control):
            raise NotFound(
                f"alpaca has no trade of {symbol} on its {self._settings.alpaca_feed} feed; check the symbol."
            )

    def _rest(self) -> DataRest:
        """Made by the first request: alpaca-py is slow to import."""
        with self._lock:
            if self._made is None:
                from causeway.adapters.feeds.alpaca.rest import DataRest

                self._made = DataRest(self._settings, self._timeout_s)
            return self._made


class AlpacaLive(ReconnectingFeed):
    """See ``ports.feed``: LiveFeed. A ping that stays unanswered for ``silence_s`` is a loss."""

    tells_halts = True

    def __init__(
        self,
        settings: AlpacaDataSettings,
        history: AlpacaHistory,
        *,
        silence_s: float = 20.0,
        backoff: Backoff | None = None,
    ) -> None:
        target = StreamTarget.of(settings, silence_s)
        unknown = UnknownSymbols(lambda symbols: history.unknown(symbols, FetchControl()))
        super().__init__(NAME, lambda: open_stream(target, unknown), backoff)


def _by_date(bars: BarColumns) -> BarColumns:
    midnights = [moment_of(at).astimezone(NEW_YORK).date() for at in bars.time_us]
    stamps = np.array(midnights, dtype="datetime64[us]").astype(np.int64)
    return BarColumns(stamps, bars.open, bars.high, bars.low, bars.close, bars.volume)


def _midnight(moment: datetime) -> datetime:
    """00:00 in New York of the UTC date of ``moment``."""
    return datetime.combine(moment.astimezone(UTC).date(), time(), NEW_YORK)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
