"""The API process: the deployed functions by path, the WebSocket server, and the web app, on one port of 127.0.0.1."""

from __future__ import annotations

from pathlib import Path

import uvicorn
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from causeway.errors import Denied
from causeway.settings import LocalSettings, LogSettings
from causeway.web.access_log import configure_logging
from causeway.web.composition import compose
from causeway.web.origin import PublicOrigin
from local.web_app import WebApp
from local.wiring import function_apps, read_installation, stream_app


class Front:
    """Sends WebSockets to the stream, ``/v1`` and ``/docs`` to the functions, pages to the web app."""

    def __init__(self, origin: PublicOrigin, stream: ASGIApp, functions: ASGIApp, pages: ASGIApp) -> None:
        self._origin = origin
        self._stream = stream
        self._functions = functions
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"lifespan", "websocket"}:  # only the stream has work to end with the process
            await self._stream(scope, receive, send)
        elif scope["path"] == "/docs" or scope["path"].startswith("/v1"):
            await self._functions(scope, receive, send)
        else:
            await self._page(scope, receive, send)

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            self._origin.check_host(Headers(scope=scope).get("host"))
        except Denied as error:
            await PlainTextResponse(error.message, status_code=403)(scope, receive, send)
            return
        await self._pages(scope, receive, send)


def create() -> ASGIApp:
    """The app, wired from this process's environment and the installation's record."""
    installation = read_installation(LocalSettings().state_dir)
    pages = WebApp(Path(installation.project_dir) / "frontend" / "dist")
    functions = compose(function_apps(installation))
    return Front(PublicOrigin.parse(installation.url), stream_app(installation), functions, pages)


def main() -> None:
    """Serve until SIGTERM."""
    level = LogSettings().log_level
    configure_logging(level)
    uvicorn.run(
        create(),
        host="127.0.0.1",
        port=LocalSettings().port,
        log_config=None,
        access_log=False,  # the functions log their requests themselves
        server_header=False,
        ws="websockets-sansio",
        ws_max_size=64 * 1024,
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    main()
