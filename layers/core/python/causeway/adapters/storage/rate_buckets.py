"""Token buckets in Redis, shared by every process; each process counts alone while Redis is down.

One Lua script per take and one key per bucket, so it works on a cluster too. Redis gives the time: clocks need not
agree.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

from causeway.adapters.redis_client import connect

if TYPE_CHECKING:
    from redis import Redis, RedisCluster

    from causeway.ports.rate_buckets import RateBuckets

_log = logging.getLogger(__name__)
_PAUSE_AFTER_FAILURE_S = 1.0
_TIMEOUT_S = 0.5

# Tokens are kept as of a time in microseconds; a bucket that would be full again is forgotten.
_TAKE = """
local now = redis.call('TIME')
local at = now[1] * 1000000 + now[2]
local rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local held = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local gained = math.max(0, at - (tonumber(held[2]) or at)) / 1000000 * rate
local tokens = math.min(burst, (tonumber(held[1]) or burst) + gained)
local wait = 0
if tokens >= 1 then tokens = tokens - 1 else wait = (1 - tokens) / rate end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', string.format('%.0f', at))
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - tokens) / rate * 1000) + 1000)
return tostring(wait)
"""


class RedisBuckets:
    """Buckets that all processes share; ``fallback`` serves while Redis does not answer."""

    def __init__(self, url: str, fallback: RateBuckets) -> None:
        self._url = url
        self._fallback = fallback
        self._client: Redis | RedisCluster | None = None
        self._silent_until = 0.0

    def take(self, key: str, *, rate_per_s: float, burst: int) -> float:
        """Take one token of ``key``. Zero when there was one, else the seconds until there is."""
        from redis.exceptions import RedisError

        if time.monotonic() >= self._silent_until:
            try:
                reply: Any = self._connected().eval(_TAKE, 1, f"rate:{key}", str(rate_per_s), str(burst))
                return float(reply)
            except (RedisError, OSError) as error:
                self._silent_until = time.monotonic() + _PAUSE_AFTER_FAILURE_S
                _log.warning("rate limits are per process for now; Redis does not answer: %s", error)
        return self._fallback.take(key, rate_per_s=rate_per_s, burst=burst)

    def close(self) -> None:
        """Close the connections; the next use opens new ones."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _connected(self) -> Redis | RedisCluster:
        if self._client is None:
            self._client = connect(self._url, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S)
        return self._client
