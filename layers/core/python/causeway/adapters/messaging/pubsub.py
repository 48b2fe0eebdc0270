"""Publish and subscribe: Redis between processes, or queues inside one.

Both keep the promise of ``causeway.ports.events.EventBus``: a message is a wake-up that may be lost.
Publishing to a Redis that is down costs one short attempt and then nothing until a second has passed, so that
an order or a job never waits for its own notification.

Source: Redis commands PUBLISH and PSUBSCRIBE.
"""

from __future__ import annotations

import asyncio
import json
import logging
import queue
import threading
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from causeway.adapters.redis_client import connect_for_messages, connect_for_messages_async

if TYPE_CHECKING:
    from redis import Redis
    from redis.client import PubSub

Event = tuple[str, dict[str, Any]]
_log = logging.getLogger(__name__)
_CONNECT_TIMEOUT_S = 1.0
_PAUSE_AFTER_FAILURE_S = 1.0


def _encode(message: dict[str, Any]) -> str:
    return json.dumps(message, separators=(",", ":"), allow_nan=False)


def _decode(channel: str, payload: str) -> Event | None:
    try:
        message = json.loads(payload)
    except ValueError:
        message = None
    if not isinstance(message, dict):
        _log.warning("ignored a message on %s that is not a JSON object", channel)
        return None
    return channel, message


class RedisEventBus:
    """Events over one Redis. Share one bus per process; every ``listen`` has a connection of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: Redis | None = None
        self._silent_until = 0.0
        self._lock = threading.Lock()

    def publish(self, channel: str, message: dict[str, Any]) -> None:
        """Send ``message`` to whoever listens now. A failure is logged and swallowed."""
        from redis.exceptions import RedisError

        if time.monotonic() < self._silent_until:
            return
        try:
            self._connected().publish(channel, _encode(message))
        except (RedisError, OSError) as error:
            self._silent_until = time.monotonic() + _PAUSE_AFTER_FAILURE_S
            _log.warning("lost a message on %s: %s", channel, error)
        except (TypeError, ValueError):
            _log.exception("dropped a message on %s that is not JSON", channel)

    def listen(self, patterns: Sequence[str], timeout_s: float) -> Iterator[Event | None]:
        """Subscribe now, and hand on what comes. None after quiet, and after each loss of the connection."""
        subscription = self._subscribe(patterns)
        return self._receive(subscription, patterns, timeout_s)

    async def hear(self, patterns: Sequence[str], timeout_s: float) -> AsyncIterator[Event | None]:
        """``listen`` in an event loop, which spares a thread and the wait for it. Subscribed once it has yielded."""
        from redis.exceptions import RedisError

        while True:
            client = connect_for_messages_async(
                self._url, decode_responses=True, socket_connect_timeout=_CONNECT_TIMEOUT_S, health_check_interval=15
            )
            try:
                async with client, client.pubsub() as subscription:
                    await subscription.psubscribe(*patterns)
                    while True:
                        raw = await subscription.get_message(ignore_subscribe_messages=True, timeout=timeout_s)
                        yield None if raw is None else _decode(raw["channel"], raw["data"])
            except (RedisError, OSError) as error:
                _log.warning("lost the subscription to %s: %s", ", ".join(patterns), error)
            yield None
            await asyncio.sleep(min(timeout_s, _PAUSE_AFTER_FAILURE_S))

    def close(self) -> None:
        """Close the publishing connections. Listeners end with their generators."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _connected(self) -> Redis:
        with self._lock:
            if self._client is None:
                self._client = self._new_client()
            return self._client

    def _new_client(self) -> Redis:
        return connect_for_messages(
            self._url,
            decode_responses=True,
            socket_connect_timeout=_CONNECT_TIMEOUT_S,
            socket_timeout=_CONNECT_TIMEOUT_S,
            health_check_interval=15,
        )

    def _subscribe(self, patterns: Sequence[str]) -> PubSub | None:
        """A subscription that the server has confirmed, or None while it is down."""
        from redis.client import PubSub
        from redis.exceptions import RedisError

        subscription = PubSub(self._new_client().connection_pool)
        try:
            subscription.psubscribe(*patterns)
            for _ in patterns:
                subscription.get_message(timeout=_CONNECT_TIMEOUT_S)
        except (RedisError, OSError) as error:
            _log.warning("cannot listen to %s: %s", ", ".join(patterns), error)
            _end(subscription)
            return None
        return subscription

    def _receive(
        self, subscription: PubSub | None, patterns: Sequence[str], timeout_s: float
    ) -> Iterator[Event | None]:
        from redis.exceptions import RedisError

        try:
            while True:
                if subscription is None:
                    yield None
                    time.sleep(min(timeout_s, _PAUSE_AFTER_FAILURE_S))
                    subscription = self._subscribe(patterns)
                    continue
                try:
                    raw = subscription.get_message(ignore_subscribe_messages=True, timeout=timeout_s)
                except (RedisError, OSError) as error:
                    _log.warning("lost the subscription to %s: %s", ", ".join(patterns), error)
                    _end(subscription)
                    subscription = None
                    continue
                if raw is None:
                    yield None
                elif event := _decode(raw["channel"], raw["data"]):
                    yield event
        finally:
            if subscription is not None:
                _end(subscription)


def _end(subscription: PubSub) -> None:
    subscription.close()
    subscription.connection_pool.disconnect()


class InProcessEventBus:
    """Events between threads of one process. A listener ``capacity`` messages behind loses the oldest."""

    def __init__(self, capacity: int = 10_000) -> None:
        self._capacity = capacity
        self._listeners: list[tuple[tuple[str, ...], queue.Queue[tuple[str, str]]]] = []
        self._lock = threading.Lock()

    def publish(self, channel: str, message: dict[str, Any]) -> None:
        """Put ``message`` before every listener whose patterns match."""
        try:
            payload = _encode(message)
        except (TypeError, ValueError):
            _log.exception("dropped a message on %s that is not JSON", channel)
            return
        with self._lock:
            for patterns, waiting in self._listeners:
                if any(fnmatchcase(channel, pattern) for pattern in patterns):
                    if waiting.full():
                        waiting.get_nowait()
                    waiting.put_nowait((channel, payload))

    def listen(self, patterns: Sequence[str], timeout_s: float) -> Iterator[Event | None]:
        """Subscribe now, and hand on what comes. None after quiet."""
        listener = (tuple(patterns), queue.Queue[tuple[str, str]](self._capacity))
        with self._lock:
            self._listeners.append(listener)
        return self._receive(listener, timeout_s)

    def close(self) -> None:
        """Nothing to close; here so that both buses are handled alike."""

    def _receive(
        self, listener: tuple[tuple[str, ...], queue.Queue[tuple[str, str]]], timeout_s: float
    ) -> Iterator[Event | None]:
        try:
            while True:
                try:
                    channel, payload = listener[1].get(timeout=timeout_s)
                except queue.Empty:
                    yield None
                    continue
                if event := _decode(channel, payload):
                    yield event
        finally:
            with self._lock:
                self._listeners.remove(listener)
