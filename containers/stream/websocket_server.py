"""``/v1/stream`` as an ASGI app: sockets around ``causeway.streaming.session``.

Local mode mounts it in the API's process; the container serves it alone.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from causeway.errors import CausewayError, Denied, NotAuthenticated
from causeway.model.time import isoformat_z, now_utc
from causeway.streaming.requests import (
    AcknowledgeAlerts,
    Request,
    SubscribeAlerts,
    SubscribeJobs,
    SubscribeOrders,
    SubscribeQuotes,
    SubscribeStatus,
)
from causeway.streaming.session import BAD_MESSAGE, Closing, Session, SessionLimits
from causeway.web.tokens import Session as SignIn
from causeway.web.tokens import parse_cookies
from containers.stream.hub import Hub
from containers.stream.metrics import exposition
from containers.stream.services import Services

NOT_AUTHENTICATED, WRONG_ORIGIN, TOO_SLOW, TOO_MANY = 4401, 4403, 4408, 4429
_EVENTS_PER_FRAME = 200


def create_app(services: Services, *, slowest_write_s: float = 10.0) -> Starlette:
    """The app. Its background work starts with the first connection and ends after the last.

    A client that leaves the transport full for ``slowest_write_s`` is closed.
    """
    hub = Hub(services)

    async def stream(websocket: WebSocket) -> None:
        await _serve(websocket, hub, services, slowest_write_s)

    async def health(_: HttpRequest) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    async def metrics(_: HttpRequest) -> PlainTextResponse:
        clock = await asyncio.to_thread(services.quotes.clock)
        age_s = (now_utc() - clock.updated_at).total_seconds()
        return PlainTextResponse(exposition(clock.replay.get("counts", {}), age_s, hub.report()))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        hub.close()

    routes = [WebSocketRoute("/v1/stream", stream), Route("/health", health), Route("/metrics", metrics)]
    return Starlette(routes=routes, lifespan=lifespan)


async def _serve(websocket: WebSocket, hub: Hub, services: Services, slowest_write_s: float) -> None:
    await websocket.accept()  # a close code reaches a browser only after the handshake
    try:
        sign_in = await asyncio.to_thread(_authenticate, websocket, services)
    except NotAuthenticated as error:
        await websocket.close(NOT_AUTHENTICATED, _reason(error.message))
        return
    except Denied as error:
        await websocket.close(WRONG_ORIGIN, _reason(error.message))
        return
    user_id = sign_in.principal.user_id
    most = services.settings.stream_connections_per_user
    if hub.connections_of(user_id) >= most:
        await websocket.close(TOO_MANY, f"at most {most} connections per user")
        return
    await Connection(websocket, hub, services, sign_in, slowest_write_s).run()


def _authenticate(websocket: WebSocket, services: Services) -> SignIn:
    headers, origin = websocket.headers, services.verifier.origin
    origin.check_host(headers.get("host"))
    origin.check_origin(headers.get("origin"))
    if ticket := websocket.query_params.get("ticket"):
        sign_in = services.take_ticket(ticket)
        if sign_in is None:
            raise NotAuthenticated("the ticket is unknown, used or too old: ask for another")
        return sign_in
    sign_in = services.verifier.authenticate(headers.get("authorization"), parse_cookies(headers.get("cookie")))
    if sign_in.principal.method == "cookie" and headers.get("origin") is None:
        raise Denied("a connection with a cookie must carry an Origin header, as browsers send it")
    return sign_in


def _reason(text: str) -> str:
    """A close reason has at most 123 bytes (RFC 6455, 5.5)."""
    return text.encode()[:123].decode(errors="ignore")


class Connection:
    """One WebSocket: a reader, a writer, and while there are some to read, a pump of order events and alerts."""

    def __init__(
        self, websocket: WebSocket, hub: Hub, services: Services, sign_in: SignIn, slowest_write_s: float
    ) -> None:
        self.user_id = sign_in.principal.user_id
        self._websocket, self._hub, self._services = websocket, hub, services
        self._expires_at, self._slowest_write_s = sign_in.expires_at, slowest_write_s
        settings = services.settings
        limits = SessionLimits(1.0 / settings.stream_frame_hz, settings.stream_heartbeat_s)
        self.session = Session(str(uuid.uuid4()), limits, _server_time(), time.monotonic(), hub.board)
        self._ready, self._drained = asyncio.Event(), asyncio.Event()
        self._moved: set[str] = set()
        self._pump: asyncio.Task[None] | None = None
        self._over: asyncio.Future[Closing] = asyncio.get_running_loop().create_future()
        self._writing_since: float | None = None
        self._rate = MessageRate(settings.stream_messages_per_s)

    # What the hub says

    def ready(self) -> None:
        self._ready.set()

    def moved(self, kind: str) -> None:
        self._moved.add(kind)
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._pump_all())

    def sweep(self, now: float) -> None:
        """An access token ends, and what it opened ends with it; so does a client that does not read."""
        if self._expires_at is not None and now_utc() >= self._expires_at:
            self._end(Closing(NOT_AUTHENTICATED, "the access token has expired: renew it and connect again"))
        elif self._writing_since is not None and now - self._writing_since >= self._slowest_write_s:
            self._hub.counts["too_slow"] += not self._over.done()
            waited = f"nothing was read for {self._slowest_write_s:.0f} seconds"
            self._end(Closing(TOO_SLOW, f"{waited}: connect again, resume with after"))

    def _end(self, closing: Closing) -> None:
        if not self._over.done():
            self._over.set_result(closing)

    async def run(self) -> None:
        """Serve until either side ends it."""
        self._hub.join(self)
        jobs = [asyncio.create_task(self._read()), asyncio.create_task(self._write())]
        ends: list[asyncio.Future[Any]] = [*jobs, self._over]
        try:
            done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            closing = next((job.result() for job in done if not job.exception()), None)
            failed = next((error for job in done if (error := job.exception())), None)
        finally:
            self._hub.leave(self)
            if self._pump is not None:
                jobs.append(self._pump)
            for job in jobs:
                job.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)
        if failed is not None and not isinstance(failed, WebSocketDisconnect):
            await self._close(Closing(1011, "internal error; connect again"))
            raise failed
        if closing is not None:
            await self._close(closing)

    async def _close(self, closing: Closing) -> None:
        with suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
            async with asyncio.timeout(1.0):
                await self._websocket.close(closing.code, _reason(closing.reason))

    async def _read(self) -> Closing | None:
        while self.session.closing is None:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                return None
            text = message.get("text")
            if text is None:
                return Closing(BAD_MESSAGE, "a message must be a text frame of JSON")
            if not self._rate.allows(time.monotonic()):
                return Closing(TOO_MANY, f"more than {self._rate.per_s} messages a second")
            before = self.session.symbols
            request = self.session.receive(text)
            self._hub.unwant(self, before - self.session.symbols)
            if request is not None:
                await self._load(request)
            self._ready.set()
        return self.session.closing

    async def _write(self) -> None:
        take, send, counts = self.session.take, self._websocket.send_text, self._hub.counts
        while True:
            self._ready.clear()
            now = time.monotonic()
            frame = take(now, _server_time())
            if frame is None:
                self._drained.set()
                self._hub.rest(self, now)
                await self._ready.wait()
                continue
            self._writing_since = now
            await send(frame)
            self._writing_since = None
            counts["frames"] += 1

    # Order events and alerts: the next ones are read once the earlier ones are out

    async def _pump_all(self) -> None:
        try:
            while self._moved:
                self._moved.clear()
                while await self._next_orders() or await self._next_alerts():
                    self._drained.clear()
                    self._ready.set()
                    await self._drained.wait()
        except CausewayError as error:
            self.session.refuse(error.code, f"order events and alerts are delayed: {error.message}")
            self._ready.set()

    async def _next_orders(self) -> bool:
        """Hand the session the next events; whether there were any."""
        cursors = self.session.order_cursors
        if not cursors:
            return False
        events = await asyncio.to_thread(
            self._services.reads.order_events, self.user_id, dict(cursors), _EVENTS_PER_FRAME
        )
        for account_id, batch in events.items():
            self.session.order_events(account_id, batch)
        return bool(events)

    async def _next_alerts(self) -> bool:
        cursor = self.session.alert_cursor
        if cursor is None:
            return False
        alerts = await asyncio.to_thread(self._services.alerts.after, self.user_id, cursor, _EVENTS_PER_FRAME)
        self.session.alerts(alerts)
        return bool(alerts)

    # What a client asks for

    async def _load(self, request: Request) -> None:
        try:
            match request:
                case SubscribeQuotes(symbols):
                    await self._load_quotes(symbols)
                case SubscribeStatus(symbols):
                    await self._load_states(symbols)
                case SubscribeOrders(after):
                    await self._load_orders(dict(after))
                case SubscribeAlerts(after):
                    await self._load_alerts(after)
                case AcknowledgeAlerts(to_seq):
                    await asyncio.to_thread(self._services.alerts.acknowledge, self.user_id, to_seq)
                case SubscribeJobs():
                    self.session.jobs(await asyncio.to_thread(self._services.reads.jobs, self.user_id))
        except CausewayError as error:
            self.session.refuse(error.code, error.message)

    async def _load_quotes(self, symbols: tuple[str, ...]) -> None:
        most = self._services.settings.stream_symbols_per_user
        if self._hub.symbols_of(self.user_id) > most:
            self.session.forget(symbols)
            self.session.refuse("too_many", f"at most {most} symbols on all connections of one user")
            return
        self._hub.want(self, symbols)
        await self._refuse_unknown(symbols)
        await self._hub.read_quotes(symbols)

    async def _load_states(self, symbols: tuple[str, ...]) -> None:
        await self._refuse_unknown(symbols)
        await self._hub.read_states(self, symbols)

    async def _refuse_unknown(self, symbols: tuple[str, ...]) -> None:
        known = await asyncio.to_thread(self._services.quotes.known_symbols, symbols)
        unknown = [symbol for symbol in symbols if symbol not in known]
        if unknown:
            self.session.refuse("not_found", f"no instrument has the symbol {', '.join(unknown[:20])}")

    async def _load_orders(self, after: dict[str, int]) -> None:
        heads = await asyncio.to_thread(self._services.reads.order_heads, self.user_id)
        if foreign := sorted(after.keys() - heads.keys()):
            self.session.refuse("not_found", f"you have no account {', '.join(foreign[:5])}")
        self.session.follow_orders({account: min(after.get(account, head), head) for account, head in heads.items()})
        self.moved("orders")

    async def _load_alerts(self, after: int | None) -> None:
        head = await asyncio.to_thread(self._services.alerts.head, self.user_id)
        self.session.follow_alerts(head if after is None else min(after, head))
        self.moved("alerts")


class MessageRate:
    """A bucket of messages that fills at ``per_s`` and holds five seconds' worth."""

    def __init__(self, per_s: int) -> None:
        self.per_s = per_s
        self._left = 5.0 * per_s
        self._at: float | None = None

    def allows(self, now: float) -> bool:
        """Take one message; False once too many came."""
        passed = 0.0 if self._at is None else now - self._at
        self._at = now
        self._left = min(5.0 * self.per_s, self._left + passed * self.per_s) - 1.0
        return self._left >= 0.0


def _server_time() -> str:
    return isoformat_z(now_utc())
