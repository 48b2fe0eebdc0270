"""Answers of the REST interface: status and JSON by path and query."""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from causeway.errors import NotFound
from causeway.market_data.corporate_actions import Adjustment, adjust
from causeway.model.corporate_action import ActionKind
from causeway.model.time import BarSize
from causeway.simulators.faults import Fault, Faults
from causeway.simulators.made_trades import made_trades
from causeway.simulators.market import SimulatedMarket
from causeway.simulators.pushed_bars import Counted, with_pushed

_NEW_YORK = ZoneInfo("America/New_York")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SIZES = {
    "1Min": BarSize.MINUTE_1,
    "5Min": BarSize.MINUTE_5,
    "15Min": BarSize.MINUTE_15,
    "1Hour": BarSize.HOUR_1,
    "1Day": BarSize.DAY_1,
}
_FAULTS = {
    Fault.THROTTLE: (HTTPStatus.TOO_MANY_REQUESTS, "too many requests."),
    Fault.SERVER_ERROR: (HTTPStatus.INTERNAL_SERVER_ERROR, "internal server error occurred"),
    Fault.UNAUTHORISED: (HTTPStatus.UNAUTHORIZED, "unauthorized."),
    Fault.PREMIUM: (HTTPStatus.FORBIDDEN, "subscription does not permit querying recent SIP data"),
}
_MOST = 10_000
Query = dict[str, str]
Json = dict[str, Any]


class Rest:
    """``recorded`` answers, by path, go before made ones."""

    def __init__(self, market: SimulatedMarket, faults: Faults) -> None:
        self._market, self._faults = market, faults
        self.recorded: dict[str, Json] = {}
        self.pushed: dict[str, list[Json]] = {}
        self.requests = 0
        self._answers: dict[str, Callable[[Query], Json]] = {
            "/v2/stocks/bars": lambda query: _page("bars", query, self._bars(query)),
            "/v2/stocks/trades": lambda query: _page("trades", query, self._trades(query)),
            "/v2/stocks/trades/latest": self._latest_trades,
            "/v1/corporate-actions": self._corporate_actions,
        }

    def answer(self, path: str, query: Query, key: str) -> tuple[HTTPStatus, Json, dict[str, str]]:
        """Status, body and headers."""
        self.requests += 1
        fault = self._faults.take(*_FAULTS)
        if fault or not key:
            status, said = _FAULTS[fault or Fault.UNAUTHORISED]
            headers = {"X-RateLimit-Reset": str(int(time.time()) + 1)} if fault is Fault.THROTTLE else {}
            return status, {"message": said}, headers
        if path in self.recorded:
            return HTTPStatus.OK, self.recorded[path], {}
        if path not in self._answers:
            return HTTPStatus.NOT_FOUND, {"message": "endpoint not found."}, {}
        try:
            return HTTPStatus.OK, self._answers[path](query), {}
        except (KeyError, ValueError, binascii.Error) as error:
            return HTTPStatus.BAD_REQUEST, {"message": f"invalid request: {error}"}, {}

    def _bars(self, query: Query) -> list[Json]:
        size = _SIZES[query["timeframe"]]
        start, end = _range(query)
        if size is BarSize.DAY_1:
            start, end = (_date_stamp(moment) for moment in (start + timedelta(days=1, microseconds=-1), end))
        symbol, until = query["symbols"], min(end + timedelta(microseconds=1), datetime.now(UTC))
        try:
            made = self._market.bars(symbol, size, start, until)
        except NotFound:
            return []
        pushed = [datetime.fromisoformat(one["t"]) for one in self.pushed.get(symbol, []) if "I" not in one["c"]]
        pushed = [at for at in pushed if start <= at < until]
        bars = with_pushed(made, size, pushed, lambda first, after: self._counted(symbol, first, after))
        if query.get("adjustment", "raw") != "raw":
            splits = [one for one in self._market.actions(symbol) if one.kind is ActionKind.SPLIT]
            bars = adjust(bars, splits, Adjustment.SPLIT, ex_closes={})
        stamps = [_EPOCH + timedelta(microseconds=at) for at in bars.time_us.tolist()]
        if size is BarSize.DAY_1:
            stamps = [stamp.replace(tzinfo=_NEW_YORK).astimezone(UTC) for stamp in stamps]
        columns = (column.tolist() for column in (bars.open, bars.high, bars.low, bars.close, bars.volume))
        return [
            {"t": _text(at), "o": o, "h": h, "l": low, "c": c, "v": int(v), "n": 4, "vw": c}
            for at, o, h, low, c, v in zip(stamps, *columns, strict=True)
        ]

    def _counted(self, symbol: str, start: datetime, end: datetime) -> list[Counted]:
        span = {"start": start.isoformat(), "end": (end - timedelta(microseconds=1)).isoformat()}
        return [
            Counted(datetime.fromisoformat(one["t"]), Decimal(str(one["p"])), Decimal(one["s"]))
            for one in self._trades({"symbols": symbol, **span})
            if "I" not in one["c"]
        ]

    def _trades(self, query: Query) -> list[Json]:
        start, end = _range(query)
        symbol, until = query["symbols"], end + timedelta(microseconds=1)
        try:
            made = list(made_trades(self._market, symbol, start, min(until, datetime.now(UTC))))
        except NotFound:
            return []
        rows = [
            {
                "t": _text(one.time),
                **{"x": "V", "p": float(one.price), "s": one.size, "i": one.number, "z": "C"},
                "c": ["@"] if one.counts else ["@", "I"],
            }
            for one in made
        ]
        pushed = [one for one in self.pushed.get(symbol, []) if _text(start) <= one["t"] < _text(until)]
        return sorted([*rows, *pushed], key=lambda row: str(row["t"]))

    def _latest_trades(self, query: Query) -> Json:
        now = datetime.now(UTC)
        known = [symbol for symbol in query["symbols"].split(",") if symbol in self._market.symbols]
        trades = {
            symbol: {
                "t": _text(now),
                "x": "V",
                "p": self._market.last_price(symbol, now),
                "s": 100,
                "c": ["@"],
                "i": 1,
                "z": "C",
            }
            for symbol in known
        }
        return {"trades": trades}

    def _corporate_actions(self, query: Query) -> Json:
        groups: dict[str, list[Json]] = {}
        for symbol in query["symbols"].split(","):
            for action in self._market.actions(symbol) if symbol in self._market.symbols else ():
                if not query["start"] <= action.ex_date.isoformat() <= query["end"]:
                    continue
                one: Json = {"symbol": symbol, "ex_date": action.ex_date.isoformat()}
                if action.kind is ActionKind.DIVIDEND:
                    groups.setdefault("cash_dividends", []).append({**one, "rate": float(action.value)})
                else:
                    name = "forward_splits" if action.value > 1 else "reverse_splits"
                    new, old = action.value.as_integer_ratio()
                    groups.setdefault(name, []).append({**one, "new_rate": new, "old_rate": old})
        return {"corporate_actions": groups, "next_page_token": None}


def _page(key: str, query: Query, rows: list[Json]) -> Json:
    """From the row of the token on, up to the limit; a symbol without rows is left out."""
    first = int(base64.urlsafe_b64decode(query["page_token"])) if query.get("page_token") else 0
    after = first + min(int(query.get("limit") or 1_000), _MOST)
    token = base64.urlsafe_b64encode(str(after).encode()).decode() if after < len(rows) else None
    page = rows[first:after]
    return {key: {query["symbols"]: page} if page else {}, "next_page_token": token}


def _range(query: Query) -> tuple[datetime, datetime]:
    return datetime.fromisoformat(query["start"]), datetime.fromisoformat(query["end"])


def _date_stamp(moment: datetime) -> datetime:
    """00:00 UTC of the date in New York."""
    return moment.astimezone(_NEW_YORK).replace(tzinfo=UTC, hour=0, minute=0, second=0, microsecond=0)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
