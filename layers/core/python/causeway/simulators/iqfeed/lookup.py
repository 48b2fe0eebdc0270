"""The lookup port: bars and trades by request, in protocol 6.2, newest first unless asked otherwise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from causeway.errors import NotFound
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize
from causeway.simulators.faults import Fault, Faults
from causeway.simulators.iqfeed.trade_log import LoggedTrade, TradeLog
from causeway.simulators.line_server import LineConnection, send_with_faults
from causeway.simulators.market import SimulatedMarket
from causeway.simulators.pushed_bars import Counted, with_pushed

_NEW_YORK = ZoneInfo("America/New_York")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAMES = {
    "HIT": "symbol interval begin end most from_time to_time direction id per_send type label",
    "HIX": "symbol interval most direction id per_send type label",
    "HDT": "symbol begin end most direction id per_send partial",
    "HDX": "symbol most direction id per_send partial",
    "HTT": "symbol begin end most from_time to_time direction id per_send",
    "HTX": "symbol most direction id per_send",
}
_COUNTS = ("C", "E")
_SIZES = {int(size.width.total_seconds()): size for size in BarSize}
Query = dict[str, str]


class Lookup:
    """Answers requests; ``recorded`` answers go before made ones."""

    def __init__(self, market: SimulatedMarket, faults: Faults, log: TradeLog) -> None:
        self._market, self._faults, self._log = market, faults, log
        self._recorded: dict[tuple[str, str], list[tuple[str, str]]] = {}
        self.requests = 0
        self._answers: dict[str, Callable[[Query], list[str]]] = {
            **dict.fromkeys(("HIT", "HIX"), self._intervals),
            **dict.fromkeys(("HDT", "HDX"), self._days),
            **dict.fromkeys(("HTT", "HTX"), self._ticks),
        }

    def serve_recorded(self, command: str, symbol: str, lines: list[str]) -> None:
        """Answer ``command`` for ``symbol`` with these lines, oldest first, that lie within what is asked."""
        self._recorded[command, symbol] = [(_digits(line), line) for line in lines if not line.startswith("!")]

    def hear(self, connection: LineConnection, line: str) -> None:
        """One request."""
        if line.startswith("S,SET PROTOCOL,"):
            connection.send(f"S,CURRENT PROTOCOL,{line.rsplit(',', 1)[1]}")
            return
        self.requests += 1
        command, *values = line.split(",")
        names = _NAMES.get(command, "").split()
        query = dict(zip(names, [*values, *[""] * len(names)], strict=False))
        prefix = f"{query['id']}," if query.get("id") else ""
        rows = [f"{prefix}{row}" for row in self._answer(command, query)]
        send_with_faults(connection, [*rows, f"{prefix}!ENDMSG!,"], self._faults)

    def _answer(self, command: str, query: Query) -> list[str]:
        if command not in self._answers:
            return ["E,!SYNTAX_ERROR!,"]
        if self._faults.take(Fault.UNAUTHORISED):
            return ["E,Unauthorized user ID.,"]
        if self._faults.take(Fault.SERVER_ERROR):
            return ["E,Unknown Server Error code 0.,"]
        try:
            rows = self._recorded_rows(command, query) or self._answers[command](query)
        except NotFound:
            return ["E,Invalid symbol.,"]
        except (KeyError, ValueError):
            return ["E,!SYNTAX_ERROR!,"]
        rows = rows[-int(query["most"]) :] if query["most"] else rows
        ordered = rows if query["direction"] == "1" else rows[::-1]
        return [f"LH,{row}" for row in ordered] or ["E,!NO_DATA!,,"]

    def _recorded_rows(self, command: str, query: Query) -> list[str]:
        lines = self._recorded.get((command, query["symbol"]), [])
        first, last = (_digits(query.get(name, "")) for name in ("begin", "end"))
        return [line for at, line in lines if (not first or first <= at) and (not last or at <= last)]

    def _intervals(self, query: Query) -> list[str]:
        size = _SIZES[int(query["interval"])]
        if query["type"] not in ("s", ""):
            raise ValueError(query["type"])
        bars = self._bars(query["symbol"], size, *_range(query))
        width = timedelta(0) if query["label"] == "1" else size.width
        walls = [_wall(at) for at in bars.time_us.tolist()]
        first, last = (query.get(name, "") for name in ("from_time", "to_time"))
        totals = np.cumsum(bars.volume)
        return [
            f"{wall + width:%Y-%m-%d %H:%M:%S},{_prices(bars, at)},{totals[at]:.0f},{bars.volume[at]:.0f},0,"
            for at, wall in enumerate(walls)
            if (not first or first <= f"{wall:%H%M%S}") and (not last or f"{wall:%H%M%S}" < last)
        ]

    def _days(self, query: Query) -> list[str]:
        bars = self._bars(query["symbol"], BarSize.DAY_1, *_range_of_days(query))
        today = datetime.now(_NEW_YORK).date()
        days = [(_EPOCH + timedelta(microseconds=at)).date() for at in bars.time_us.tolist()]
        return [
            f"{day},{_prices(bars, at)},{bars.volume[at]:.0f},0,"
            for at, day in enumerate(days)
            if day < today or query["partial"] == "1"
        ]

    def _ticks(self, query: Query) -> list[str]:
        start, end = _range(query, timedelta(days=5))
        total, rows = 0, []
        for trade in self._log.between(query["symbol"], start, end):
            total += int(trade.size)
            rows.append(_tick_row(trade, total))
        return rows

    def _bars(self, symbol: str, size: BarSize, start: datetime, end: datetime) -> BarColumns:
        served = min(end, datetime.now(UTC))
        below_a_minute = size.width < timedelta(minutes=1)  # the made market has no such bars
        made = self._market.bars(
            symbol, BarSize.MINUTE_1 if below_a_minute else size, start, start if below_a_minute else served
        )
        pushed = [one.time for one in self._log.pushed(symbol, start, served) if one.basis in _COUNTS]
        return with_pushed(made, size, pushed, lambda first, after: self._counted(symbol, first, after))

    def _counted(self, symbol: str, start: datetime, end: datetime) -> list[Counted]:
        trades = self._log.between(symbol, start, end)
        return [Counted(one.time, one.price, one.size) for one in trades if one.basis in _COUNTS]


def _range(query: Query, back: timedelta = timedelta(days=60)) -> tuple[datetime, datetime]:
    """From begin up to and with end, which are wall times; the latest part of the past where the request has none."""
    now = datetime.now(UTC)
    start = _instant(query["begin"]) if query.get("begin") else now - back
    end = _instant(query["end"]) + timedelta(seconds=1) if query.get("end") else now
    return start, end


def _range_of_days(query: Query) -> tuple[datetime, datetime]:
    now = datetime.now(UTC)
    start = _day(query["begin"]) if query.get("begin") else now - timedelta(days=700)
    end = _day(query["end"]) + timedelta(days=1) if query.get("end") else now
    return start, end


def _day(text: str) -> datetime:
    day = date.fromisoformat(text)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%d %H%M%S").replace(tzinfo=_NEW_YORK).astimezone(UTC)


def _wall(time_us: int) -> datetime:
    return (_EPOCH + timedelta(microseconds=time_us)).astimezone(_NEW_YORK)


def _prices(bars: BarColumns, at: int) -> str:
    """High, low, open, close: the order of IQFeed."""
    return ",".join(f"{column[at]:.4f}" for column in (bars.high, bars.low, bars.open, bars.close))


def _tick_row(trade: LoggedTrade, total: int) -> str:
    wall = trade.time.astimezone(_NEW_YORK)
    quote = f"{trade.price:.4f},{trade.price:.4f}"
    return (
        f"{wall:%Y-%m-%d %H:%M:%S.%f},{trade.price:.4f},{trade.size},{total},{quote},{trade.number},{trade.basis},11,"
        f"{trade.conditions},0,{wall.day},"
    )


def _digits(text: str) -> str:
    """``2021-03-01 04:00:00.028`` and ``20210301 040000`` as digits up to the second, for comparison."""
    digits = "".join(character for character in text.partition(",")[0] if character.isdigit())
    return digits[:14]
