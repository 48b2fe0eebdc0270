"""What all connections of one server share: one subscription, one clock, one poll of PostgreSQL.

Pub/sub wakes; PostgreSQL tells. Everything that a lost message would hide is found by the poll two seconds later,
so the stream goes on, slower, while Redis is down. Nothing runs while nobody is connected.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from causeway.errors import CausewayError
from causeway.model.time import isoformat_z
from causeway.streaming.session import Session
from causeway.streaming.wire import quote_json
from containers.stream.services import Json, Services

_log = logging.getLogger(__name__)
_CHANNELS = ("market_data:*", "orders:*", "jobs:*")
_CLOCK_S = 1.0
_POLL_S = 2.0
_LISTEN_TIMEOUT_S = 0.5


class Client(Protocol):
    """A connection as the hub sees it."""

    @property
    def user_id(self) -> UUID: ...
    @property
    def session(self) -> Session: ...
    def ready(self) -> None:
        """The session may have a frame."""
        ...

    def orders_moved(self) -> None:
        """There may be order events after the session's cursors."""
        ...


class Hub:
    """Knows who is connected. Lives in one event loop; starts with the first connection, stops after the last."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._clients: set[Client] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._stop_listening = threading.Event()
        self._woken: set[str] = set()
        self._wake = asyncio.Event()
        self._clock: tuple[str, str | None, float] | None = None

    def connections_of(self, user_id: UUID) -> int:
        return sum(client.user_id == user_id for client in self._clients)

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
        if not self._clients:
            self.close()

    def close(self) -> None:
        """Stop what runs in the background."""
        self._stop_listening.set()
        for task in self._tasks:
            task.cancel()
        self._tasks = []
        self._clock = None

    async def read_quotes(self, symbols: Sequence[str]) -> list[Json]:
        """Last quotes, from the cache where it has them."""
        return await asyncio.to_thread(self._services.cache.latest_quotes, symbols, self._load_quotes)

    def _load_quotes(self, symbols: Sequence[str]) -> list[Json]:
        return [quote_json(quote) for quote in self._services.quotes.latest(symbols)]

    def _start(self) -> None:
        self._stop_listening = threading.Event()
        self._tasks = [asyncio.create_task(_forever(self._read_clock, _CLOCK_S)), asyncio.create_task(self._polls())]
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._listen, args=(loop, self._stop_listening), daemon=True, name="stream-bus").start()

    def _listen(self, loop: asyncio.AbstractEventLoop, stop: threading.Event) -> None:
        events = self._services.bus.listen(_CHANNELS, _LISTEN_TIMEOUT_S)
        for event in events:
            if stop.is_set() or loop.is_closed():
                break
            if event is not None:
                _call(loop, self._hear, *event)
        getattr(events, "close", lambda: None)()

    def _hear(self, channel: str, message: Json) -> None:
        kind, _, subject = channel.partition(":")
        if kind == "market_data":
            self._spread([message], subject)
            return
        self._woken.add(kind)
        self._wake.set()

    def _spread(self, quotes: Sequence[Json], symbol: str) -> None:
        for client in self._clients:
            if symbol in client.session.symbols:
                client.session.quotes(quotes)
                client.ready()

    async def _read_clock(self) -> None:
        clock = await asyncio.to_thread(self._services.quotes.clock)
        moment = None if clock.market_time is None else isoformat_z(clock.market_time)
        self._clock = (clock.mode, moment, clock.speed)
        for client in self._clients:
            client.session.market(*self._clock)
            client.ready()

    async def _polls(self) -> None:
        """Orders and jobs when woken; these and quotes every two seconds."""
        while True:
            try:
                async with asyncio.timeout(_POLL_S):
                    await self._wake.wait()
                kinds, self._woken = self._woken, set()
                self._wake.clear()
            except TimeoutError:
                kinds = {"orders", "jobs", "quotes"}
            await _attempt(partial(self._poll, kinds))

    async def _poll(self, kinds: set[str]) -> None:
        if "orders" in kinds:
            await self._poll_orders()
        if "jobs" in kinds:
            await self._poll_jobs()
        if "quotes" in kinds:
            await self._poll_quotes()

    async def _poll_orders(self) -> None:
        for user_id in {client.user_id for client in self._clients if client.session.order_cursors is not None}:
            heads = await asyncio.to_thread(self._services.reads.order_heads, user_id)
            for client in self._clients_of(user_id):
                if client.session.order_cursors is not None and client.session.order_cursors != heads:
                    client.orders_moved()

    async def _poll_jobs(self) -> None:
        for user_id in {client.user_id for client in self._clients if client.session.wants_jobs}:
            jobs = await asyncio.to_thread(self._services.reads.jobs, user_id)
            for client in self._clients_of(user_id):
                client.session.jobs(jobs)
                client.ready()

    def _clients_of(self, user_id: UUID) -> list[Client]:
        return [client for client in self._clients if client.user_id == user_id]

    async def _poll_quotes(self) -> None:
        wanted = sorted({symbol for client in self._clients for symbol in client.session.symbols})
        if not wanted:
            return
        for quote in await asyncio.to_thread(self._load_quotes, wanted):
            self._spread([quote], quote["symbol"])


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
