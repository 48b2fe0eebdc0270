"""A connection to the level 1 port: sign on, choose fields, watch symbols, read lines."""

from __future__ import annotations

import time
from collections.abc import Sequence

from causeway.adapters.feeds.iqfeed import CONFIRMED, PROTOCOL
from causeway.adapters.feeds.iqfeed.admin import read_stats
from causeway.adapters.feeds.iqfeed.level1_messages import UPDATE_FIELDS, Level1Reader
from causeway.adapters.feeds.iqfeed.requests import checked
from causeway.adapters.feeds.line_socket import LineSocket
from causeway.errors import InvalidInput, Unavailable
from causeway.model.tick import QuoteTick
from causeway.model.time import now_utc
from causeway.ports.feed import Connection, ConnectionChange, FeedEvent, SymbolRefused
from causeway.settings import IqfeedSettings

_SLICE_S = 0.1
_FIELDS_CONFIRMED = "S,CURRENT UPDATE FIELDNAMES,"


class Level1Session:
    """See ``reconnecting.Session``."""

    def __init__(self, socket: LineSocket, reader: Level1Reader, silence_s: float) -> None:
        self._socket = socket
        self._reader = reader
        self._silence_s = silence_s
        self._watched: frozenset[str] = frozenset()
        self._unheard: set[str] = set()
        self._has_server = True
        self._held: list[FeedEvent] = []

    def watch(self, symbols: frozenset[str]) -> None:
        """``w`` for the new ones, ``r`` for those no longer wanted."""
        if symbols == self._watched:
            return
        lines = [f"r{symbol}" for symbol in sorted(self._watched - symbols)]
        for symbol in sorted(symbols - self._watched):
            try:
                lines.append(f"w{checked(symbol)}")
                self._unheard.add(symbol)
            except InvalidInput as error:
                self._held.append(SymbolRefused(symbol, error.message))
        self._watched = symbols
        self._unheard &= symbols
        if lines:
            self._socket.send(*lines)

    def read(self, timeout_s: float) -> Sequence[FeedEvent]:
        """What the lines that came say."""
        events, self._held = self._held, []
        lines = self._socket.read(0.001 if events else timeout_s)
        if not lines and self._socket.silent_s() > self._silence_s:
            raise Unavailable(f"IQConnect has been silent for {self._silence_s:g} s; it sends the time each second")
        received_at = now_utc()
        for line in lines:
            events.extend(self._reader.read(line, received_at))
        for event in events:
            if isinstance(event, ConnectionChange):
                self._heed(event)
            elif isinstance(event, QuoteTick | SymbolRefused):
                self._unheard.discard(event.symbol)
        return events

    def settled(self) -> bool:
        """Each symbol is answered with a summary or a refusal."""
        return not self._unheard

    def _heed(self, change: ConnectionChange) -> None:
        """Once IQConnect has its server again, everything is asked for once more."""
        if change.state is Connection.UP and not self._has_server:
            self._watched = frozenset()
        self._has_server = change.state is Connection.UP

    def close(self) -> None:
        self._socket.close()


def open_level1(settings: IqfeedSettings, silence_s: float) -> Level1Session:
    """Connect and agree on protocol and fields.

    Raises:
        Unavailable: nothing answers, it speaks another protocol, or IQConnect itself has no connection.
        Denied: the login may not stream.
    """
    socket = LineSocket("IQConnect", settings.iqfeed_host, settings.iqfeed_level1_port)
    try:
        socket.send(PROTOCOL, ",".join(("S,SELECT UPDATE FIELDS", *UPDATE_FIELDS)), "S,TIMESTAMPSON")
        return Level1Session(socket, _agree(socket, settings, silence_s), silence_s)
    except BaseException:
        socket.close()
        raise


def _agree(socket: LineSocket, settings: IqfeedSettings, patience_s: float) -> Level1Reader:
    deadline, confirmed = time.monotonic() + patience_s, False
    while time.monotonic() < deadline:
        for line in socket.read(_SLICE_S):
            if line.rstrip(",") == CONFIRMED:
                confirmed = True
            elif line.startswith(_FIELDS_CONFIRMED):
                return _reader(line, confirmed)
            else:
                _heed(line, settings)
    raise Unavailable(f"IQConnect did not confirm protocol 6.2 and the fields within {patience_s:g} s")


def _reader(line: str, confirmed: bool) -> Level1Reader:
    names = line.removeprefix(_FIELDS_CONFIRMED).rstrip(",").split(",")
    missing = sorted(set(UPDATE_FIELDS) - set(names))
    if missing or not confirmed:
        raise Unavailable(
            f"IQConnect lacks {', '.join(missing) or 'protocol 6.2'} "
            f"(expected protocol 6.2 with the fields {', '.join(UPDATE_FIELDS)}). "
            "Update IQConnect to 6.2 or later."
        )
    return Level1Reader(tuple(names))


def _heed(line: str, settings: IqfeedSettings) -> None:
    for event in Level1Reader(UPDATE_FIELDS).read(line, now_utc()):
        if isinstance(event, ConnectionChange) and event.state is Connection.LOST:
            raise Unavailable(f"{event.reason}{_admin_says(settings)}")


def _admin_says(settings: IqfeedSettings) -> str:
    try:
        stats = read_stats(settings.iqfeed_host, settings.iqfeed_admin_port, timeout_s=1.0)
    except Unavailable:
        return ""
    login = f" as {stats.login}" if stats.login else ", and no login is set"
    return f" IQConnect {stats.version} is {'' if stats.connected else 'not '}connected{login}."
