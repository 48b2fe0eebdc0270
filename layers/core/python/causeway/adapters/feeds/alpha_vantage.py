"""Alpha Vantage behind the feed port. Prices are raw; the plan's requests a minute and a day are counted here.

Stamps are the start of a bar in New York's time, dates of sessions for daily bars.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Literal, TypeVar
from zoneinfo import ZoneInfo

import numpy as np

from causeway.adapters.feeds.alpha_vantage_answers import Row, read_object, read_series
from causeway.adapters.feeds.http_session import HttpSession
from causeway.adapters.feeds.process_budget import ProcessBudget
from causeway.adapters.feeds.retrying import Retries
from causeway.errors import Denied, InvalidInput, NotFound, TooMany, Unavailable
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind, CorporateAction, one_a_day
from causeway.model.time import BarSize, now_utc
from causeway.ports.feed import BarPage, BarsRequest, FeedOffer, FetchControl

if TYPE_CHECKING:
    from causeway.ports.request_budget import RequestBudget

_ZONE = ZoneInfo("America/New_York")
_INTERVALS = {
    BarSize.MINUTE_1: "1min",
    BarSize.MINUTE_5: "5min",
    BarSize.MINUTE_15: "15min",
    BarSize.HOUR_1: "60min",
}
_SIZES = frozenset({*_INTERVALS, BarSize.DAY_1})
_COMPACT = timedelta(days=130)  # the compact answer's 100 sessions cover at least so many days
_DAY_IS_WHOLE = time(16, 15)  # a quarter of an hour after the close
_MICROSECOND = timedelta(microseconds=1)
_MINUTE_S = 60.0
T = TypeVar("T")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class AlphaVantage:
    """Bars and corporate actions. ``throttled_s``: how long to wait after a throttle, as it does not say."""

    name = "alphavantage"
    offer = FeedOffer(bar_sizes=_SIZES, corporate_actions=True, needs_key=True)

    def __init__(
        self,
        key: str,
        *,
        url: str = "https://www.alphavantage.co",
        per_minute: int = 5,
        per_day: int = 25,
        budget: RequestBudget | None = None,
        datatype: Literal["csv", "json"] = "csv",
        timeout_s: float = 20.0,
        throttled_s: float = 60.0,
        retries: Retries | None = None,
        now: Callable[[], datetime] = now_utc,
    ) -> None:
        self._key = key
        self._session = HttpSession("Alpha Vantage", url, timeout_s=timeout_s, secret=("apikey", key))
        self._per_minute, self._per_day = per_minute, per_day
        self._budget = budget or ProcessBudget()
        self._datatype = datatype
        self._throttled_s = throttled_s
        self._retries = retries or Retries()
        self._now = now

    def bars(self, request: BarsRequest, control: FetchControl) -> Iterator[BarPage]:
        """See ``HistoricalFeed.bars``. A page is a month of intraday bars, or all days at once."""
        if request.bar_size not in _SIZES:
            raise InvalidInput(
                f"Alpha Vantage has no bars of {request.bar_size}; it offers {', '.join(sorted(_SIZES))}.",
                details={"field": "bar_size"},
            )
        if request.bar_size is BarSize.DAY_1:
            compact = request.start > self._now() - _COMPACT
            size = "compact" if compact else "full"
            rows = self._series(request.symbol, {"function": "TIME_SERIES_DAILY", "outputsize": size}, control)
            yield _page(rows, request, request.start, request.end, self._now())
            return
        for start, end, month in _months(request.start, min(request.end, self._now())):
            query = {
                "function": "TIME_SERIES_INTRADAY",
                "interval": _INTERVALS[request.bar_size],
                "month": month,
                "outputsize": "full",
                "adjusted": "false",
                "extended_hours": "true" if request.extended_hours else "false",
            }
            yield _page(self._series(request.symbol, query, control), request, start, end, self._now())

    def actions(self, symbol: str, first: date, last: date, control: FetchControl) -> Sequence[CorporateAction]:
        """See ``HistoricalFeed.actions``. Two requests."""
        splits = self._facts(symbol, "SPLITS", control)
        dividends = self._facts(symbol, "DIVIDENDS", control)
        found = [
            *_actions(splits, ActionKind.SPLIT, "effective_date", "split_factor"),
            *_actions(dividends, ActionKind.DIVIDEND, "ex_dividend_date", "amount"),
        ]
        return one_a_day([one for one in found if first <= one.ex_date <= last])

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _series(self, symbol: str, query: Mapping[str, str], control: FetchControl) -> list[Row]:
        text_query = {**query, "datatype": self._datatype}
        return self._asked(symbol, lambda: read_series(self._get(symbol, text_query), self._throttled_s), control)

    def _facts(self, symbol: str, function: str, control: FetchControl) -> Sequence[Mapping[str, str]]:
        def ask() -> Sequence[Mapping[str, str]]:
            data = read_object(self._get(symbol, {"function": function}), self._throttled_s).get("data")
            if not isinstance(data, list):
                raise Unavailable(f"Alpha Vantage answered {function} without data")
            return data

        return self._asked(symbol, ask, control)

    def _asked(self, symbol: str, ask: Callable[[], T], control: FetchControl) -> T:
        try:
            return self._retries.call(ask, control, lambda: self._take_turn(control))
        except NotFound as error:
            raise NotFound(f"Alpha Vantage knows no {symbol}: {error.message}") from error

    def _get(self, symbol: str, query: Mapping[str, str]) -> str:
        return self._session.get("/query", {**query, "symbol": symbol})

    def _take_turn(self, control: FetchControl) -> None:
        """Wait until the plan allows a request; what lasts longer than the budget is for the caller to wait for."""
        if not self._key:
            raise Denied("Alpha Vantage needs a key. Claim a free one and set CAUSEWAY_ALPHAVANTAGE_KEY.")
        while (wait_s := self._budget.take(self.name, per_minute=self._per_minute, per_day=self._per_day)) > 0:
            calls = f"{self._per_minute} calls a minute" if wait_s <= _MINUTE_S else f"{self._per_day} calls a day"
            if wait_s > self._retries.budget_s:
                raise TooMany(f"Alpha Vantage's plan allows {calls}, which are used up", retry_after_s=wait_s)
            self._retries.wait(wait_s, control, f"Alpha Vantage allows {calls}")


def _months(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, str]]:
    """Start, end and name of each month of New York that [start, end) touches."""
    at = start
    while at < end:
        local = at.astimezone(_ZONE)
        first_of_next = datetime(local.year + local.month // 12, local.month % 12 + 1, 1, tzinfo=_ZONE)
        until = min(end, first_of_next.astimezone(UTC))
        yield at, until, f"{local:%Y-%m}"
        at = until


def _page(rows: Sequence[Row], request: BarsRequest, start: datetime, end: datetime, now: datetime) -> BarPage:
    daily = request.bar_size is BarSize.DAY_1
    bars: list[tuple[int, list[float]]] = []
    holes: list[datetime] = []
    for stamp, values in rows:
        at, whole_at = _day(stamp) if daily else _moment(stamp, request.bar_size)
        if not start <= at < end or whole_at > now:
            continue
        if np.isfinite(values).all():
            bars.append((int((at - _EPOCH) / _MICROSECOND), values))
        else:
            holes.append(at)
    columns = np.array([values for _, values in bars], dtype=np.float64).reshape(-1, 5).T.copy()
    time_us = np.array([at for at, _ in bars], dtype=np.int64)
    resume = max(request.start, min(end, _first_unfinished(request.bar_size, now)))
    return BarPage(BarColumns(time_us, *columns), resume, holes=tuple(holes))


def _first_unfinished(bar_size: BarSize, now: datetime) -> datetime:
    """Bars from this start on are still forming."""
    if bar_size is not BarSize.DAY_1:
        return now - bar_size.width + _MICROSECOND
    local = now.astimezone(_ZONE)
    return datetime.combine(local.date() + timedelta(days=local.time() >= _DAY_IS_WHOLE), time(), tzinfo=UTC)


def _day(stamp: str) -> tuple[datetime, datetime]:
    """The bar's start, and when it is whole."""
    day = _read(lambda: date.fromisoformat(stamp[:10]), stamp)
    whole_at = datetime.combine(day, _DAY_IS_WHOLE, tzinfo=_ZONE)
    return datetime.combine(day, time(), tzinfo=UTC), whole_at.astimezone(UTC)


def _moment(stamp: str, bar_size: BarSize) -> tuple[datetime, datetime]:
    start = _read(lambda: datetime.fromisoformat(stamp), stamp).replace(tzinfo=_ZONE).astimezone(UTC)
    return start, start + bar_size.width


def _actions(data: Sequence[Mapping[str, str]], kind: ActionKind, day: str, value: str) -> Iterator[CorporateAction]:
    """Rows without a date, such as dividends that are only announced, are left out."""
    for row in data:
        if str(row.get(day, "None")) in {"None", ""}:
            continue
        try:
            yield CorporateAction(kind, date.fromisoformat(row[day]), Decimal(str(row[value])).normalize())
        except (ValueError, KeyError, InvalidOperation) as error:
            raise Unavailable(f"Alpha Vantage's answer cannot be read: {str(row)[:100]}") from error


def _read(parse: Callable[[], T], text: str) -> T:
    try:
        return parse()
    except ValueError as error:
        raise Unavailable(f"Alpha Vantage's answer cannot be read: {text[:100]!r}") from error
