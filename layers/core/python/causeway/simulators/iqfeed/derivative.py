"""The derivative port: watches of bars. Pushed trades form bars; a bar is complete once a trade of the next comes."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from causeway.model.time import BarSize
from causeway.simulators.iqfeed.trade_log import LoggedTrade
from causeway.simulators.line_server import LineConnection
from causeway.simulators.market import SimulatedMarket

_NEW_YORK = ZoneInfo("America/New_York")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SIZES = {int(size.width.total_seconds()): size for size in BarSize}


@dataclass
class _Watch:
    symbol: str
    size: BarSize
    request_id: str
    ends: datetime = _EPOCH
    prices: list[float] = field(default_factory=list)
    volume: int = 0

    def line(self, kind: str) -> str:
        return _line(
            self, kind, self.ends, (self.prices[0], max(self.prices), min(self.prices), self.prices[-1]), self.volume
        )


class Derivative:
    """Safe to share between threads."""

    def __init__(self, market: SimulatedMarket) -> None:
        self._market = market
        self._watches: dict[tuple[LineConnection, str], _Watch] = {}
        self._lock = threading.Lock()

    def hear(self, connection: LineConnection, line: str) -> None:
        """One command."""
        fields = line.split(",")
        if line.startswith("S,SET PROTOCOL,"):
            connection.send(f"S,CURRENT PROTOCOL,{fields[-1]}")
        elif fields[0] == "BW":
            self._watch(connection, fields)
        elif fields[0] == "BR":
            with self._lock:
                self._watches.pop((connection, fields[2]), None)

    def close(self, connection: LineConnection) -> None:
        """The client is gone."""
        with self._lock:
            self._watches = {key: watch for key, watch in self._watches.items() if key[0] is not connection}

    def push(self, symbol: str, trade: LoggedTrade) -> None:
        """A trade to the bars of its symbol."""
        if trade.basis not in ("C", "E"):
            return
        with self._lock:
            watches = list(self._watches.items())
        for (connection, _), watch in watches:
            if watch.symbol == symbol:
                _grow(connection, watch, trade)

    def _watch(self, connection: LineConnection, fields: list[str]) -> None:
        _, symbol, seconds, begin, _, most, _, _, request_id, *_ = fields
        if symbol not in self._market.symbols:
            connection.send(f"{request_id},n,{symbol}")
            return
        watch = _Watch(symbol, _SIZES[int(seconds)], request_id)
        start = datetime.strptime(begin, "%Y%m%d %H%M%S").replace(tzinfo=_NEW_YORK) if begin else datetime.now(UTC)
        bars = self._market.bars(symbol, watch.size, start, datetime.now(UTC))
        first = max(0, len(bars) - int(most)) if most else 0
        for at in range(first, len(bars)):
            ends = _EPOCH + timedelta(microseconds=int(bars.time_us[at])) + watch.size.width
            prices = (bars.open[at], bars.high[at], bars.low[at], bars.close[at])
            connection.send(_line(watch, "BH", ends, prices, int(bars.volume[at])))
        with self._lock:
            self._watches[connection, request_id] = watch


def _grow(connection: LineConnection, watch: _Watch, trade: LoggedTrade) -> None:
    ends = trade.time - (trade.time - _EPOCH) % watch.size.width + watch.size.width
    if watch.ends != ends:
        if watch.prices:
            connection.send(watch.line("BC"))
        watch.ends, watch.prices, watch.volume = ends, [], 0
    watch.prices.append(float(trade.price))
    watch.volume += int(trade.size)
    connection.send(watch.line("BU"))


def _line(watch: _Watch, kind: str, ends: datetime, prices: tuple[float, float, float, float], volume: int) -> str:
    """Open, high, low, last, by the end of the bar."""
    numbers = ",".join(f"{price:.4f}" for price in prices)
    at = ends.astimezone(_NEW_YORK)
    return f"{watch.request_id},{kind},{watch.symbol},{at:%Y-%m-%d %H:%M:%S},{numbers},{volume},{volume},0,"
