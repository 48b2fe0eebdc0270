"""Yahoo Finance's chart interface, simulated: ``/v8/finance/chart/SYMBOL``, cookie and crumb.

Prices, volumes and dividends come split-adjusted to the last split, as Yahoo's do, with splits and dividends as events.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from causeway.errors import NotFound
from causeway.market_data.asset_classes import class_by_form
from causeway.market_data.corporate_actions import Adjustment, adjust
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind, CorporateAction
from causeway.model.instrument import AssetClass
from causeway.model.time import BarSize
from causeway.simulators.faults import Fault, Faults, Flaw
from causeway.simulators.flaws import with_flaws
from causeway.simulators.http_faults import TRANSPORT_FAULTS, Answer, send_answer
from causeway.simulators.http_vendor import HttpVendor
from causeway.simulators.market import SimulatedMarket

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

_ZONE = ZoneInfo("America/New_York")
_CHART = "/v8/finance/chart/"
_SIZES = {
    "1m": BarSize.MINUTE_1,
    "5m": BarSize.MINUTE_5,
    "15m": BarSize.MINUTE_15,
    "1h": BarSize.HOUR_1,
    "60m": BarSize.HOUR_1,
    "1d": BarSize.DAY_1,
}
_RANGE_DAYS = {"1d": 1, "5d": 5, "1mo": 31, "3mo": 92, "1y": 366, "max": 3000}
_FIELDS = ("open", "high", "low", "close", "volume")
# instrumentType and exchangeName, as in recorded charts; every one of them trades in New York's hours here.
_KINDS = {
    AssetClass.FX: ("CURRENCY", "CCY"),
    AssetClass.CRYPTO: ("CRYPTOCURRENCY", "CCC"),
    AssetClass.INDEX: ("INDEX", "SNP"),
    AssetClass.FUTURE: ("FUTURE", "CME"),
}
_OPEN, _CLOSE = time(9, 30), time(16)


class YahooSimulator(HttpVendor):
    """``paths`` are those that were asked for, in order."""

    def __init__(
        self, market: SimulatedMarket, faults: Faults, *, port: int = 0, recordings: Path | None = None
    ) -> None:
        super().__init__(market, faults, port=port, recordings=recordings)
        self.paths: list[str] = []

    @property
    def requests(self) -> int:
        """Questions about charts so far."""
        return sum(path.startswith(_CHART) for path in self.paths)

    def chart(self, symbol: str, first: str, last: str) -> str:
        """The body that is answered about daily bars from ``first`` to before ``last``."""
        seconds = [int(datetime.combine(date.fromisoformat(day), time(), _ZONE).timestamp()) for day in (first, last)]
        query = {"interval": "1d", "period1": str(seconds[0]), "period2": str(seconds[1])}
        return self._chart(f"{_CHART}{symbol}", query).body.decode()

    @property
    def settings(self) -> Mapping[str, str]:
        return {"CAUSEWAY_FEEDS": "yahoo", "CAUSEWAY_YAHOO_URL": self._server.url}

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        from starlette.requests import Request

        request = Request(scope)
        path, query = unquote(request.url.path), dict(request.query_params)
        self.paths.append(path)
        if not path.startswith(_CHART):
            await send_answer(_entrance(path), None, scope, receive, send)
            return
        fault = self._faults.take(Fault.THROTTLE, Fault.UNAUTHORISED, *TRANSPORT_FAULTS)
        await send_answer(_refusal(fault) or self._chart(path, query), fault, scope, receive, send)

    def _chart(self, path: str, query: Mapping[str, str]) -> Answer:
        recorded = self._recorded(path, query)
        if recorded is not None:
            return recorded
        name = path.removeprefix(_CHART)
        symbol = name.replace("-", ".") if name.replace("-", ".") in self._market.symbols else name
        size = _SIZES.get(query.get("interval", "1d"))
        if size is None:
            return _error(422, "Unprocessable Entity", f"Invalid input - interval={query.get('interval')} is not valid")
        start, end = _range(query)
        try:
            raw = _served(self._market, symbol, size, start, end)
            actions = self._market.actions(symbol)
        except NotFound:
            return _error(404, "Not Found", "No data found, symbol may be delisted")
        asks_for_bars = "includePrePost" in query and len(raw) > 0  # and not only for events
        holes = asks_for_bars and self._faults.take(Fault.NULLS) is not None
        flaws = self._faults.flaws if size is BarSize.DAY_1 else frozenset()
        return _json(_result(name, size, raw, actions, (start, end), holes, flaws))


def open_simulator(
    market: SimulatedMarket, faults: Faults, *, port: int = 0, recordings: Path | None = None
) -> YahooSimulator:
    """Yahoo on ``port``; bodies of the directory ``recordings`` are answered first."""
    return YahooSimulator(market, faults, port=port, recordings=recordings)


def _entrance(path: str) -> Answer:
    """What yfinance asks before: a cookie from the first page, then a crumb."""
    if path == "/v1/test/getcrumb":
        return Answer.text("simulated-crumb")
    return Answer(b"", 404, "text/html", (("set-cookie", "A3=simulated; Path=/"),))


def _refusal(fault: Fault | None) -> Answer | None:
    if fault is Fault.THROTTLE:
        return Answer.text("Edge: Too Many Requests", 429, "text/html")
    if fault is Fault.UNAUTHORISED:
        return _json(
            {"finance": {"result": None, "error": {"code": "Unauthorized", "description": "Invalid Crumb"}}}, 401
        )
    return None


def _range(query: Mapping[str, str]) -> tuple[datetime, datetime]:
    if "period1" in query:
        return _at(int(query["period1"])), _at(int(query.get("period2", datetime.now(UTC).timestamp())))
    end = datetime.now(UTC)
    return end - timedelta(days=_RANGE_DAYS.get(query.get("range", "1mo"), 31)), end


def _served(market: SimulatedMarket, symbol: str, size: BarSize, start: datetime, end: datetime) -> BarColumns:
    """Days belong to a range by the opening of their session, not by midnight UTC."""
    if size is not BarSize.DAY_1:
        return market.bars(symbol, size, start, end)
    days = market.bars(symbol, size, start - timedelta(days=1), end)
    within = [start <= _at(_opening(at)) < end for at in days.time_us.tolist()]
    return BarColumns(*(getattr(days, field)[within] for field in ("time_us", *_FIELDS)))


def _result(
    name: str,
    size: BarSize,
    raw: BarColumns,
    actions: tuple[CorporateAction, ...],
    asked: tuple[datetime, datetime],
    holes: bool,
    flaws: frozenset[Flaw],
) -> dict[str, Any]:
    splits = [action for action in actions if action.kind is ActionKind.SPLIT]
    daily = size is BarSize.DAY_1
    bars = adjust(raw, splits, Adjustment.SPLIT, ex_closes={}, zone="UTC" if daily else "America/New_York")
    seconds = [_opening(at) if daily else at // 1_000_000 for at in bars.time_us.tolist()]
    bars = with_flaws(bars, splits, flaws) if flaws else bars
    quote = {field: [_on_wire(value) for value in getattr(bars, field).tolist()] for field in _FIELDS}
    if holes:
        for values in quote.values():
            values[len(values) // 2] = None
    result: dict[str, Any] = {"meta": _meta(name, size, seconds), "indicators": {"quote": [quote if seconds else {}]}}
    if seconds:
        result["timestamp"] = seconds
        result["indicators"]["adjclose"] = [{"adjclose": quote["close"]}]
        result["events"] = _events(actions, splits, asked)
    return {"chart": {"result": [result], "error": None}}


def _on_wire(value: float) -> float | None:
    return round(value, 6) if isfinite(value) else None


def _events(
    actions: tuple[CorporateAction, ...], splits: list[CorporateAction], asked: tuple[datetime, datetime]
) -> dict[str, Any]:
    events: dict[str, dict[str, Any]] = {"dividends": {}, "splits": {}}
    for action in actions:
        at = int(datetime.combine(action.ex_date, _OPEN, tzinfo=_ZONE).timestamp())
        if not asked[0] <= _at(at) < asked[1]:
            continue
        if action.kind is ActionKind.SPLIT:
            events["splits"][str(at)] = {
                "date": at,
                "numerator": float(action.value),
                "denominator": 1,
                "splitRatio": f"{action.value}:1",
            }
        else:
            later = [split.value for split in splits if split.ex_date > action.ex_date]
            amount = action.value
            for shares in later:
                amount /= Decimal(shares)
            events["dividends"][str(at)] = {"amount": float(amount), "date": at}
    return {kind: found for kind, found in events.items() if found}


def _meta(name: str, size: BarSize, seconds: list[int]) -> dict[str, Any]:
    periods = sorted({_at(at).astimezone(_ZONE).date() for at in seconds})
    known = class_by_form(name)
    kind, exchange = ("EQUITY", "NMS") if known is None else _KINDS[known]
    meta = {
        "currency": "USD",
        "symbol": name,
        "exchangeName": exchange,
        "instrumentType": kind,
        "firstTradeDate": 1577975400,
        "gmtoffset": -18000,
        "timezone": "EST",
        "exchangeTimezoneName": "America/New_York",
        "priceHint": 2,
        "currentTradingPeriod": {"regular": _period(datetime.now(_ZONE).date())},
        "dataGranularity": str(size),
        "range": "",
        "validRanges": [*_RANGE_DAYS],
    }
    if size is not BarSize.DAY_1 and periods:
        meta["tradingPeriods"] = [[_period(day)] for day in periods]
    return meta


def _period(day: date) -> dict[str, Any]:
    start, end = (datetime.combine(day, moment, tzinfo=_ZONE) for moment in (_OPEN, _CLOSE))
    offset = start.utcoffset() or timedelta()
    return {
        "timezone": start.tzname(),
        "start": int(start.timestamp()),
        "end": int(end.timestamp()),
        "gmtoffset": int(offset.total_seconds()),
    }


def _opening(day_us: int) -> int:
    """A daily bar's stamp on the wire is the opening of its session."""
    day = _at(day_us // 1_000_000).date()
    return int(datetime.combine(day, _OPEN, tzinfo=_ZONE).timestamp())


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)


def _error(status: int, code: str, description: str) -> Answer:
    return _json({"chart": {"result": None, "error": {"code": code, "description": description}}}, status)


def _json(body: dict[str, Any], status: int = 200) -> Answer:
    return Answer(json.dumps(body).encode(), status)
