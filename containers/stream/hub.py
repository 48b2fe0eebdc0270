"""What all connections of one server share: one subscription, one board of quotes, one timer, one poll of PostgreSQL.

Pub/sub wakes; PostgreSQL tells. Everything that a lost message would hide is found by the poll two seconds later,
so the stream goes on, slower, while Redis is down. Nothing runs while nobody is connected.

Quotes cost nothing per client until a client's next frame is due: a session looks at the board then. A client that was
looked at and had nothing to get is *hungry*: the next quote of one of its symbols wakes it at once.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Coroutine, Iterable, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from causeway.errors import CausewayError
from causeway.model.time import isoformat_z
from causeway.ports.events import AsyncEventBus
from causeway.streaming.board import QuoteBoard
from causeway.streaming.session import Session
from causeway.streaming.wheel import TimerWheel
from causeway.streaming.wire import quote_json, status_json
from containers.stream.services import Json, Services

_log = logging.getLogger(__name__)
_CHANNELS = ("market_data:*", "orders:*", "jobs:*", "alerts:*")
_CLOCK_S = 1.0
_SWEEP_S = 0.5
_POLL_S = 2.0
_LISTEN_TIMEOUT_S = 0.5
_GRAIN_S = 0.002  # what is due within it is done together


class Client(Protocol):
    """A connection as the hub sees it."""

    @property
    def user_id(self) -> UUID: ...
    @property
    def session(self) -> Session: ...
    def ready(self) -> None:
        """The session may have a frame."""
        ...

    def moved(self, kind: str) -> None:
        """There may be order events or alerts after the session's cursors."""
        ...

    def sweep(self, now: float) -> None:
        """Time has passed: end what has expired or is stuck."""
        ...


class Hub:
    """Knows who is connected. Lives in one event loop; starts with the first connection, stops after the last."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.board = QuoteBoard()
        self.counts: Counter[str] = Counter()  # frames, too_slow
        self._clients: set[Client] = set()
        self._wanting: defaultdict[str, set[Client]] = defaultdict(set)
        self._hungry: set[Client] = set()
        self._wheel: TimerWheel[Client] = TimerWheel()
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._stop_listening = threading.Event()
        self._woken: set[str] = set()
        self._wake = asyncio.Event()
        self._clock: tuple[str, str | None, float] | None = None

    def report(self) -> dict[str, int]:
        """Its counters, by name."""
        return {**self.counts, "connections": len(self._clients), "symbols": len(self._wanting)}

    def connections_of(self, user_id: UUID) -> int:
        return sum(client.user_id == user_id for client in self._clients)

    def symbols_of(self, user_id: UUID) -> int:
        """Symbols that all connections of a user want together."""
        return sum(len(client.session.symbols) for client in self._clients_of(user_id))

    def join(self, client: Client) -> None:
        """Begin to serve ``client``."""
        self._clients.add(client)
        if not self._tasks:
            self._start()
        if self._clock is not None:
            client.session.market(*self._clock)

    def leave(self, client: Client) -> None:
        """Stop serving ``client``."""
        self._clients.discard(client)
        self._hungry.discard(client)
        self._wheel.forget(client)
        self.unwant(client, client.session.symbols)
        if not self._clients:
            self.close()

    def want(self, client: Client, symbols: Iterable[str]) -> None:
        """Wake ``client`` for these symbols."""
        for symbol in symbols:
            self._wanting[symbol].add(client)

    def unwant(self, client: Client, symbols: Iterable[str]) -> None:
        """No longer."""
        for symbol in symbols:
            self._wanting[symbol].discard(client)
            if not self._wanting[symbol]:
                del self._wanting[symbol]

    def rest(self, client: Client, now: float) -> None:
        """``client`` has nothing to send: wake it at its next frame time, or when there is something."""
        session = client.session
        if session.symbols and session.next_quotes_at > now:
            self._wheel.set(client, session.next_quotes_at)
        else:
            self._hungry.add(client)
            self._wheel.set(client, session.wake_at())
        self._arm()

    def close(self) -> None:
        """Stop what runs in the background."""
        self._stop_listening.set()
        for task in self._tasks:
            task.cancel()
        self._tasks = []
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._clock = None
        self.board = QuoteBoard()

    async def read_quotes(self, symbols: Sequence[str]) -> None:
        """Put last quotes on the board, from the cache where it has them."""
        found = await asyncio.to_thread(self._services.cache.latest_quotes, symbols, self._load_quotes)
        self._spread(found)

    def _load_quotes(self, symbols: Sequence[str]) -> list[Json]:
        return [quote_json(quote) for quote in self._services.quotes.latest(symbols)]

    def _start(self) -> None:
        self._stop_listening = threading.Event()
        self._tasks = [
            asyncio.create_task(_forever(self._read_clock, _CLOCK_S)),
            asyncio.create_task(_forever(self._sweep, _SWEEP_S)),
            asyncio.create_task(self._polls()),
        ]
        bus = self._services.bus
        if isinstance(bus, AsyncEventBus):
            self._tasks.append(asyncio.create_task(_forever(partial(self._hear_all, bus), _CLOCK_S)))
            return
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._listen, args=(loop, self._stop_listening), daemon=True, name="stream-bus").start()

    # Quotes

    async def _hear_all(self, bus: AsyncEventBus) -> None:
        async with aclosing(bus.hear(_CHANNELS, _LISTEN_TIMEOUT_S)) as events:  # type: ignore[type-var]  # a generator
            async for event in events:
                if event is not None:
                    self._hear(*event)

    def _listen(self, loop: asyncio.AbstractEventLoop, stop: threading.Event) -> None:
        events = self._services.bus.listen(_CHANNELS, _LISTEN_TIMEOUT_S)
        for event in events:
            if stop.is_set() or loop.is_closed():
                break
            if event is not None:
                _call(loop, self._hear, *event)
        getattr(events, "close", lambda: None)()

    def _hear(self, channel: str, message: Json) -> None:
        kind = channel.partition(":")[0]
        if kind == "market_data":
            self._spread(message.get("quotes", [message]))
            self._tell_states(message.get("statuses", ()))
            return
        self._woken.add(kind)
        self._wake.set()

    def _spread(self, quotes: Sequence[Json]) -> None:
        changed = self.board.put(quotes)
        if self._hungry:
            self._feed({client for symbol in changed for client in self._wanting.get(symbol, ())} & self._hungry)

    def _tell_states(self, states: Sequence[Json]) -> None:
        for client in self._clients if states else ():
            if client.session.status.put(states):
                client.ready()

    async def read_states(self, client: Client, symbols: Sequence[str]) -> None:
        """Tell ``client`` the states of trading that are stored."""
        if client.session.status.put(await asyncio.to_thread(self._load_states, symbols)):
            client.ready()

    def _load_states(self, symbols: Sequence[str]) -> list[Json]:
        return [status_json(state) for state in self._services.states.states(symbols)]

    def _feed(self, clients: Collection[Client]) -> None:
        self._hungry.difference_update(clients)
        for client in clients:
            client.ready()

    def _arm(self) -> None:
        at = self._wheel.next_at()
        if at is None or (self._timer is not None and self._timer.when() <= at + _GRAIN_S):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(at, self._turn)

    def _turn(self) -> None:
        self._timer = None
        self._feed(self._wheel.due(time.monotonic() + _GRAIN_S))
        self._arm()

    # What PostgreSQL and the clock tell

    async def _sweep(self) -> None:
        now = time.monotonic()
        for client in list(self._clients):
            client.sweep(now)

    async def _read_clock(self) -> None:
        clock = await asyncio.to_thread(self._services.quotes.clock)
        moment = None if clock.market_time is None else isoformat_z(clock.market_time)
        if self._clock != (clock.mode, moment, clock.speed):
            self._clock = (clock.mode, moment, clock.speed)
            for client in self._clients:
                client.session.market(*self._clock)
                client.ready()

    async def _polls(self) -> None:
        """Orders, jobs and alerts when woken; these, quotes and states of trading every two seconds."""
        while True:
            try:
                async with asyncio.timeout(_POLL_S):
                    await self._wake.wait()
                kinds, self._woken = self._woken, set()
                self._wake.clear()
            except TimeoutError:
                kinds = {"orders", "jobs", "alerts", "quotes", "states"}
            await _attempt(partial(self._poll, kinds))

    async def _poll(self, kinds: set[str]) -> None:
        if "orders" in kinds:
            await self._poll_orders()
        if "alerts" in kinds:
            await self._poll_alerts()
        if "jobs" in kinds:
            await self._poll_jobs()
        if "quotes" in kinds:
            await self._poll_quotes()
        if "states" in kinds:
            await self._poll_states()

    async def _poll_orders(self) -> None:
        for user_id in {client.user_id for client in self._clients if client.session.order_cursors is not None}:
            heads = await asyncio.to_thread(self._services.reads.order_heads, user_id)
            for client in self._clients_of(user_id):
                if client.session.order_cursors is not None and client.session.order_cursors != heads:
                    client.moved("orders")

    async def _poll_alerts(self) -> None:
        for user_id in {client.user_id for client in self._clients if client.session.alert_cursor is not None}:
            head = await asyncio.to_thread(self._services.alerts.head, user_id)
            for client in self._clients_of(user_id):
                if client.session.alert_cursor not in {None, head}:
                    client.moved("alerts")

    async def _poll_jobs(self) -> None:
        for user_id in {client.user_id for client in self._clients if client.session.wants_jobs}:
            jobs = await asyncio.to_thread(self._services.reads.jobs, user_id)
            for client in self._clients_of(user_id):
                client.session.jobs(jobs)
                client.ready()

    def _clients_of(self, user_id: UUID) -> list[Client]:
        return [client for client in self._clients if client.user_id == user_id]

    async def _poll_states(self) -> None:
        if wanted := sorted({symbol for client in self._clients for symbol in client.session.status.symbols}):
            self._tell_states(await asyncio.to_thread(self._load_states, wanted))

    async def _poll_quotes(self) -> None:
        if wanted := sorted(self._wanting):
            self._spread(await asyncio.to_thread(self._load_quotes, wanted))


async def _forever(step: Callable[[], Coroutine[Any, Any, None]], period_s: float) -> None:
    while True:
        await _attempt(step)
        await asyncio.sleep(period_s)


async def _attempt(step: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """One step; what fails is logged and tried again next time."""
    try:
        await step()
    except CausewayError as error:
        _log.warning("the stream waits: %s", error.message)
    except Exception:
        _log.exception("a step of the stream failed; the next one tries again")


def _call(loop: asyncio.AbstractEventLoop, function: Callable[..., None], *arguments: Any) -> None:
    try:
        loop.call_soon_threadsafe(function, *arguments)
    except RuntimeError:  # the loop closed between the check and the call
        _log.debug("an event came after the loop had closed")
