"""One client's stream without sockets: what it subscribed to, and which frame goes out next.

The server feeds facts in (``order_events``, ``alerts``, ``jobs``, ``market``; quotes to a board that all sessions
share) and pulls frames out with ``take`` whenever the transport has room. While it has none, quotes, jobs, market and
portfolio marks are conflated: the latest wins, and memory stays bounded. Order events and alerts are never conflated;
the server reads the next ones only once the earlier ones are out. Time is passed in, in seconds of any monotonic clock.

Protocol: docs/contracts/websocket.md.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from causeway.errors import CorruptData
from causeway.streaming.board import QuoteBoard
from causeway.streaming.requests import (
    BadMessageError,
    Ping,
    RefusedError,
    Request,
    SubscribeAlerts,
    SubscribeJobs,
    SubscribeOrders,
    SubscribeQuotes,
    SubscribeStatus,
    Unsubscribe,
    parse_request,
)
from causeway.streaming.status_channel import StatusChannel

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
    """State of one connection. Not safe for use from several threads.

    ``board`` holds the quotes; sessions that share one share the work of encoding.
    """

    def __init__(
        self,
        connection_id: str,
        limits: SessionLimits,
        server_time: str,
        now: float,
        board: QuoteBoard | None = None,
    ) -> None:
        self._limits = limits
        self._board = QuoteBoard() if board is None else board
        self._waiting: deque[Json] = deque()
        self._market: Json | None = None
        self._seen_market: Json | None = None
        self._sent: dict[str, int] = {}  # by symbol: number of the quote that the client has, 0 for none
        self._looked_at = 0
        self._quote_seq = 0
        self._next_quotes_at = now
        self._cursors: dict[str, int] | None = None
        self._orders: deque[Json] = deque()
        self._portfolios: dict[str, None] = {}
        self._alert_cursor: int | None = None
        self._alerts: deque[Json] = deque()
        self.status = StatusChannel()
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
                if not self._allows(self._sent.keys() | set(symbols)):
                    return None
                self._sent.update((symbol, 0) for symbol in symbols)
                self._looked_at = 0
            case SubscribeStatus(symbols):
                if not self._allows(self.status.symbols | set(symbols)):
                    return None
                self.status.want(symbols)
            case Unsubscribe(channel, symbols):
                self._drop(channel, symbols)
                return None
            case SubscribeOrders():
                self._cursors, self._orders = None, deque()
            case SubscribeAlerts():
                self._alert_cursor, self._alerts = None, deque()
            case SubscribeJobs():
                self._wants_jobs, self._seen_jobs, self._jobs = True, {}, {}
        return request

    def _allows(self, symbols: AbstractSet[str]) -> bool:
        if len(symbols) > self._limits.max_symbols:
            self.refuse("invalid_input", f"at most {self._limits.max_symbols} symbols on one connection")
        return len(symbols) <= self._limits.max_symbols

    def forget(self, symbols: Sequence[str]) -> None:
        """No quotes of these any more."""
        for symbol in symbols:
            self._sent.pop(symbol, None)

    def _drop(self, channel: str, symbols: Sequence[str]) -> None:
        if channel == "quotes":
            self.forget(symbols)
        elif channel == "status":
            self.status.unwant(symbols)
        elif channel == "orders":
            self._cursors, self._orders, self._portfolios = None, deque(), {}
        elif channel == "alerts":
            self._alert_cursor, self._alerts = None, deque()
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
        return frozenset(self._sent)

    @property
    def wants_jobs(self) -> bool:
        return self._wants_jobs

    @property
    def order_cursors(self) -> Mapping[str, int] | None:
        """Last event by account that was handed in; None without a subscription."""
        return self._cursors

    def market(self, mode: str, market_time: str | None, speed: float) -> None:
        """The market's clock; sent when it changed."""
        frame = {"type": "market", "mode": mode, "market_time": market_time, "speed": speed}
        if frame != self._seen_market:
            self._market = self._seen_market = frame

    def quotes(self, quotes: Sequence[Json]) -> None:
        """Newer quotes replace older ones on the board, for every session that shares it."""
        self._board.put(quotes)

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

    @property
    def alert_cursor(self) -> int | None:
        """Number of the last alert that was handed in; None without a subscription."""
        return self._alert_cursor

    def follow_alerts(self, cursor: int) -> None:
        """Begin to hand out alerts after this number."""
        self._alert_cursor = cursor

    def alerts(self, alerts: Sequence[Json]) -> None:
        """Alerts of the user, ascending by ``seq``; those that were handed in before are ignored.

        Raises:
            CorruptData: a sequence number is missing.
        """
        last = self._alert_cursor
        fresh = [] if last is None else [alert for alert in alerts if alert["seq"] > last]
        if last is None or not fresh:
            return
        numbers = [alert["seq"] for alert in fresh]
        if numbers != list(range(last + 1, last + 1 + len(fresh))):
            raise CorruptData(f"alerts after {last} should follow without gaps: {numbers}")
        self._alert_cursor = numbers[-1]
        self._alerts.append({"type": "alerts", "from_seq": numbers[0], "to_seq": numbers[-1], "alerts": fresh})

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
        frame = self._next()
        text = self._next_quotes(now) if frame is None else json.dumps(frame, separators=(",", ":"))
        if text is None and now - self._last_frame_at >= self._limits.heartbeat_s:
            text = json.dumps({"type": "heartbeat", "server_time": server_time}, separators=(",", ":"))
        if text is not None:
            self._last_frame_at = now
        return text

    def wake_at(self) -> float:
        """When ``take`` may have a frame though nothing new came in."""
        heartbeat = self._last_frame_at + self._limits.heartbeat_s
        return min(heartbeat, self._next_quotes_at) if self.has_unseen else heartbeat

    @property
    def has_unseen(self) -> bool:
        """Whether the board changed since it was looked at, for a client that wants quotes at all."""
        return bool(self._sent) and self._board.number != self._looked_at

    @property
    def next_quotes_at(self) -> float:
        """The earliest time of the next frame of quotes."""
        return self._next_quotes_at

    def _next(self) -> Json | None:
        if self._waiting:
            return self._waiting.popleft()
        if self._market is not None:
            frame, self._market = self._market, None
            return frame
        return self.status.take() or self._next_of_account()

    def _next_of_account(self) -> Json | None:
        if self._orders:
            return self._orders.popleft()
        if self._portfolios:
            account_id = next(iter(self._portfolios))
            del self._portfolios[account_id]
            return {"type": "portfolio", "account_id": account_id}
        if self._alerts:
            return self._alerts.popleft()
        if self._jobs:
            changed, self._jobs = list(self._jobs.values()), {}
            return {"type": "jobs", "jobs": changed}
        return None

    def _next_quotes(self, now: float) -> str | None:
        if now < self._next_quotes_at or not self.has_unseen:
            return None
        self._looked_at = self._board.number
        sent, pieces, texts = self._sent, self._board.pieces, []
        for symbol, number in sent.items():
            piece = pieces.get(symbol)
            if piece is not None and piece.number > number:
                texts.append(piece.text)
                sent[symbol] = piece.number  # replaces a value, which leaves the iteration whole
        if not texts:
            return None
        late = now - self._next_quotes_at  # a little late: the next frame keeps its time, so that the rate is kept
        self._next_quotes_at = now + self._limits.frame_s - (late if late < self._limits.frame_s else 0.0)
        self._quote_seq += 1
        return f'{{"type":"quotes","seq":{self._quote_seq},"quotes":[{",".join(texts)}]}}'
