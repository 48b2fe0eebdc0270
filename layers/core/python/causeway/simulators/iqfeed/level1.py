"""The level 1 port: watches, and updates with the fields that a client chose."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from causeway.simulators.faults import Fault, Faults
from causeway.simulators.iqfeed.trade_log import LoggedTrade
from causeway.simulators.line_server import GARBAGE, LineConnection
from causeway.simulators.market import SimulatedMarket

_NEW_YORK = ZoneInfo("America/New_York")
_FIELDS = (
    *(
        "Symbol",
        "Most Recent Trade",
        "Most Recent Trade Size",
        "Most Recent Trade Time",
        "Most Recent Trade Market Center",
    ),
    *("Total Volume", "Bid", "Bid Size", "Ask", "Ask Size", "Open", "High", "Low", "Close", "Message Contents"),
    *("Most Recent Trade Conditions", "Most Recent Trade Aggressor", "Most Recent Trade Day Code"),
)
_MOST_SYMBOLS = 500
_CENT = Decimal("0.01")


@dataclass
class _Client:
    fields: tuple[str, ...] = _FIELDS
    symbols: set[str] = field(default_factory=set)


class Level1:
    """Safe to share between threads."""

    def __init__(self, market: SimulatedMarket, faults: Faults) -> None:
        self._market, self._faults = market, faults
        self._clients: dict[LineConnection, _Client] = {}
        self._lock = threading.Lock()
        self.most_symbols = _MOST_SYMBOLS

    def open(self, connection: LineConnection) -> None:
        """What IQConnect says first."""
        with self._lock:
            self._clients[connection] = _Client()
        connection.send(
            "S,KEY,0", "S,SERVER CONNECTED", "S,IP,127.0.0.1", "S,CUST,real_time,127.0.0.1,60050,simulated,6.2"
        )

    def close(self, connection: LineConnection) -> None:
        """The client is gone."""
        with self._lock:
            self._clients.pop(connection, None)

    def hear(self, connection: LineConnection, line: str) -> None:
        """One command. That a login is refused here in the lookup port's words is an assumption."""
        client = self._clients.get(connection) or _Client()
        if line.startswith("S,SET PROTOCOL,"):
            if self._faults.take(Fault.UNAUTHORISED):
                connection.send("E,Unauthorized user ID.,")
            connection.send(f"S,CURRENT PROTOCOL,{line.rsplit(',', 1)[1]}")
        elif line.startswith("S,SELECT UPDATE FIELDS,"):
            client.fields = tuple(line.split(",")[2:])
            connection.send(f"S,CURRENT UPDATE FIELDNAMES,{','.join(client.fields)}")
        elif line[:1] in ("w", "t"):
            self._watch(connection, client, line[1:])
        elif line[:1] == "r":
            client.symbols.discard(line[1:])

    def watched(self) -> set[str]:
        """Symbols that somebody watches."""
        with self._lock:
            return {symbol for client in self._clients.values() for symbol in client.symbols}

    def say_time(self) -> None:
        """The time, to everybody; the sign of life."""
        if not self._faults.take(Fault.SILENCE):
            self.say(f"T,{datetime.now(_NEW_YORK):%Y%m%d %H:%M:%S}")

    def say(self, *lines: str) -> None:
        """Lines as they are, to everybody."""
        for connection in list(self._clients):
            connection.send(*lines)

    def push(self, symbol: str, trade: LoggedTrade) -> None:
        """A trade, to those who watch its symbol."""
        self._update(symbol, {**_quote_values(trade.price, trade.price), **_trade_values(symbol, trade)}, trade.basis)

    def push_quote(self, symbol: str, bid: Decimal, ask: Decimal) -> None:
        """A quote, to those who watch its symbol."""
        self._update(symbol, _quote_values(bid, ask), "ab")

    def _update(self, symbol: str, values: Mapping[str, str], contents: str) -> None:
        fault = self._faults.take(Fault.GARBAGE, Fault.SPLIT)
        for connection, client in list(self._clients.items()):
            if symbol not in client.symbols:
                continue
            if fault is Fault.GARBAGE:
                connection.send_bytes(GARBAGE)
            else:
                connection.send(_message("Q", symbol, client, values, contents), pieces=fault is Fault.SPLIT)

    def _watch(self, connection: LineConnection, client: _Client, symbol: str) -> None:
        if symbol not in self._market.symbols:
            connection.send(f"n,{symbol}")
        elif len(client.symbols) >= self.most_symbols and symbol not in client.symbols:
            connection.send(f"S,SYMBOL LIMIT REACHED,{symbol}")
        else:
            client.symbols.add(symbol)
            last = Decimal(f"{self._market.last_price(symbol, datetime.now(UTC)):.2f}")
            trade = LoggedTrade(datetime.now(UTC), last, Decimal(100), 0)
            values = {**_quote_values(last - _CENT, last + _CENT), **_trade_values(symbol, trade)}
            connection.send(f"F,{symbol},5,,,", _message("P", symbol, client, values, "Cbacv"))


def _message(kind: str, symbol: str, client: _Client, values: Mapping[str, str], contents: str) -> str:
    known = {**values, "Symbol": symbol, "Message Contents": contents}
    return ",".join((kind, *(known.get(name, "") for name in client.fields), ""))


def _trade_values(symbol: str, trade: LoggedTrade) -> dict[str, str]:
    wall = trade.time.astimezone(_NEW_YORK)
    return {
        "Symbol": symbol,
        "Most Recent Trade": f"{trade.price:.4f}",
        "Most Recent Trade Size": str(trade.size),
        "Most Recent Trade Date": f"{wall:%m/%d/%Y}",
        "Most Recent Trade Time": f"{wall:%H:%M:%S.%f}",
        "Most Recent Trade Market Center": "11",
        "Most Recent Trade Conditions": trade.conditions,
        "TickID": str(trade.number),
    }


def _quote_values(bid: Decimal, ask: Decimal) -> dict[str, str]:
    clock = f"{datetime.now(_NEW_YORK):%H:%M:%S.%f}"
    return {
        **{"Bid": f"{bid:.4f}", "Bid Size": "100", "Bid Time": clock},
        **{"Ask": f"{ask:.4f}", "Ask Size": "200", "Ask Time": clock},
    }
