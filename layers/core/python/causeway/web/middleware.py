"""Around every request, as pure ASGI: request id, caller check, body limit, security headers, access log."""

from __future__ import annotations

import logging
import re
import secrets
import time
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers, MutableHeaders

from causeway.errors import Denied
from causeway.web.error_mapping import causeway_error, error_response, internal_error
from causeway.web.origin import PROXY_HEADER, PublicOrigin

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_access = logging.getLogger("causeway.access")
_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}$")

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
HSTS = "max-age=63072000; includeSubDomains"


class RequestContext:
    """Outermost: gives the request an id, logs it, sets headers, and turns what nobody expected into a plain 500."""

    def __init__(self, app: ASGIApp, *, name: str, origin: PublicOrigin) -> None:
        self._app = app
        self._name = name
        self._origin = origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope))
        scope.setdefault("state", {})["request_id"] = request_id
        started = time.perf_counter()
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._set_headers(MutableHeaders(scope=message), request_id)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception:
            logging.getLogger("causeway.web").exception("unexpected error", extra={"request_id": request_id})
            if status:
                raise
            await internal_error(request_id)(scope, receive, send_with_headers)
        finally:
            self._log(scope, status, time.perf_counter() - started)

    def _set_headers(self, headers: MutableHeaders, request_id: str) -> None:
        headers["X-Request-Id"] = request_id
        for key, value in SECURITY_HEADERS.items():
            headers.setdefault(key, value)
        if self._origin.is_secure:
            headers["Strict-Transport-Security"] = HSTS

    def _log(self, scope: Scope, status: int, seconds: float) -> None:
        state: dict[str, Any] = scope["state"]
        _access.info(
            "request",
            extra={
                "function": self._name,
                "request_id": state["request_id"],
                "method": scope["method"],
                "path": scope["path"],
                "status": status,
                "duration_ms": round(seconds * 1000, 1),
                "user_id": str(state.get("user_id", "")),
            },
        )


class CallerCheck:
    """Refuses names that are not ours, so that a hostile page cannot reach a loopback server by its own name."""

    def __init__(self, app: ASGIApp, *, origin: PublicOrigin) -> None:
        self._app = app
        self._origin = origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            try:
                headers = Headers(scope=scope)
                self._origin.check_caller(headers.get("host"), headers.get(PROXY_HEADER))
            except Denied as error:
                await causeway_error(error, scope["state"]["request_id"])(scope, receive, send)
                return
        await self._app(scope, receive, send)


class _TooLargeError(Exception):
    pass


class BodyLimit:
    """Refuses a larger body: at once where Content-Length says so, else as soon as too much has come."""

    def __init__(self, app: ASGIApp, *, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        if declared.isdigit() and int(declared) > self._max_bytes:
            await self._refuse(scope, receive, send)
            return
        seen = 0
        answering = False

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._max_bytes:
                raise _TooLargeError
            return message

        async def watched(message: Message) -> None:
            nonlocal answering
            if seen > self._max_bytes and not answering:
                raise _TooLargeError
            answering = True
            await send(message)

        try:
            await self._app(scope, counted, watched)
        except _TooLargeError:
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = f"the body must be at most {self._max_bytes} bytes"
        response = error_response(
            413, "invalid_input", message,
            request_id=scope["state"]["request_id"], details={"limit_bytes": self._max_bytes},
        )  # fmt: skip
        await response(scope, receive, send)


def _request_id(headers: Headers) -> str:
    sent = headers.get("x-request-id", "")
    return sent if _REQUEST_ID.match(sent) else secrets.token_hex(12)
