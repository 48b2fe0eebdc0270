"""A connection to Alpaca's stream: sign in, subscribe, read messages."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import msgpack

from causeway.adapters.feeds.alpaca.messages import SYMBOL_LIMIT, raise_final, read
from causeway.adapters.feeds.alpaca.unknown_symbols import UnknownSymbols
from causeway.errors import Denied, Unavailable
from causeway.model.time import now_utc
from causeway.ports.feed import FeedEvent, SymbolRefused, Unreadable
from causeway.settings import AlpacaDataSettings

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

_SERVER = "wss://stream.data.alpaca.markets"
_CHANNELS = ("trades", "quotes", "statuses", "lulds")  # corrections and cancels come with trades
_CLOSE_S = 0.5


@dataclass(frozen=True, slots=True)
class StreamTarget:
    """Where and as whom."""

    url: str
    key: str
    secret: str
    silence_s: float

    @classmethod
    def of(cls, settings: AlpacaDataSettings, silence_s: float) -> Self:
        """The stream of the settings' feed."""
        url = f"{settings.alpaca_stream_url or _SERVER}/v2/{settings.alpaca_feed}"
        return cls(url, settings.alpaca_key_id, settings.alpaca_secret_key.get_secret_value(), silence_s)


class StreamSession:
    """See ``reconnecting.Session``."""

    def __init__(self, connection: AbstractContextManager[ClientConnection], unknown: UnknownSymbols) -> None:
        self._opened = ExitStack()
        self._socket = self._opened.enter_context(connection)
        self._unknown = unknown
        self._watched: frozenset[str] = frozenset()
        self._confirmed: frozenset[str] = frozenset()

    def watch(self, symbols: frozenset[str]) -> None:
        """Unsubscribe from those no longer wanted, subscribe to the new ones."""
        if symbols == self._watched:
            return
        for action, changed in (("unsubscribe", self._watched - symbols), ("subscribe", symbols - self._watched)):
            if changed:
                self.send({"action": action, **dict.fromkeys(_CHANNELS, sorted(changed))})
        self._watched = symbols
        self._unknown.ask(symbols)

    def read(self, timeout_s: float) -> Sequence[FeedEvent]:
        """What the messages that came say."""
        events: list[FeedEvent] = list(self._unknown.found())
        received = self.receive(0.0 if events else timeout_s)
        received_at = now_utc()
        for message in received:
            if isinstance(message, dict) and message.get("T") == "subscription":
                self._confirmed = frozenset(message.get("trades") or ())
            elif isinstance(message, dict) and message.get("code") == SYMBOL_LIMIT:
                events.extend(self._refused(str(message.get("msg"))))
            elif isinstance(message, Unreadable):
                events.append(message)
            else:
                events.extend(read(message, received_at))
        return events

    def settled(self) -> bool:
        """The confirmed subscription is the wanted one."""
        return self._watched == self._confirmed

    def close(self) -> None:
        self._opened.close()

    def _refused(self, reason: str) -> list[FeedEvent]:
        """Alpaca took up none of the symbols of a message that exceeds the limit."""
        refused = self._watched - self._confirmed
        self._confirmed = self._watched
        return [SymbolRefused(symbol, reason) for symbol in sorted(refused)]

    def send(self, message: dict[str, Any]) -> None:
        """Send one message.

        Raises:
            Unavailable: the connection is lost.
        """
        from websockets.exceptions import ConnectionClosed

        try:
            self._socket.send(msgpack.packb(message))
        except ConnectionClosed as error:
            raise Unavailable(f"alpaca's stream ended: {error}") from error

    def receive(self, timeout_s: float) -> Sequence[object]:
        """The messages of the next frame, or an Unreadable in their place; none where none came within ``timeout_s``.

        Raises:
            Unavailable: the connection is lost.
        """
        from websockets.exceptions import ConnectionClosed

        try:
            frame = self._socket.recv(timeout=timeout_s)
        except TimeoutError:
            return ()
        except ConnectionClosed as error:
            raise Unavailable(f"alpaca's stream ended: {error}") from error
        return unpack(frame)


def unpack(frame: str | bytes) -> Sequence[object]:
    """The messages of a frame; an Unreadable for bytes that are no list of them."""
    if isinstance(frame, str):
        return [Unreadable(frame[:80], "expected msgpack, found text")]
    try:
        messages = msgpack.unpackb(frame, timestamp=3)
    except (ValueError, msgpack.UnpackException) as error:
        return [Unreadable(repr(frame[:40]), f"not msgpack: {type(error).__name__}: {error}")]
    return messages if isinstance(messages, list) else [messages]


def open_stream(target: StreamTarget, unknown: UnknownSymbols) -> StreamSession:
    """Connect and sign in.

    Raises:
        Denied: the key is wrong or missing, or the plan does not cover the feed.
        Unavailable: no connection, or another process streams with this key.
    """
    from websockets.exceptions import InvalidHandshake, InvalidStatus
    from websockets.sync.client import connect

    if not target.key or not target.secret:
        raise Denied("alpaca needs a key; set CAUSEWAY_ALPACA_KEY_ID and CAUSEWAY_ALPACA_SECRET_KEY.")
    try:
        connection = connect(
            target.url,
            additional_headers={"Content-Type": "application/msgpack"},
            open_timeout=target.silence_s,
            close_timeout=_CLOSE_S,
            max_queue=1024,
            ping_interval=target.silence_s / 2,
            ping_timeout=target.silence_s / 2,
        )
        session = StreamSession(connection, unknown)
    except (OSError, InvalidHandshake, EOFError) as error:
        if isinstance(error, InvalidStatus) and error.response.status_code in (401, 403):
            raise Denied(f"alpaca refuses the stream: HTTP {error.response.status_code}. Check the key.") from error
        raise Unavailable(f"alpaca's stream does not answer: {type(error).__name__}: {error}") from error
    try:
        _sign_in(session, target)
    except BaseException:
        session.close()
        raise
    return session


def _sign_in(session: StreamSession, target: StreamTarget) -> None:
    _expect(session, "connected", target.silence_s)
    session.send({"action": "auth", "key": target.key, "secret": target.secret})
    _expect(session, "authenticated", target.silence_s)


def _expect(session: StreamSession, said: str, patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    while (left := deadline - time.monotonic()) > 0:
        for message in session.receive(left):
            if isinstance(message, dict):
                if message.get("T") == "error":
                    raise_final(message)
                if message.get("T") == "success" and message.get("msg") == said:
                    return
    raise Unavailable(f"alpaca's stream did not say {said!r} within {patience_s:g} s")
