"""Redis as a cache: written after PostgreSQL, read before it, and allowed to vanish at any moment.

Keys: ``market_data:{symbol}:latest`` (JSON of the last quote). Without Redis every read is a miss and every write
is dropped; after a failure Redis is left alone for a second, so that nobody waits for it.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from causeway.adapters.redis_client import connect

if TYPE_CHECKING:
    from redis import Redis, RedisCluster

_log = logging.getLogger(__name__)
_QUOTE_TTL_S = 60
_TIMEOUT_S = 1.0
_PAUSE_AFTER_FAILURE_S = 1.0
LoadQuotes = Callable[[Sequence[str]], Sequence[dict[str, Any]]]


class CacheManager:
    """One per process. Never raises for want of Redis."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: Redis | RedisCluster | None = None
        self._silent_until = 0.0

    def put_quotes(self, quotes: Sequence[dict[str, Any]]) -> None:
        """Keep quotes, each a JSON object with ``symbol``."""
        self._pipe([("SET", _quote_key(quote["symbol"]), json.dumps(quote), "EX", _QUOTE_TTL_S) for quote in quotes])

    def drop_quotes(self, symbols: Sequence[str]) -> None:
        """Forget the quotes of ``symbols``."""
        self._pipe([("DEL", _quote_key(symbol)) for symbol in symbols])

    def latest_quotes(self, symbols: Sequence[str], load: LoadQuotes) -> list[dict[str, Any]]:
        """Last quotes of ``symbols``, in their order; those that are not cached come from ``load`` and are kept."""
        replies = self._pipe([("GET", _quote_key(symbol)) for symbol in symbols])
        found = {
            symbol: json.loads(reply) for symbol, reply in zip(symbols, replies, strict=False) if reply is not None
        }
        missing = [symbol for symbol in symbols if symbol not in found]
        if missing:
            loaded = load(missing)
            self.put_quotes(loaded)
            found |= {quote["symbol"]: quote for quote in loaded}
        return [found[symbol] for symbol in symbols if symbol in found]

    def close(self) -> None:
        """Close the connections; the next use opens new ones."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _pipe(self, commands: Sequence[tuple[object, ...]]) -> list[Any]:
        """Replies to ``commands`` in one round trip; empty without Redis."""
        from redis.exceptions import RedisError

        if not commands or time.monotonic() < self._silent_until:
            return []
        try:
            with self._connected().pipeline(transaction=False) as pipeline:
                for command in commands:
                    pipeline.execute_command(*command)
                return list(pipeline.execute())
        except (RedisError, OSError) as error:
            self._silent_until = time.monotonic() + _PAUSE_AFTER_FAILURE_S
            _log.warning("the cache does not answer: %s", error)
            return []

    def _connected(self) -> Redis | RedisCluster:
        if self._client is None:
            self._client = connect(
                self._url, decode_responses=True, socket_connect_timeout=_TIMEOUT_S, socket_timeout=_TIMEOUT_S
            )
        return self._client


def _quote_key(symbol: str) -> str:
    return f"market_data:{symbol}:latest"
