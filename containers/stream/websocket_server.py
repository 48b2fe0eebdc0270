"""``/v1/stream`` as an ASGI app: sockets around ``causeway.streaming.session``.

Local mode mounts it in the API's process; the container serves it alone.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from causeway.errors import CausewayError, Denied, NotAuthenticated
from causeway.model.time import isoformat_z, now_utc
from causeway.streaming.requests import Request, SubscribeJobs, SubscribeOrders, SubscribeQuotes
from causeway.streaming.session import BAD_MESSAGE, Closing, Session, SessionLimits
from causeway.web.tokens import Session as SignIn
from causeway.web.tokens import parse_cookies
from containers.stream.hub import Hub
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

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        hub.close()

    return Starlette(routes=[WebSocketRoute("/v1/stream", stream), Route("/health", health)], lifespan=lifespan)


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
    sign_in = services.verifier.authenticate(headers.get("authorization"), parse_cookies(headers.get("cookie")))
    if sign_in.principal.method == "cookie" and headers.get("origin") is None:
        raise Denied("a connection with a cookie must carry an Origin header, as browsers send it")
    return sign_in


def _reason(text: str) -> str:
    """A close reason has at most 123 bytes (RFC 6455, 5.5)."""
    return text.encode()[:123].decode(errors="ignore")


class Connection:
    """One WebSocket: a reader, a writer, and a pump that reads order events from PostgreSQL."""

    def __init__(
        self, websocket: WebSocket, hub: Hub, services: Services, sign_in: SignIn, slowest_write_s: float
    ) -> None:
        self.user_id = sign_in.principal.user_id
        self._websocket, self._hub, self._services = websocket, hub, services
        self._expires_at, self._slowest_write_s = sign_in.expires_at, slowest_write_s
        settings = services.settings
        limits = SessionLimits(1.0 / settings.stream_frame_hz, settings.stream_heartbeat_s)
        self.session = Session(str(uuid.uuid4()), limits, _server_time(), time.monotonic())
        self._ready, self._orders, self._drained = asyncio.Event(), asyncio.Event(), asyncio.Event()

    def ready(self) -> None:
        self._ready.set()

    def orders_moved(self) -> None:
        self._orders.set()

    async def run(self) -> None:
        """Serve until either side ends it."""
        self._hub.join(self)
        jobs = [asyncio.create_task(part()) for part in (self._read, self._write, self._pump_orders, self._expire)]
        try:
            done, _ = await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
            closing = next((job.result() for job in done if not job.exception()), None)
            failed = next((error for job in done if (error := job.exception())), None)
        finally:
            self._hub.leave(self)
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
            request = self.session.receive(text)
            if request is not None:
                await self._load(request)
            self._ready.set()
        return self.session.closing

    async def _write(self) -> Closing | None:
        while True:
            self._ready.clear()
            frame = self.session.take(time.monotonic(), _server_time())
            if frame is None:
                self._drained.set()
                # asyncio.timeout, because wait_for of Python 3.11 can swallow a cancellation
                with suppress(TimeoutError):
                    async with asyncio.timeout(max(0.0, self.session.wake_at() - time.monotonic())):
                        await self._ready.wait()
                continue
            try:
                async with asyncio.timeout(self._slowest_write_s):
                    await self._websocket.send_text(frame)
            except TimeoutError:
                waited = f"nothing was read for {self._slowest_write_s:.0f} seconds"
                return Closing(TOO_SLOW, f"{waited}: connect again, resume with after")

    async def _pump_orders(self) -> Closing | None:
        while True:
            await self._orders.wait()
            self._orders.clear()
            try:
                while await self._next_orders():
                    pass
            except CausewayError as error:
                self.session.refuse(error.code, f"order events are delayed: {error.message}")
                self._ready.set()

    async def _next_orders(self) -> bool:
        """Hand the session the next events, once the earlier ones are out; whether there may be more."""
        cursors = self.session.order_cursors
        if not cursors:
            return False
        events = await asyncio.to_thread(
            self._services.reads.order_events, self.user_id, dict(cursors), _EVENTS_PER_FRAME
        )
        for account_id, batch in events.items():
            self.session.order_events(account_id, batch)
        if not events:
            return False
        self._drained.clear()
        self._ready.set()
        await self._drained.wait()
        return True

    async def _expire(self) -> Closing:
        """An access token ends; what it opened ends with it."""
        if self._expires_at is None:
            await asyncio.Event().wait()
            raise AssertionError("unreachable")
        await asyncio.sleep(max(0.0, (self._expires_at - now_utc()).total_seconds()))
        return Closing(NOT_AUTHENTICATED, "the access token has expired: renew it and connect again")

    async def _load(self, request: Request) -> None:
        try:
            match request:
                case SubscribeQuotes(symbols):
                    await self._load_quotes(symbols)
                case SubscribeOrders(after):
                    await self._load_orders(dict(after))
                case SubscribeJobs():
                    self.session.jobs(await asyncio.to_thread(self._services.reads.jobs, self.user_id))
        except CausewayError as error:
            self.session.refuse(error.code, error.message)

    async def _load_quotes(self, symbols: tuple[str, ...]) -> None:
        known = await asyncio.to_thread(self._services.quotes.known_symbols, symbols)
        unknown = [symbol for symbol in symbols if symbol not in known]
        if unknown:
            self.session.refuse("not_found", f"no instrument has the symbol {', '.join(unknown[:20])}")
        self.session.quotes(await self._hub.read_quotes(symbols))

    async def _load_orders(self, after: dict[str, int]) -> None:
        heads = await asyncio.to_thread(self._services.reads.order_heads, self.user_id)
        if foreign := sorted(after.keys() - heads.keys()):
            self.session.refuse("not_found", f"you have no account {', '.join(foreign[:5])}")
        self.session.follow_orders({account: min(after.get(account, head), head) for account, head in heads.items()})
        self._orders.set()


def _server_time() -> str:
    return isoformat_z(now_utc())
