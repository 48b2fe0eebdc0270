"""Four ports as one simulator."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from types import TracebackType
from typing import Self

from causeway.simulators.faults import Faults
from causeway.simulators.iqfeed.derivative import Derivative
from causeway.simulators.iqfeed.level1 import Level1
from causeway.simulators.iqfeed.lookup import Lookup
from causeway.simulators.iqfeed.trade_log import TradeLog
from causeway.simulators.line_server import LineConnection, LineServer
from causeway.simulators.market import SimulatedMarket
from causeway.simulators.traffic import Traffic


class IqfeedSimulator:
    """See ``registry.Simulator``. ``port`` serves level 1, the next three lookup, administration and bars."""

    def __init__(self, market: SimulatedMarket, faults: Faults, *, port: int = 0, heartbeat_s: float = 1.0) -> None:
        self._market, self._faults = market, faults
        self._log = TradeLog(market)
        self._ports = [port + more if port else 0 for more in range(4)]
        self._heartbeat_s = heartbeat_s
        self._over = threading.Event()
        self._traffic: Traffic | None = None
        self.lookup = Lookup(market, faults, self._log)
        self.level1 = Level1(market, faults)
        self.derivative = Derivative(market)
        self.connected = True

    def __enter__(self) -> Self:
        level1, lookup, admin, derivative = self._ports
        self._servers = (
            LineServer(level1, self.level1.hear, self.level1.open, self.level1.close),
            LineServer(lookup, self.lookup.hear),
            LineServer(admin, lambda _connection, _line: None, self._say_stats),
            LineServer(derivative, self.derivative.hear, on_close=self.derivative.close),
        )
        threading.Thread(target=self._beat, name="simulator-iqfeed", daemon=True).start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._traffic:
            self._traffic.stop()
        for server in self._servers:
            server.close()

    @property
    def settings(self) -> Mapping[str, str]:
        names = ("LEVEL1", "LOOKUP", "ADMIN", "DERIVATIVE")
        ports = {
            f"CAUSEWAY_IQFEED_{name}_PORT": str(server.port) for name, server in zip(names, self._servers, strict=True)
        }
        return {
            "CAUSEWAY_FEEDS": "iqfeed",
            "CAUSEWAY_LIVE_FEED": "iqfeed",
            "CAUSEWAY_IQFEED_HOST": "127.0.0.1",
            **ports,
        }

    def stream(self, rate: float) -> None:
        """Make so many trades a second among the watched symbols."""
        self._traffic = Traffic(self, rate)

    def watched(self) -> Collection[str]:
        """Symbols that somebody watches."""
        return self.level1.watched()

    def last_price(self, symbol: str) -> Decimal:
        """What the made market says it is worth now."""
        return Decimal(f"{self._market.last_price(symbol, datetime.now(UTC)):.2f}")

    def push(self, symbol: str, price: str, size: str, *, basis: str = "C", conditions: str = "01") -> None:
        """A trade now; history has it too, whoever watches."""
        trade = self._log.add(symbol, Decimal(price), Decimal(size), basis, conditions, self._faults.skew())
        self.level1.push(symbol, trade)
        self.derivative.push(symbol, trade)

    def push_quote(self, symbol: str, bid: str, ask: str) -> None:
        """A quote now."""
        self.level1.push_quote(symbol, Decimal(bid), Decimal(ask))

    def drop_connections(self) -> None:
        """End every stream in the middle."""
        self._servers[0].drop()
        self._servers[3].drop()

    def _beat(self) -> None:
        while not self._over.wait(self._heartbeat_s):
            self.level1.say_time()
            for connection in self._servers[2].connections:
                self._say_stats(connection)

    def _say_stats(self, connection: LineConnection) -> None:
        status = "Connected" if self.connected else "Not Connected"
        watched = len(self.level1.watched())
        started = "Jan 01 9:00AM,Jan 01 9:30AM"
        connection.send(
            f"S,STATS,127.0.0.1,60050,500,{watched},1,0,0,0,{started},{status},6.2.0.25,simulated,0,0,0,0,0,0,"
        )


def open_simulator(market: SimulatedMarket, faults: Faults, *, port: int = 0) -> IqfeedSimulator:
    """See ``registry.open_simulator``."""
    return IqfeedSimulator(market, faults, port=port)
