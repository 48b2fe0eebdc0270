"""What simulated vendors over HTTP share: a server, a market, faults, and recorded answers that go before made ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from causeway.simulators.faults import Faults
from causeway.simulators.http_server import HttpServer
from causeway.simulators.market import SimulatedMarket
from causeway.simulators.recordings import Recordings

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from causeway.simulators.http_faults import Answer


class HttpVendor:
    """A context manager: served on 127.0.0.1 within. A vendor answers in ``_app`` and names its ``settings``."""

    def __init__(
        self, market: SimulatedMarket, faults: Faults, *, port: int = 0, recordings: Path | None = None
    ) -> None:
        self._market = market
        self._faults = faults
        self._recordings = Recordings(recordings) if recordings else None
        self._server = HttpServer(self._app, port)

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.__exit__(kind, error, trace)

    def _recorded(self, path: str, query: Mapping[str, str]) -> Answer | None:
        return self._recordings.find(path, query) if self._recordings else None

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        raise NotImplementedError
