"""REST and stream on one port, by the ``websockets`` server, which answers plain requests as well."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import parse_qsl, urlsplit

from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.sync.server import serve

from causeway.simulators.alpaca.connection import AlpacaConnection
from causeway.simulators.alpaca.rest import Rest
from causeway.simulators.alpaca.stream import Stream
from causeway.simulators.faults import Fault, Faults
from causeway.simulators.halts import PlannedHalt, carry_out
from causeway.simulators.line_server import GARBAGE
from causeway.simulators.market import SimulatedMarket
from causeway.simulators.traffic import Traffic

_STREAMS = ("/v2/iex", "/v2/sip")
_SILENCE_S = 30.0


class AlpacaSimulator:
    """See ``registry.Simulator``."""

    def __init__(self, market: SimulatedMarket, faults: Faults, *, port: int = 0) -> None:
        self._market, self._faults, self._wanted_port = market, faults, port
        self._over = threading.Event()
        self._numbers = count(1)
        self._traffic: Traffic | None = None
        self._halted: set[str] = set()
        self.rest = Rest(market, faults)
        self.stream_port = Stream(faults)

    def __enter__(self) -> Self:
        quiet = logging.getLogger("causeway.simulators.alpaca")
        quiet.setLevel(logging.CRITICAL)  # broken connections are what it is for
        kind = type("Connection", (AlpacaConnection,), {"faults": self._faults})
        self._server = serve(
            lambda connection: self.stream_port.serve(cast(AlpacaConnection, connection)),
            "127.0.0.1",
            self._wanted_port,
            process_request=lambda connection, request: self._answer(cast(AlpacaConnection, connection), request),
            create_connection=kind,
            ping_interval=None,
            close_timeout=0.2,
            logger=quiet,
        )
        self.port: int = self._server.socket.getsockname()[1]
        self._thread = threading.Thread(target=self._server.serve_forever, name=f"simulator-{self.port}", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._traffic:
            self._traffic.stop()
        self.drop_connections()
        self._server.shutdown()
        self._thread.join(timeout=5)

    @property
    def settings(self) -> Mapping[str, str]:
        return {
            "CAUSEWAY_FEEDS": "alpaca",
            "CAUSEWAY_LIVE_FEED": "alpaca",
            "CAUSEWAY_ALPACA_KEY_ID": "simulated",
            "CAUSEWAY_ALPACA_SECRET_KEY": "simulated",
            "CAUSEWAY_ALPACA_DATA_URL": f"http://127.0.0.1:{self.port}",
            "CAUSEWAY_ALPACA_STREAM_URL": f"ws://127.0.0.1:{self.port}",
        }

    def stream(self, rate: float) -> None:
        """Make so many trades a second among the watched symbols."""
        self._traffic = Traffic(self, rate)

    def plan_halt(self, halt: PlannedHalt) -> None:
        """See ``registry.Halting``."""
        carry_out(halt, self, self._over)

    def halt(self, symbol: str) -> None:
        """It trades no more, and everybody is told."""
        self._halted.add(symbol)
        self.push_status(symbol, "H", "Trading Halt", "T1", "Halt News Pending")

    def resume(self, symbol: str) -> None:
        """It trades again, and everybody is told."""
        self.push_status(symbol, "T", "Trading Resumption")
        self._halted.discard(symbol)

    def subscribed(self) -> Collection[str]:
        """Symbols that somebody watches."""
        return self.stream_port.watched() & set(self._market.symbols)

    def watched(self) -> Collection[str]:
        """Symbols that somebody watches, and that are not halted."""
        return set(self.subscribed()) - self._halted

    def last_price(self, symbol: str) -> Decimal:
        """What the made market says it is worth now."""
        return Decimal(f"{self._market.last_price(symbol, datetime.now(UTC)):.2f}")

    def push(self, symbol: str, price: str, size: str, *, conditions: tuple[str, ...] = ("@",)) -> None:
        """A trade now; history has it too, whoever watches."""
        now = datetime.now(UTC) + self._faults.skew()
        trade: dict[str, Any] = {"x": "V", "p": float(price), "s": int(size), "c": list(conditions), "z": "C"}
        trade["i"] = next(self._numbers)
        written = now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        self.rest.pushed.setdefault(symbol, []).append({**trade, "t": written})
        self.push_raw({"T": "t", "S": symbol, **trade, "t": now})

    def push_quote(self, symbol: str, bid: str, ask: str) -> None:
        """A quote now."""
        sides = {"bx": "V", "bp": float(bid), "bs": 1, "ax": "V", "ap": float(ask), "as": 2}
        self.push_raw({"T": "q", "S": symbol, **sides, "c": ["R"], "z": "C", "t": datetime.now(UTC)})

    def push_status(self, symbol: str, code: str, said: str, reason_code: str = "", reason: str = "") -> None:
        """A trading status now, such as H (halt) or T (resume)."""
        texts = {"sc": code, "sm": said, "rc": reason_code, "rm": reason}
        self.push_raw({"T": "s", "S": symbol, **texts, "z": "C", "t": datetime.now(UTC)})

    def push_bands(self, symbol: str, lower: str, upper: str) -> None:
        """Price bands now."""
        prices = {"u": float(upper), "d": float(lower)}
        self.push_raw({"T": "l", "S": symbol, **prices, "i": "B", "z": "C", "t": datetime.now(UTC)})

    def push_raw(self, message: Mapping[str, Any]) -> None:
        """A message as it is to those who subscribed to its kind and symbol."""
        self.stream_port.push(message)

    def drop_connections(self) -> None:
        """End every stream in the middle."""
        self.stream_port.drop()

    def _answer(self, connection: AlpacaConnection, request: Request) -> Response | None:
        url = urlsplit(request.path)
        if url.path in _STREAMS:
            connection.streams = True
            return None
        connection.http_fault = self._faults.take(Fault.REFUSE, Fault.CUT, Fault.SPLIT, Fault.GARBAGE, Fault.SILENCE)
        if connection.http_fault is Fault.SILENCE:
            self._over.wait(_SILENCE_S)
        key = request.headers.get("APCA-API-KEY-ID", "")
        status, body, more = self.rest.answer(url.path, dict(parse_qsl(url.query)), key)
        data = GARBAGE if connection.http_fault is Fault.GARBAGE else json.dumps(body).encode()
        headers = Headers(
            **{"Content-Type": "application/json", "Content-Length": str(len(data)), "Connection": "close", **more}
        )
        return Response(status.value, status.phrase, headers, data)


def open_simulator(market: SimulatedMarket, faults: Faults, *, port: int = 0) -> AlpacaSimulator:
    """See ``registry.open_simulator``."""
    return AlpacaSimulator(market, faults, port=port)
