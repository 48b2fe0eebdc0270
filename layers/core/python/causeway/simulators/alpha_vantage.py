"""Alpha Vantage's ``/query``, simulated: everything is HTTP 200, a throttle too, and it is JSON even within a CSV."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from causeway.errors import NotFound
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind
from causeway.model.time import BarSize, now_utc
from causeway.simulators.faults import Fault, Faults
from causeway.simulators.http_faults import TRANSPORT_FAULTS, Answer, send_answer
from causeway.simulators.http_vendor import HttpVendor
from causeway.simulators.market import SimulatedMarket

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

_ZONE = ZoneInfo("America/New_York")
_SIZES = {"1min": BarSize.MINUTE_1, "5min": BarSize.MINUTE_5, "15min": BarSize.MINUTE_15, "60min": BarSize.HOUR_1}
_FIELDS = ("open", "high", "low", "close", "volume")
_COMPACT_ROWS = 100
_REFUSALS = {
    Fault.THROTTLE: (
        "Information",
        "We have detected your API key as {key} and our standard API rate limit is 5 requests per minute. Please "
        "consider spreading out your free API requests more sparingly.",
    ),
    Fault.UNAUTHORISED: (
        "Error Message",
        "the parameter apikey is invalid or missing. Please claim your free API key.",
    ),
    Fault.PREMIUM: ("Information", "Thank you for using Alpha Vantage! This is a premium endpoint."),
}
_BAD_CALL = ("Error Message", "Invalid API call. Please retry or visit the documentation for {function}.")


class AlphaVantageSimulator(HttpVendor):
    """``requests`` counts questions. ``now``: the vendor's clock; compact answers end there."""

    def __init__(
        self, market: SimulatedMarket, faults: Faults, *, port: int = 0, recordings: Path | None = None
    ) -> None:
        super().__init__(market, faults, port=port, recordings=recordings)
        self.requests = 0
        self.now: Callable[[], datetime] = now_utc

    @property
    def settings(self) -> Mapping[str, str]:
        return {
            "CAUSEWAY_FEEDS": "alphavantage",
            "CAUSEWAY_ALPHAVANTAGE_URL": self._server.url,
            "CAUSEWAY_ALPHAVANTAGE_KEY": "simulated",
        }

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        from starlette.requests import Request

        request = Request(scope)
        query = dict(request.query_params)
        self.requests += 1
        fault = self._faults.take(*_REFUSALS, *TRANSPORT_FAULTS)
        if fault in _REFUSALS:
            answer = _said(*_REFUSALS[fault], query)
        elif not query.get("apikey"):
            answer = _said(*_REFUSALS[Fault.UNAUTHORISED], query)
        else:
            answer = self._answer(request.url.path, query)
        await send_answer(answer, fault, scope, receive, send)

    def _answer(self, path: str, query: Mapping[str, str]) -> Answer:
        recorded = self._recorded(path, query)
        if recorded is not None:
            return recorded
        functions: dict[str, Callable[[Mapping[str, str]], Answer]] = {
            "TIME_SERIES_DAILY": self._daily,
            "TIME_SERIES_INTRADAY": self._intraday,
            "SPLITS": self._splits,
            "DIVIDENDS": self._dividends,
        }
        try:
            return functions[query.get("function", "")](query)
        except (KeyError, ValueError, NotFound):
            return _said(*_BAD_CALL, query)

    def _daily(self, query: Mapping[str, str]) -> Answer:
        now = self.now()
        bars = self._market.bars(query["symbol"], BarSize.DAY_1, datetime(2000, 1, 1, tzinfo=UTC), now)
        stamps = [f"{_at(at):%Y-%m-%d}" for at in bars.time_us.tolist()]
        return self._series("Time Series (Daily)", query, stamps, bars)

    def _intraday(self, query: Mapping[str, str]) -> Answer:
        interval = query["interval"]
        month = query.get("month") or f"{self.now().astimezone(_ZONE):%Y-%m}"
        year, number = map(int, month.split("-"))
        start = datetime(year, number, 1, tzinfo=_ZONE)
        end = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=_ZONE)
        bars = self._market.bars(query["symbol"], _SIZES[interval], start, min(end, self.now()))
        stamps = [f"{_at(at).astimezone(_ZONE):%Y-%m-%d %H:%M:%S}" for at in bars.time_us.tolist()]
        return self._series(f"Time Series ({interval})", query, stamps, bars)

    def _series(self, title: str, query: Mapping[str, str], stamps: list[str], bars: BarColumns) -> Answer:
        columns = [getattr(bars, field).tolist() for field in _FIELDS]
        rows = [
            (stamp, [*(f"{price:.4f}" for price in prices), f"{volume:.0f}"])
            for stamp, *prices, volume in zip(stamps, *columns, strict=True)
        ]
        rows.reverse()  # newest first
        if query.get("outputsize", "compact") == "compact":
            rows = rows[:_COMPACT_ROWS]
        if rows and self._faults.take(Fault.NULLS) is not None:
            self._empty_a_value(rows)
        if query.get("datatype") == "csv":
            lines = ["timestamp,open,high,low,close,volume", *(",".join([stamp, *cells]) for stamp, cells in rows)]
            return Answer("\r\n".join([*lines, ""]).encode(), content_type="application/x-download")
        named = {stamp: {f"{at}. {name}": cell for at, (name, cell) in _numbered(cells)} for stamp, cells in rows}
        return _json({"Meta Data": {"2. Symbol": query["symbol"], "6. Time Zone": "US/Eastern"}, title: named})

    @staticmethod
    def _empty_a_value(rows: list[tuple[str, list[str]]]) -> None:
        """Every row of its week lacks a value somewhere; the newest rows may lie outside what is asked for."""
        for at in range(0, len(rows), 3):
            rows[at][1][3] = ""

    def _splits(self, query: Mapping[str, str]) -> Answer:
        return self._actions(query, ActionKind.SPLIT, "effective_date", "split_factor")

    def _dividends(self, query: Mapping[str, str]) -> Answer:
        return self._actions(query, ActionKind.DIVIDEND, "ex_dividend_date", "amount")

    def _actions(self, query: Mapping[str, str], kind: ActionKind, day: str, value: str) -> Answer:
        found = [one for one in self._market.actions(query["symbol"]) if one.kind is kind]
        data = [{day: one.ex_date.isoformat(), value: f"{one.value:.4f}"} for one in reversed(found)]
        return _json({"symbol": query["symbol"], "data": data})


def open_simulator(
    market: SimulatedMarket, faults: Faults, *, port: int = 0, recordings: Path | None = None
) -> AlphaVantageSimulator:
    """Alpha Vantage on ``port``; bodies of the directory ``recordings`` are answered first."""
    return AlphaVantageSimulator(market, faults, port=port, recordings=recordings)


def _numbered(cells: list[str]) -> enumerate[tuple[str, str]]:
    return enumerate(zip(_FIELDS, cells, strict=True), start=1)


def _said(name: str, text: str, query: Mapping[str, str]) -> Answer:
    said = text.format(key=query.get("apikey", ""), function=query.get("function", ""))
    return _json({name: said})


def _json(body: Mapping[str, Any]) -> Answer:
    return Answer(json.dumps(body, indent=4).encode())


def _at(micros: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
