"""Hears what other processes invalidated. While it does not hear, its process may keep nothing that can change."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from causeway.adapters.redis_client import connect_for_messages

if TYPE_CHECKING:
    from redis.client import PubSub

_log = logging.getLogger(__name__)
_QUIET_S = 1.0  # then the server is asked whether it is still there; as long again, and it is not
CHANNEL = "cache:dropped"


def message(sender: str, keys: list[str]) -> str:
    """What is published on ``CHANNEL``."""
    return json.dumps({"from": sender, "keys": keys}, separators=(",", ":"))


class Listener:
    """A thread with a subscription. ``drop`` gets keys, or None for all: after each gain or loss of the connection.
    ``regained`` is called after each gain, and once a second while nothing is heard."""

    def __init__(
        self, url: str, own_name: str, drop: Callable[[list[str] | None], None], regained: Callable[[], None]
    ) -> None:
        self._url, self._own_name, self._drop, self._regained = url, own_name, drop, regained
        self._stop = threading.Event()
        self._start_lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.hears = False

    def start(self) -> None:
        """Begin; a second call does nothing."""
        with self._start_lock:
            if self._thread is None and not self._stop.is_set():
                self._thread = threading.Thread(target=self._run, name="cache-listener", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """End, within about a second."""
        self._stop.set()
        with self._start_lock:
            thread = self._thread
        if thread is not None:
            thread.join(2 * _QUIET_S)

    def _run(self) -> None:
        from redis.client import PubSub
        from redis.exceptions import RedisError

        while not self._stop.is_set():
            client = connect_for_messages(
                self._url, decode_responses=True, socket_connect_timeout=_QUIET_S, socket_timeout=_QUIET_S
            )
            try:
                with PubSub(client.connection_pool) as subscription:
                    self._hear(subscription)
            except (RedisError, OSError) as error:
                _log.warning("the cache does not hear invalidations: %s", error)
            finally:
                self.hears = False
                self._drop(None)
                client.close()
            self._stop.wait(_QUIET_S)

    def _hear(self, subscription: PubSub) -> None:
        subscription.subscribe(CHANNEL)
        asked = False
        while not self._stop.is_set():
            found = subscription.get_message(timeout=_QUIET_S)
            if found is not None:
                asked = False
                self._take(found["type"], found["data"])
            elif asked:
                raise OSError("the server was asked and did not answer")
            else:
                subscription.ping()
                asked = True
                self._regained()

    def _take(self, kind: str, data: str) -> None:
        if kind == "subscribe":
            self._drop(None)  # what was loaded before was not heard about
            self.hears = True
            self._regained()
        elif kind == "message":
            keys = _keys(data, self._own_name)
            if keys != []:
                self._drop(keys)


def _keys(data: str, own_name: str) -> list[str] | None:
    """What another process dropped; none of a message of one's own, and all (None) of one that cannot be read."""
    try:
        told = json.loads(data)
        return [] if told["from"] == own_name else [str(key) for key in told["keys"]]
    except (ValueError, KeyError, TypeError):
        _log.warning("a message on %s cannot be read: %s", CHANNEL, data[:100])
        return None
