"""Serves an ASGI app on loopback from a thread, for simulated vendors that speak HTTP or WebSocket."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from starlette.types import ASGIApp

_START_S = 10.0


class HttpServer:
    """A context manager: listening on 127.0.0.1 within, gone after. Port 0 takes a free one."""

    def __init__(self, app: ASGIApp, port: int = 0) -> None:
        import uvicorn

        from causeway.simulators.http_faults import breakable_protocol

        self._socket = socket.create_server(("127.0.0.1", port))
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            app,
            interface="asgi3",
            http=breakable_protocol(),
            ws="websockets-sansio",
            lifespan="off",
            log_level="critical",  # a connection that is cut on purpose is no error of the server
            access_log=False,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name=f"simulator-{self.port}", daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        deadline = time.monotonic() + _START_S
        while not self._server.started and time.monotonic() < deadline:
            time.sleep(0.005)
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(timeout=5)
        with suppress(OSError):
            self._socket.close()
