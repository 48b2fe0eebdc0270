"""The WebSocket server of the product, over a Redis and no database."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

import uvicorn

from bench.streaming.load import SYMBOLS
from causeway.adapters.messaging.pubsub import RedisEventBus
from causeway.model.identity import Role
from causeway.model.tick import Quote, TradingState
from causeway.settings import StreamSettings
from causeway.web.tokens import Principal, Session, TokenVerifier
from containers.stream.main import SOCKET_OPTIONS
from containers.stream.services import Json, Services
from containers.stream.websocket_server import create_app


@dataclass(frozen=True)
class _Clock:
    mode: str = "live"
    market_time: datetime | None = None
    speed: float = 1.0


class Nothing:
    """Nothing stored: no quotes, orders, jobs or alerts."""

    def clock(self) -> _Clock:
        return _Clock()

    def latest(self, _symbols: Sequence[str] | None = None) -> list[Quote]:
        return []

    def known_symbols(self, _symbols: Sequence[str]) -> frozenset[str]:
        return frozenset(SYMBOLS)

    def order_heads(self, _user_id: UUID) -> dict[str, int]:
        return {}

    def order_events(self, _user_id: UUID, _cursors: Mapping[str, int], _most: int) -> dict[str, list[Json]]:
        return {}

    def jobs(self, _user_id: UUID) -> list[Json]:
        return []

    def head(self, _user_id: UUID) -> int:
        return 0

    def after(self, _user_id: UUID, _cursor: int, _most: int) -> list[Json]:
        return []

    def acknowledge(self, _user_id: UUID, _to_seq: int) -> int:
        return 0

    def states(self, _symbols: Sequence[str]) -> list[TradingState]:
        return []

    def latest_quotes(self, _symbols: Sequence[str], _load: Callable[[Sequence[str]], Sequence[Json]]) -> list[Json]:
        return []


def _anybody(*_: object) -> Session:
    return Session(Principal(uuid4(), "bench@example.test", Role.VIEWER, "bearer"), "", None, None)


def main(port: int, redis_url: str, frame_hz: float) -> None:
    """Serve until SIGTERM; every connection is another user's."""
    nothing: Any = Nothing()
    origin = SimpleNamespace(check_host=lambda _: None, check_origin=lambda _: None)
    verifier = cast(TokenVerifier, SimpleNamespace(origin=origin, authenticate=_anybody))
    services = Services(
        quotes=nothing,
        states=nothing,
        reads=nothing,
        alerts=nothing,
        take_ticket=lambda _: None,
        cache=nothing,
        bus=RedisEventBus(redis_url),
        verifier=verifier,
        settings=StreamSettings(stream_frame_hz=frame_hz),
    )
    uvicorn.run(create_app(services), host="127.0.0.1", port=port, **SOCKET_OPTIONS)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]))
