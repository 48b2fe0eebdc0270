"""The second rung: Redis, shared by processes, allowed to vanish at any moment.

A process that finds nothing takes the key's lock, ``lock:{KEY}``, with a token of its own, loads, and stores only
while the lock still holds that token. An invalidation deletes the lock and then the value: a load that began before
it stores nothing. Both keys lie in the same slot of a cluster (the braces make it so).

Source: Redis documentation, SET ("patterns": a lock with a token), EVAL, cluster specification (hash tags).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

from causeway.adapters.redis_client import connect

if TYPE_CHECKING:
    from redis import Redis, RedisCluster

_log = logging.getLogger(__name__)
_TIMEOUT_S = 1.0
_PAUSE_AFTER_FAILURE_S = 1.0
_MOST_OWED = 10_000

_CLAIM = """
local value = redis.call('GET', KEYS[1])
if value then return {value, 0} end
local mine = redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2])
return {false, mine and 1 or 0}
"""
_STORE = """
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return redis.call('DEL', KEYS[2])
"""
_RELEASE = "if redis.call('GET', KEYS[2]) == ARGV[1] then return redis.call('DEL', KEYS[2]) end return 0"


class SharedRung:
    """Never raises for want of Redis: after a failure Redis is left alone for a second, so that nobody waits for it.

    ``announce`` makes the command that tells other processes of dropped keys.
    """

    def __init__(self, url: str, announce: Callable[[list[str]], tuple[object, ...]]) -> None:
        self._url, self._announce = url, announce
        self._client: Redis | RedisCluster | None = None
        self._silent_until = 0.0
        self._owed: dict[str, None] = {}  # what was invalidated while Redis did not answer
        self._lock = threading.Lock()

    @property
    def answers(self) -> bool:
        """Whether Redis is worth asking now."""
        return time.monotonic() >= self._silent_until

    def get(self, key: str) -> bytes | None:
        """The value; None where there is none, or no Redis."""
        return cast("bytes | None", self._ask(lambda client: client.get(key)))

    def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """The values in their order, in one command, or in a cluster in one for each slot."""
        from redis import Redis

        def ask(client: Redis | RedisCluster) -> Any:
            return client.mget(keys) if isinstance(client, Redis) else client.mget_nonatomic(keys)

        return self._ask(ask) or [None] * len(keys)

    def keys_like(self, patterns: Sequence[str]) -> list[str] | None:
        """Every key that is like one of the patterns; None without Redis."""

        def ask(client: Redis | RedisCluster) -> list[str]:
            found = {key for pattern in patterns for key in client.scan_iter(match=pattern, count=1000)}
            return sorted(cast("bytes", key).decode() for key in found)

        return cast("list[str] | None", self._ask(ask))

    def claim(self, key: str, token: str, lock_s: float) -> tuple[bytes | None, bool]:
        """The value if it has come, and else whether the lock is this caller's now."""
        found = self._script(_CLAIM, key, token, int(lock_s * 1000))
        return (found[0], bool(found[1])) if found else (None, False)

    def store(self, key: str, token: str, value: bytes, ttl_s: float) -> bool:
        """Store while the lock is still the caller's, and release it; whether it was."""
        return bool(self._script(_STORE, key, token, value, max(1, int(ttl_s * 1000))))

    def release(self, key: str, token: str) -> None:
        """Let others load."""
        self._script(_RELEASE, key, token)

    def drop(self, keys: Sequence[str]) -> None:
        """Delete locks and values, and announce it. What fails is made up for when Redis answers again."""
        if self.pipe([*_deletions(keys), self._announce(list(keys))]):
            return
        with self._lock:
            self._owed.update(dict.fromkeys(keys))
            if len(self._owed) > _MOST_OWED:
                _log.warning("more than %d keys wait for Redis; the rest expires by itself", _MOST_OWED)
                self._owed = dict.fromkeys(list(self._owed)[-_MOST_OWED:])

    def settle(self) -> None:
        """Make up for what could not be dropped, if Redis answers; the next question does so too."""
        if self._owed:
            self._ask(lambda client: client.ping())

    def pipe(self, commands: Sequence[tuple[object, ...]]) -> list[Any]:
        """Replies to ``commands`` in one round trip; empty without Redis."""
        return self._ask(lambda client: _run(client, commands)) or [] if commands else []

    def close(self) -> None:
        """Close the connections; the next use opens new ones."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _script(self, script: str, key: str, *arguments: object) -> Any:
        return self._ask(lambda client: client.eval(script, 2, key, _lock_of(key), *cast("tuple[str, ...]", arguments)))

    def _ask(self, question: Callable[[Redis | RedisCluster], Any]) -> Any:
        """None without Redis."""
        from redis.exceptions import RedisError

        if not self.answers:
            return None
        try:
            client = self._connected()
            if self._owed:
                self._pay(client)
            return question(client)
        except (RedisError, OSError) as error:
            self._silent_until = time.monotonic() + _PAUSE_AFTER_FAILURE_S
            _log.warning("the cache does not answer: %s", error)
            return None

    def _pay(self, client: Redis | RedisCluster) -> None:
        with self._lock:
            owed = list(self._owed)
        _run(client, [*_deletions(owed), self._announce(owed)])
        with self._lock:
            for key in owed:
                self._owed.pop(key, None)

    def _connected(self) -> Redis | RedisCluster:
        with self._lock:
            if self._client is None:
                self._client = connect(self._url, socket_connect_timeout=_TIMEOUT_S, socket_timeout=_TIMEOUT_S)
            return self._client


def _run(client: Redis | RedisCluster, commands: Sequence[tuple[object, ...]]) -> list[Any]:
    with client.pipeline(transaction=False) as pipeline:
        for command in commands:
            pipeline.execute_command(*command)
        return list(pipeline.execute())


def _deletions(keys: Sequence[str]) -> list[tuple[object, ...]]:
    return [("DEL", name) for key in keys for name in (_lock_of(key), key)]


def _lock_of(key: str) -> str:
    return f"lock:{{{key}}}"
