"""One client's stream without sockets: what it subscribed to, and which frame goes out next.

The server feeds facts in (``quotes``, ``order_events``, ``jobs``, ``market``) and pulls frames out with ``take``
whenever the transport has room. While it has none, quotes, jobs, market and portfolio marks are conflated: the
latest wins, and memory stays bounded. Order events are never conflated; the server reads the next ones only once
the earlier ones are out. Time is passed in, in seconds of any monotonic clock.

Protocol: docs/contracts/websocket.md.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from causeway.errors import CorruptData
from causeway.streaming.requests import (
    BadMessageError,
    Ping,
    RefusedError,
    Request,
    SubscribeJobs,
    SubscribeOrders,
    SubscribeQuotes,
    Unsubscribe,
    parse_request,
)

Json = dict[str, Any]
BAD_MESSAGE = 4400
_MOST_WAITING = 100


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """``frame_s``: shortest time between quote frames. ``heartbeat_s``: longest silence. ``max_symbols``: of quotes."""

    frame_s: float = 0.1
    heartbeat_s: float = 15.0
    max_symbols: int = 500


@dataclass(frozen=True, slots=True)
class Closing:
    code: int
    reason: str


class Session:
    """State of one connection. Not safe for use from several threads."""

    def __init__(self, connection_id: str, limits: SessionLimits, server_time: str, now: float) -> None:
        self._limits = limits
        self._waiting: deque[Json] = deque()
        self._market: Json | None = None
        self._seen_market: Json | None = None
        self._symbols: set[str] = set()
        self._quotes: dict[str, Json] = {}
        self._received: dict[str, datetime] = {}
        self._quote_seq = 0
        self._next_quotes_at = now
        self._cursors: dict[str, int] | None = None
        self._orders: deque[Json] = deque()
        self._portfolios: dict[str, None] = {}
        self._wants_jobs = False
        self._jobs: dict[str, Json] = {}
        self._seen_jobs: dict[str, Json] = {}
        self._last_frame_at = now
        self.closing: Closing | None = None
        self._waiting.append(
            {
                "type": "welcome",
                "connection_id": connection_id,
                "heartbeat_s": limits.heartbeat_s,
                "server_time": server_time,
            }
        )

    # What the client says

    def receive(self, text: str) -> Request | None:
        """Take a client's message in; what the server must load for it, or None.

        A refused message is answered with an error frame. What is not a message at all sets ``closing``.
        """
        try:
            request = parse_request(text)
        except BadMessageError as error:
            self.closing = Closing(BAD_MESSAGE, str(error))
            return None
        except RefusedError as error:
            self.refuse("invalid_input", str(error))
            return None
        return self._handle(request)

    def refuse(self, code: str, message: str) -> None:
        """Tell the client that something was not done; the connection stays."""
        self._say({"type": "error", "code": code, "message": message})

    def _handle(self, request: Request) -> Request | None:
        match request:
            case Ping(id):
                self._say({"type": "pong", "id": id})
                return None
            case SubscribeQuotes(symbols):
                if len(self._symbols | set(symbols)) > self._limits.max_symbols:
                    self.refuse("invalid_input", f"at most {self._limits.max_symbols} symbols on one connection")
                    return None
                self._symbols |= set(symbols)
            case Unsubscribe("quotes", symbols):
                self._forget(symbols)
                return None
            case Unsubscribe(channel, _):
                self._drop(channel)
                return None
            case SubscribeOrders():
                self._cursors, self._orders = None, deque()
            case SubscribeJobs():
                self._wants_jobs, self._seen_jobs, self._jobs = True, {}, {}
        return request

    def _forget(self, symbols: Sequence[str]) -> None:
        for symbol in symbols:
            self._symbols.discard(symbol)
            self._quotes.pop(symbol, None)
            self._received.pop(symbol, None)

    def _drop(self, channel: str) -> None:
        if channel == "orders":
            self._cursors, self._orders, self._portfolios = None, deque(), {}
        else:
            self._wants_jobs, self._jobs = False, {}

    def _say(self, frame: Json) -> None:
        if len(self._waiting) >= _MOST_WAITING:
            self.closing = Closing(BAD_MESSAGE, f"more than {_MOST_WAITING} messages wait for an answer: read them")
            return
        self._waiting.append(frame)

    # What the server knows

    @property
    def symbols(self) -> frozenset[str]:
        """Symbols whose quotes the client wants."""
        return frozenset(self._symbols)

    @property
    def wants_jobs(self) -> bool:
        return self._wants_jobs

    @property
    def order_cursors(self) -> Mapping[str, int] | None:
        """Last event by account that was handed in; None without a subscription."""
        return self._cursors

    @property
    def order_backlog(self) -> int:
        """Order frames that wait for the transport."""
        return len(self._orders)

    def market(self, mode: str, market_time: str | None, speed: float) -> None:
        """The market's clock; sent when it changed."""
        frame = {"type": "market", "mode": mode, "market_time": market_time, "speed": speed}
        if frame != self._seen_market:
            self._market = self._seen_market = frame

    def quotes(self, quotes: Sequence[Json]) -> None:
        """Newer quotes replace older ones that did not go out yet; unwanted and older ones are ignored."""
        for quote in quotes:
            symbol = quote["symbol"]
            if symbol not in self._symbols:
                continue
            received = datetime.fromisoformat(quote["received_at"])
            if symbol not in self._received or received > self._received[symbol]:
                self._received[symbol] = received
                self._quotes[symbol] = quote

    def follow_orders(self, cursors: Mapping[str, int]) -> None:
        """Begin to hand out events after these sequence numbers, one per account."""
        self._cursors = dict(cursors)

    def order_events(self, account_id: str, events: Sequence[Json]) -> None:
        """Events of one account, ascending by ``seq``; those that were handed in before are ignored.

        Raises:
            CorruptData: a sequence number is missing.
        """
        if self._cursors is None or account_id not in self._cursors:
            return
        last = self._cursors[account_id]
        fresh = [event for event in events if event["seq"] > last]
        if not fresh:
            return
        numbers = [event["seq"] for event in fresh]
        if numbers != list(range(last + 1, last + 1 + len(fresh))):
            raise CorruptData(
                f"order events of account {account_id} after {last} should follow without gaps: {numbers}"
            )
        self._cursors[account_id] = numbers[-1]
        self._orders.append(
            {
                "type": "orders",
                "account_id": account_id,
                "from_seq": numbers[0],
                "to_seq": numbers[-1],
                "events": fresh,
            }
        )
        if any(event["kind"] == "fill" for event in fresh):
            self._portfolios[account_id] = None

    def jobs(self, jobs: Sequence[Json]) -> None:
        """The user's jobs as they stand; what changed since the client saw it goes out."""
        if not self._wants_jobs:
            return
        for job in jobs:
            if self._seen_jobs.get(job["id"]) != job:
                self._seen_jobs[job["id"]] = self._jobs[job["id"]] = job

    # What goes out

    def take(self, now: float, server_time: str) -> str | None:
        """The next frame for a transport that has room, or None."""
        frame = self._next(now)
        if frame is None and now - self._last_frame_at >= self._limits.heartbeat_s:
            frame = {"type": "heartbeat", "server_time": server_time}
        if frame is None:
            return None
        self._last_frame_at = now
        return json.dumps(frame, separators=(",", ":"))

    def wake_at(self) -> float:
        """When ``take`` may have a frame though nothing new came in."""
        heartbeat = self._last_frame_at + self._limits.heartbeat_s
        return min(heartbeat, self._next_quotes_at) if self._quotes else heartbeat

    def _next(self, now: float) -> Json | None:
        if self._waiting:
            return self._waiting.popleft()
        if self._market is not None:
            frame, self._market = self._market, None
            return frame
        if self._orders:
            return self._orders.popleft()
        if self._portfolios:
            account_id = next(iter(self._portfolios))
            del self._portfolios[account_id]
            return {"type": "portfolio", "account_id": account_id}
        if self._jobs:
            changed, self._jobs = list(self._jobs.values()), {}
            return {"type": "jobs", "jobs": changed}
        return self._next_quotes(now)

    def _next_quotes(self, now: float) -> Json | None:
        if not self._quotes or now < self._next_quotes_at:
            return None
        self._next_quotes_at = now + self._limits.frame_s
        self._quote_seq += 1
        latest, self._quotes = list(self._quotes.values()), {}
        return {"type": "quotes", "seq": self._quote_seq, "quotes": latest}
