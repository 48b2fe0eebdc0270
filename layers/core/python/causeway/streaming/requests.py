"""What a client may say, read and checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from causeway.model.symbol import is_symbol

MOST_BYTES = 64 * 1024
Channel = Literal["quotes", "status", "orders", "jobs", "alerts"]


class BadMessageError(ValueError):
    """Not a message of this protocol; the connection is closed."""


class RefusedError(ValueError):
    """A message that cannot be carried out; the connection stays."""


@dataclass(frozen=True, slots=True)
class Ping:
    id: str


@dataclass(frozen=True, slots=True)
class SubscribeQuotes:
    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SubscribeStatus:
    """Halts and price bands."""

    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SubscribeOrders:
    """``after``: last event that the client has, by account; accounts that it leaves out start now."""

    after: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SubscribeJobs:
    pass


@dataclass(frozen=True, slots=True)
class SubscribeAlerts:
    """``after``: number of the last alert that the client has; None starts now."""

    after: int | None


@dataclass(frozen=True, slots=True)
class AcknowledgeAlerts:
    """The user has seen his alerts up to ``to_seq``."""

    to_seq: int


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    channel: Channel
    symbols: tuple[str, ...]


Request = (
    Ping
    | SubscribeQuotes
    | SubscribeStatus
    | SubscribeOrders
    | SubscribeJobs
    | SubscribeAlerts
    | AcknowledgeAlerts
    | Unsubscribe
)


def parse_request(text: str) -> Request:
    """Read one text frame.

    Raises:
        BadMessageError: too large, not JSON, or not an object.
        RefusedError: an object that asks for nothing known; the message says what was expected.
    """
    if len(text) > MOST_BYTES:
        raise BadMessageError(f"a message may have {MOST_BYTES} bytes; found {len(text)}")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadMessageError("a message must be JSON") from error
    if not isinstance(message, dict):
        raise BadMessageError(f"a message must be a JSON object; found {type(message).__name__}")
    return _request(message)


def _request(message: dict[str, Any]) -> Request:
    match message.get("op"):
        case "ping":
            return Ping(str(message.get("id", ""))[:64])
        case "subscribe":
            return _subscribe(message)
        case "unsubscribe":
            channel = _channel(message)
            return Unsubscribe(channel, _symbols(message) if channel in ("quotes", "status") else ())
        case "acknowledge":
            if _channel(message) != "alerts":
                raise RefusedError("only alerts can be acknowledged")
            return AcknowledgeAlerts(_sequence(message.get("to_seq"), "to_seq"))
        case other:
            raise RefusedError(f"op must be subscribe, unsubscribe, acknowledge or ping; found {_short(other)}")


def _subscribe(message: dict[str, Any]) -> Request:
    match _channel(message):
        case "quotes":
            return SubscribeQuotes(_symbols(message))
        case "status":
            return SubscribeStatus(_symbols(message))
        case "orders":
            return SubscribeOrders(_after(message))
        case "alerts":
            after = message.get("after")
            return SubscribeAlerts(None if after is None else _sequence(after))
        case _:
            return SubscribeJobs()


def _channel(message: dict[str, Any]) -> Channel:
    match message.get("channel"):
        case "quotes" | "status" | "orders" | "jobs" | "alerts" as channel:
            return channel  # type: ignore[no-any-return]  # one of the five literals
        case other:
            raise RefusedError(f"channel must be quotes, status, orders, jobs or alerts; found {_short(other)}")


def _symbols(message: dict[str, Any]) -> tuple[str, ...]:
    symbols = message.get("symbols")
    if not isinstance(symbols, list) or not symbols:
        raise RefusedError(f'symbols must be a list such as ["AAPL"]; found {_short(symbols)}')
    for symbol in symbols:
        if not isinstance(symbol, str) or not is_symbol(symbol):
            raise RefusedError(f"a symbol must be text such as AAPL or BRK.B; found {_short(symbol)}")
    return tuple(symbols)


def _after(message: dict[str, Any]) -> dict[str, int]:
    after = message.get("after") or {}
    if not isinstance(after, dict):
        raise RefusedError(f"after must map account ids to sequence numbers; found {_short(after)}")
    return {_account(account): _sequence(seq) for account, seq in after.items()}


def _account(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise RefusedError(f"after must name accounts by their id; found {_short(text)}") from None


def _sequence(seq: object, name: str = "after") -> int:
    if isinstance(seq, bool) or not isinstance(seq, int) or not 0 <= seq < 2**62:
        raise RefusedError(f"{name} must hold sequence numbers from 0; found {_short(seq)}")
    return seq


def _short(value: object) -> str:
    return repr(value)[:60]
