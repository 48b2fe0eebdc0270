"""Several functions' apps on one port: the very apps that the Lambda handlers wrap, chosen by ``/v1/<name>``.

Besides: ``/v1/openapi.json`` (one document of all), ``/docs`` (a page of it) and ``/v1/health`` (every function asked).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from starlette.responses import HTMLResponse, JSONResponse, Response

from causeway.web import openapi
from causeway.web.app import code_version
from causeway.web.docs_page import render
from causeway.web.error_mapping import error_response
from causeway.web.middleware import CallerCheck, RequestContext

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# The page has its style inside and no script at all.
_DOCS_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def compose(apps: Mapping[str, FastAPI], *, fallback: ASGIApp | None = None) -> ASGIApp:
    """One ASGI app of ``apps`` by name. ``fallback`` takes everything else, such as the web app's files and WebSockets.

    Their common document is made when it is first asked for: it takes longer than all the rest of a start.
    """
    origin = next(iter(apps.values())).state.verifier.origin
    own = RequestContext(CallerCheck(_Documents(apps), origin=origin), name="api", origin=origin)
    return _Dispatch(apps, own, fallback or own)


def merged_openapi(apps: Mapping[str, FastAPI]) -> dict[str, Any]:
    """The OpenAPI document of all ``apps``. Raises ValueError where two serve one path."""
    return openapi.merge({name: app.openapi() for name, app in apps.items()})


class _Dispatch:
    def __init__(self, apps: Mapping[str, ASGIApp], own: ASGIApp, fallback: ASGIApp) -> None:
        self._apps = apps
        self._own = own
        self._fallback = fallback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        await self._choose(scope)(scope, receive, send)

    def _choose(self, scope: Scope) -> ASGIApp:
        if scope["type"] != "http":
            return self._fallback
        first, _, rest = scope["path"].lstrip("/").partition("/")
        if first == "v1":
            return self._apps.get(rest.partition("/")[0], self._own)
        return self._own if scope["path"] == "/docs" else self._fallback


class _Documents:
    """What belongs to no single function."""

    def __init__(self, apps: Mapping[str, FastAPI]) -> None:
        self._apps = apps

    @cached_property
    def _document(self) -> dict[str, Any]:
        return merged_openapi(self._apps)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._respond(scope)
        await response(scope, receive, send)

    async def _respond(self, scope: Scope) -> Response:
        if scope["method"] not in {"GET", "HEAD"}:
            return self._error(scope, 405, "method_not_allowed", f"{scope['path']} does not accept {scope['method']}")
        if scope["path"] == "/v1/openapi.json":
            return JSONResponse(self._document)
        if scope["path"] == "/docs":
            return HTMLResponse(render(self._document), headers={"Content-Security-Policy": _DOCS_POLICY})
        if scope["path"] == "/v1/health":
            return await self._health(scope)
        return self._error(
            scope, 404, "not_found", f"there is nothing at {scope['path']}; /v1/openapi.json lists what there is"
        )

    async def _health(self, scope: Scope) -> Response:
        statuses = {name: await _health_status(app, scope, f"/v1/{name}/health") for name, app in self._apps.items()}
        functions = {name: "ok" if status == 200 else f"answers {status}" for name, status in statuses.items()}
        whole = all(status == 200 for status in statuses.values())
        body = {"status": "ok" if whole else "degraded", "version": code_version(), "functions": functions}
        return JSONResponse(body, status_code=200 if whole else 503)

    def _error(self, scope: Scope, status: int, code: str, message: str) -> Response:
        return error_response(status, code, message, request_id=scope["state"]["request_id"])


async def _health_status(app: ASGIApp, scope: Scope, path: str) -> int:
    """The status that ``app`` answers at ``path``, asked in this process."""
    status = 500

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    asked = {**scope, "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"", "state": {}}
    await app(asked, receive, send)
    return status


async def _lifespan(receive: Receive, send: Send) -> None:
    while (await receive())["type"] != "lifespan.shutdown":
        await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.shutdown.complete"})
