"""Yahoo Finance behind the feed port, through yfinance: its session, cookies and reading of charts.

Nothing is adjusted or repaired on the way (``auto_adjust`` and ``repair`` are off). Yahoo itself divides prices by
later splits, so pages have the basis SPLIT and carry the splits. What yfinance would repair is offered as proposals
(``repair_proposals``), for a person to accept.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from causeway.adapters.feeds.pacing import Pace
from causeway.adapters.feeds.retrying import Retries
from causeway.adapters.feeds.whole_bars import moment_of
from causeway.adapters.feeds.yahoo_symbols import to_yahoo
from causeway.errors import InvalidInput, NotFound, Unavailable
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind, CorporateAction
from causeway.model.time import BarSize, now_utc
from causeway.ports.feed import BarPage, BarsRequest, FeedOffer, FetchControl, OfferedRepairs, PriceBasis

if TYPE_CHECKING:
    from causeway.adapters.feeds.yahoo_chart import ChartFacts
    from causeway.adapters.feeds.yahoo_repair import Repaired
    from causeway.adapters.feeds.yahoo_transport import YahooData

_INTERVALS = {
    BarSize.MINUTE_1: "1m",
    BarSize.MINUTE_5: "5m",
    BarSize.MINUTE_15: "15m",
    BarSize.HOUR_1: "1h",
    BarSize.DAY_1: "1d",
}
# Yahoo serves at most 8 days of minutes at once, and the others as far as they reach.
_PAGES = {
    BarSize.MINUTE_1: timedelta(days=7),
    BarSize.MINUTE_5: timedelta(days=59),
    BarSize.MINUTE_15: timedelta(days=59),
    BarSize.HOUR_1: timedelta(days=365),
}
_REACH = (
    (BarSize.MINUTE_1, timedelta(days=30)),
    (BarSize.MINUTE_5, timedelta(days=60)),
    (BarSize.MINUTE_15, timedelta(days=60)),
    (BarSize.HOUR_1, timedelta(days=730)),
)


class YahooClient:
    """Bars and corporate actions. ``url`` leads every request to another server; ``now`` is for tests."""

    name = "yahoo"
    offer = FeedOffer(bar_sizes=frozenset(_INTERVALS), corporate_actions=True, repairs=True, reach=_REACH)

    def __init__(
        self,
        *,
        url: str = "",
        requests_per_s: float = 2.0,
        timeout_s: float = 20.0,
        throttled_s: float = 60.0,
        retries: Retries | None = None,
        daily_page: timedelta = timedelta(days=3650),
        now: Callable[[], datetime] = now_utc,
    ) -> None:
        self._url = url
        self._timeout_s = timeout_s
        self._throttled_s = throttled_s
        self._pace = Pace(requests_per_s)
        self._retries = retries or Retries()
        self._daily_page = daily_page
        self._now = now
        self._data: YahooData | None = None
        self._opening = threading.Lock()

    def bars(self, request: BarsRequest, control: FetchControl) -> Iterator[BarPage]:
        """See ``HistoricalFeed.bars``. Splits come from one more request, up to today."""
        self._check(request)
        facts = self._facts(request.symbol, request.start, control)
        for start, end in self._windows(request):
            yield self._page(facts, request, start, end, control)

    def actions(self, symbol: str, first: date, last: date, control: FetchControl) -> Sequence[CorporateAction]:
        """See ``HistoricalFeed.actions``. Later splits are fetched too, to undo Yahoo's division of dividends."""
        facts = self._facts(symbol, datetime.combine(first, time(), tzinfo=UTC), control)
        return [one for one in facts.actions if first <= one.ex_date <= last]

    def close(self) -> None:
        """Close the connections; the next use opens new ones."""
        with self._opening:
            if self._data is not None:
                self._data.close()
                self._data = None

    def repairs(self, request: BarsRequest, control: FetchControl) -> OfferedRepairs:
        """See ``RepairingFeed.repairs``: what yfinance's repair makes of the range as a whole."""
        from causeway.adapters.feeds.yahoo_offered import as_offered, meant
        from causeway.adapters.feeds.yahoo_repair import repair
        from causeway.adapters.feeds.yahoo_transport import REPAIRS_BY, of_repair, price_history, repair_history

        self._check(request)
        facts = self._facts(request.symbol, request.start, control)
        history = price_history(self._opened(), facts.symbol, facts.zone)
        frame = self._whole(history, request, control)
        if frame is None:
            return OfferedRepairs(REPAIRS_BY, BarColumns.together([]), BarColumns.together([]), (), ())
        interval = _INTERVALS[request.bar_size]

        def mend() -> Repaired:
            control.check()
            try:
                finer = repair_history(history, control)
                return repair(finer, meant(frame), interval, extended_hours=request.extended_hours)
            except Exception as error:
                raise of_repair(request.symbol, error) from error

        control.say(f"{request.symbol}: {REPAIRS_BY} looks for what it would repair")
        return as_offered(self._retries.call(mend, control), facts, request, self._now(), REPAIRS_BY)

    def _whole(self, history: Any, request: BarsRequest, control: FetchControl) -> Any:
        """One frame of all windows; None where there is no row."""
        from causeway.adapters.feeds.yahoo_chart import one_frame

        return one_frame([self._frame(history, request, *window, control) for window in self._windows(request)])

    def _windows(self, request: BarsRequest) -> Iterator[tuple[datetime, datetime]]:
        width = self._daily_page if request.bar_size is BarSize.DAY_1 else _PAGES[request.bar_size]
        at = request.start
        while at < request.end:
            end = min(at + width, request.end)
            yield at, end
            at = end

    def _frame(self, history: Any, request: BarsRequest, start: datetime, end: datetime, control: FetchControl) -> Any:
        from causeway.adapters.feeds.yahoo_transport import fetch_frame

        interval, extended = _INTERVALS[request.bar_size], request.extended_hours
        return self._retries.call(lambda: fetch_frame(history, interval, start, end, extended_hours=extended), control)

    def _check(self, request: BarsRequest) -> None:
        if request.bar_size not in _INTERVALS:
            raise InvalidInput(
                f"Yahoo has no bars of {request.bar_size}; it offers {', '.join(_INTERVALS.values())}.",
                details={"field": "bar_size"},
            )
        reach = dict(_REACH).get(request.bar_size)
        if reach is not None and request.start < self._now() - reach:
            raise InvalidInput(
                f"Yahoo keeps bars of {request.bar_size} for {reach.days} days; {request.symbol} was asked for from "
                f"{request.start:%Y-%m-%d}. Start later, or take a larger bar size.",
                details={"field": "start", "reach_days": reach.days},
            )

    def _facts(self, symbol: str, start: datetime, control: FetchControl) -> ChartFacts:
        from causeway.adapters.feeds.yahoo_chart import read_facts
        from causeway.adapters.feeds.yahoo_transport import get_chart

        def ask() -> dict[str, Any]:
            until = max(self._now(), start + timedelta(days=1)) + timedelta(days=1)
            first = start - timedelta(days=1)
            params = {
                "interval": "1d",
                "period1": str(int(first.timestamp())),
                "period2": str(int(until.timestamp())),
                "events": "div,splits",
            }
            return get_chart(self._opened(), to_yahoo(symbol), params)

        try:
            chart = self._retries.call(ask, control)
        except NotFound as error:
            raise NotFound(f"Yahoo knows no {symbol} (asked as {to_yahoo(symbol)}): {error.message}") from error
        try:
            facts = read_facts(to_yahoo(symbol), chart)
        except (KeyError, ValueError, TypeError, AttributeError, ArithmeticError) as error:
            raise Unavailable(f"Yahoo's chart of {symbol} cannot be read: {type(error).__name__}: {error}") from error
        if facts.divisor != 1:
            control.say(f"{symbol}: Yahoo quotes 1/{facts.divisor} {facts.currency}; prices are in {facts.currency}")
        if facts.foreign_dividends:
            control.say(f"{symbol}: {len(facts.foreign_dividends)} dividends in another currency are left out")
        return facts

    def _page(
        self, facts: ChartFacts, request: BarsRequest, start: datetime, end: datetime, control: FetchControl
    ) -> BarPage:
        from causeway.adapters.feeds.yahoo_chart import first_unfinished, read_bars
        from causeway.adapters.feeds.yahoo_transport import price_history

        history = price_history(self._opened(), facts.symbol, facts.zone)
        frame = self._frame(history, request, start, end, control)
        now = self._now()
        bars, holes = read_bars(frame, facts, request.bar_size, start, end, now)
        resume = max(request.start, min(end, moment_of(first_unfinished(facts, request.bar_size, now))))
        splits = tuple(
            one for one in facts.actions if one.kind is ActionKind.SPLIT and one.ex_date >= request.start.date()
        )
        return BarPage(
            bars,
            resume,
            PriceBasis.SPLIT,
            facts.currency,
            holes,
            splits,
            exchange=facts.exchange,
            calendar=facts.calendar,
            asset_class=facts.asset_class,
        )

    def _opened(self) -> YahooData:
        from causeway.adapters.feeds.yahoo_transport import YahooOptions, open_data

        with self._opening:
            if self._data is None:
                self._data = open_data(YahooOptions(self._url, self._timeout_s, self._throttled_s, self._pace))
            return self._data
