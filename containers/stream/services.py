"""What the stream's parts are given; ``wiring.py`` fills it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from causeway.model.tick import Quote, TradingState
from causeway.ports.events import EventBus
from causeway.settings import StreamSettings
from causeway.web.tokens import Session as SignIn
from causeway.web.tokens import TokenVerifier

Json = dict[str, Any]
TakeTicket = Callable[[str], SignIn | None]  # who a ticket was given to; it is used up


class ClockRow(Protocol):
    @property
    def mode(self) -> str: ...
    @property
    def market_time(self) -> datetime | None: ...
    @property
    def speed(self) -> float: ...
    @property
    def updated_at(self) -> datetime: ...
    @property
    def replay(self) -> dict[str, Any]: ...


class Quotes(Protocol):
    """What the server needs of ``QuoteStore``."""

    def clock(self) -> ClockRow: ...
    def latest(self, symbols: Sequence[str] | None = None) -> list[Quote]: ...
    def known_symbols(self, symbols: Sequence[str]) -> frozenset[str]: ...


class States(Protocol):
    """What the server needs of ``LiveStore``."""

    def states(self, symbols: Sequence[str]) -> list[TradingState]: ...


class Reads(Protocol):
    """What the server needs of ``StreamStore``."""

    def order_heads(self, user_id: UUID) -> dict[str, int]: ...
    def order_events(self, user_id: UUID, cursors: Mapping[str, int], most: int) -> dict[str, list[Json]]: ...
    def jobs(self, user_id: UUID) -> list[Json]: ...


class Alerts(Protocol):
    """What the server needs of ``AlertStore``."""

    def head(self, user_id: UUID) -> int: ...
    def after(self, user_id: UUID, cursor: int, most: int) -> list[Json]: ...
    def acknowledge(self, user_id: UUID, to_seq: int) -> int: ...


class QuoteCache(Protocol):
    def latest_quotes(self, symbols: Sequence[str], load: Callable[[Sequence[str]], Sequence[Json]]) -> list[Json]: ...


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that the WebSocket server needs."""

    quotes: Quotes
    states: States
    reads: Reads
    alerts: Alerts
    take_ticket: TakeTicket
    cache: QuoteCache
    bus: EventBus
    verifier: TokenVerifier
    settings: StreamSettings
