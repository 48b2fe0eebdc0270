"""The stream: signing in, subscriptions, and trades and quotes to those who subscribed."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import msgpack
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection

from causeway.simulators.alpaca.connection import AlpacaConnection
from causeway.simulators.faults import Fault, Faults
from causeway.simulators.line_server import GARBAGE

_CHANNELS = ("trades", "quotes", "bars", "updatedBars", "dailyBars", "statuses", "lulds", "corrections", "cancelErrors")
_OF_KIND = {"t": "trades", "q": "quotes", "s": "statuses", "l": "lulds", "c": "corrections", "x": "cancelErrors"}
_MOST_SYMBOLS = 500
Message = Mapping[str, Any]


class Stream:
    """Safe to share between threads."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._clients: dict[AlpacaConnection, dict[str, set[str]]] = {}
        self._lock = threading.Lock()
        self.most_symbols = _MOST_SYMBOLS

    def serve(self, connection: AlpacaConnection) -> None:
        """One client, until it is gone."""
        with suppress(ConnectionClosed, OSError):
            _send(connection, {"T": "success", "msg": "connected"})
            if self._signs_in(connection):
                self._listen(connection)
        with self._lock:
            self._clients.pop(connection, None)

    def watched(self) -> set[str]:
        """Symbols whose trades somebody gets."""
        with self._lock:
            return {symbol for channels in self._clients.values() for symbol in channels["trades"]}

    def push(self, message: Message) -> None:
        """One message to those who subscribed to its kind and symbol; times must be aware datetimes."""
        channel, symbol = _OF_KIND[message["T"]], message["S"]
        fault = self._faults.take(Fault.GARBAGE, Fault.SPLIT)
        with self._lock:
            takers = [one for one, channels in self._clients.items() if symbol in channels[channel]]
        for connection in takers:
            with suppress(ConnectionClosed, OSError):
                connection.in_pieces = fault is Fault.SPLIT
                connection.send(GARBAGE) if fault is Fault.GARBAGE else _send(connection, message)
                connection.in_pieces = False

    def drop(self) -> None:
        """End every connection without a farewell."""
        with self._lock:
            connections = list(self._clients)
        for connection in connections:
            connection.cut()

    def _signs_in(self, connection: AlpacaConnection) -> bool:
        message = _receive(connection)
        if message.get("action") != "auth":
            _send(connection, {"T": "error", "code": 401, "msg": "not authenticated"})
        elif not (message.get("key") and message.get("secret")) or self._faults.take(Fault.UNAUTHORISED):
            _send(connection, {"T": "error", "code": 402, "msg": "auth failed"})
        elif self._faults.take(Fault.PREMIUM):
            _send(connection, {"T": "error", "code": 409, "msg": "insufficient subscription"})
        else:
            with self._lock:
                self._clients[connection] = {channel: set() for channel in _CHANNELS}
            _send(connection, {"T": "success", "msg": "authenticated"})
            return True
        return False

    def _listen(self, connection: AlpacaConnection) -> None:
        while True:
            message = _receive(connection)
            asked = {channel: set(message.get(channel) or ()) for channel in _CHANNELS}
            asked["corrections"] |= asked["trades"]
            asked["cancelErrors"] |= asked["trades"]
            with self._lock:
                mine = self._clients[connection]
                wanted = {
                    channel: _changed(str(message.get("action")), mine[channel], asked[channel])
                    for channel in _CHANNELS
                }
                too_many = len(wanted["trades"]) > self.most_symbols
                if not too_many:
                    mine.update(wanted)
            if message.get("action") not in ("subscribe", "unsubscribe"):
                _send(connection, {"T": "error", "code": 400, "msg": "invalid syntax"})
            elif too_many:
                _send(connection, {"T": "error", "code": 405, "msg": "symbol limit exceeded"})
            else:
                _send(connection, {"T": "subscription", **{channel: sorted(mine[channel]) for channel in _CHANNELS}})


def _changed(action: str, mine: set[str], asked: set[str]) -> set[str]:
    if action == "subscribe":
        return mine | asked
    return mine - asked if action == "unsubscribe" else mine


def _send(connection: ServerConnection, message: Message) -> None:
    connection.send(msgpack.packb([message], datetime=True))


def _receive(connection: ServerConnection) -> dict[str, Any]:
    message = msgpack.unpackb(connection.recv())
    return message if isinstance(message, dict) else {}
