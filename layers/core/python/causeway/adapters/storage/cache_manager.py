"""The cache ladder: this process, then Redis, then whatever the caller loads from: rollups, last values, tables.

``read`` climbs down it. A thousand readers that miss at once make one load: one of a process (``cache.flights``), and
with Redis one of all processes (``cache.shared``). Whoever changes what is cached calls ``invalidate`` after its
transaction has committed; every process forgets it within milliseconds, and a load that began before keeps nothing.
Without Redis, reads still share loads, but only what never changes is kept, as nobody would hear of changes.
"""

from __future__ import annotations

import json
import logging
import os
import random
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json, to_json

from causeway.adapters.storage.cache.counts import Meter, RungCounts
from causeway.adapters.storage.cache.flights import Flight, Flights
from causeway.adapters.storage.cache.listener import CHANNEL, Listener, message
from causeway.adapters.storage.cache.memory import MISSING, MemoryRung
from causeway.adapters.storage.cache.quotes import LoadQuotes, QuoteRungs
from causeway.adapters.storage.cache.shared import SharedRung
from causeway.errors import InvalidInput

_log = logging.getLogger(__name__)
_REPORT_EVERY_S = 300.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.002, 0.05
_JITTER = 0.1
_OF_THE_DATABASE = ("market_data:*", "analysis:*", "portfolio:*")
Load = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Lifetime:
    """Nothing is served that was loaded more than ``ttl_s`` ago, or ``absent_ttl_s`` where the load found None.

    ``changes`` is False for what never does: that is kept in the process even where no invalidation is heard.
    """

    ttl_s: float
    absent_ttl_s: float = 2.0
    changes: bool = True

    def of_rung(self, value: Any) -> float:
        """Seconds on one of the two rungs: half, so that both together stay below; less by chance, so that keys that
        were loaded together are not lost together."""
        whole = self.absent_ttl_s if value is None else self.ttl_s
        return whole / 2 * (1 - _JITTER * random.random())


class CacheManager:
    """One per process. Never raises for want of Redis.

    ``listens`` is False in a process that is frozen between requests (a Lambda function): it hears of an invalidation
    too late, and keeps only what never changes. ``wait_s`` bounds the wait for another process's load.
    """

    def __init__(
        self, url: str, *, listens: bool | None = None, memory: MemoryRung | None = None, wait_s: float = 10.0
    ) -> None:
        self._name = secrets.token_hex(8)
        self._shared = SharedRung(url, lambda keys: ("PUBLISH", CHANNEL, message(self._name, keys)))
        self._memory = memory or MemoryRung()
        self._quotes = QuoteRungs(self._shared, self._memory)
        self._flights = Flights()
        self._listens = "AWS_LAMBDA_FUNCTION_NAME" not in os.environ if listens is None else listens
        self._listener = Listener(url, self._name, self._forget, self._shared.settle)
        self._wait_s = wait_s
        self._meters = {"redis": Meter(), "load": Meter()}
        self._report_at = time.monotonic() + _REPORT_EVERY_S

    def read(self, key: str, load: Load, lifetime: Lifetime) -> Any:
        """The value of ``key``; from ``load`` where no rung holds it. Readers share it: do not change it.

        It is what JSON makes of what ``load`` returns; decimals, ids and times become text. ``load`` returns None for
        what does not exist, which is kept for a short time. What it raises reaches everybody who waits for it, and is
        not kept.

        Raises:
            InvalidInput: the key holds a brace, which would tear its lock into another slot of a cluster.
        """
        value = self._memory.get(key)
        if value is not MISSING:
            return value
        if "{" in key or "}" in key:
            raise InvalidInput(f"a cache key holds no braces; found {key!r}", details={"field": "key"})
        if self._listens and lifetime.changes:
            self._listener.start()
        return self._flights.run(key, lambda flight: self._below(key, load, lifetime, flight))

    def invalidate(self, keys: Sequence[str]) -> None:
        """Forget ``keys`` here, in Redis and in every process. Call it after the change has committed."""
        self._forget(list(keys))
        if keys:
            self._shared.drop(keys)

    def invalidate_all(self) -> int | None:
        """Forget everything that is made of what the database holds; how many values, None without Redis."""
        keys = self._shared.keys_like(_OF_THE_DATABASE)
        if keys is None:
            return None
        self.invalidate(keys)
        return len(keys)

    def counts(self) -> dict[str, RungCounts]:
        """Answers of each rung by name: memory, redis, load."""
        memory = RungCounts(self._memory.hits, self._memory.misses)
        return {"memory": memory, **{name: meter.counts() for name, meter in self._meters.items()}}

    @property
    def hears(self) -> bool:
        """Whether invalidations by other processes arrive."""
        return self._listener.hears

    def put_quotes(self, quotes: Sequence[dict[str, Any]]) -> None:
        """Keep quotes, each a JSON object with ``symbol``."""
        self._quotes.put(quotes)

    def drop_quotes(self, symbols: Sequence[str]) -> None:
        """Forget the quotes of ``symbols``."""
        self._quotes.drop(symbols)

    def latest_quotes(self, symbols: Sequence[str], load: LoadQuotes) -> list[dict[str, Any]]:
        """Last quotes of ``symbols``, in their order; those that are not cached come from ``load`` and are kept."""
        return self._quotes.latest(symbols, load)

    def close(self) -> None:
        """Stop listening and close the connections; a later use opens new ones, but does not listen."""
        self._listener.stop()
        self._shared.close()

    def _forget(self, keys: list[str] | None) -> None:
        self._flights.outdate(keys)
        if keys is None:
            self._memory.clear()
        else:
            self._memory.drop(keys)

    def _below(self, key: str, load: Load, lifetime: Lifetime, flight: Flight) -> Any:
        """From Redis or from ``load``; kept here unless it was invalidated meanwhile."""
        token = secrets.token_hex(16)
        with self._meters["redis"].question() as answered:
            found, mine = self._from_redis(key, token)
            answered.append(found is not None)
        if found is None:
            value, found = self._loaded(key, load, lifetime, token if mine else None)
        else:
            value = from_json(found)
        size, ttl_s = len(found) + len(key), lifetime.of_rung(value)

        def keep() -> None:
            if not lifetime.changes or (self._listens and self._listener.hears):
                self._memory.put(key, value, size=size, ttl_s=ttl_s)

        self._flights.keep(flight, keep)
        self._report()
        return value

    def _report(self) -> None:
        """Answers, hit rates and mean times of the rungs to the log, every few minutes."""
        if time.monotonic() >= self._report_at:
            self._report_at = time.monotonic() + _REPORT_EVERY_S
            _log.info("cache: %s", json.dumps({name: one.as_json() for name, one in self.counts().items()}))

    def _from_redis(self, key: str, token: str) -> tuple[bytes | None, bool]:
        """The value, and else whether this caller holds the lock. Waits for a load by another process."""
        found = self._shared.get(key)
        if found is not None:
            return found, False
        deadline, pause_s = time.monotonic() + self._wait_s, _FIRST_PAUSE_S
        while self._shared.answers:
            found, mine = self._shared.claim(key, token, self._wait_s)
            if found is not None or mine or time.monotonic() >= deadline:
                return found, mine
            time.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        return None, False

    def _loaded(self, key: str, load: Load, lifetime: Lifetime, token: str | None) -> tuple[Any, bytes]:
        try:
            with self._meters["load"].question() as answered:
                value = load()
                answered.append(value is not None)
            data = to_json(value)
        except BaseException:
            if token is not None:
                self._shared.release(key, token)
            raise
        if token is not None:
            self._shared.store(key, token, data, lifetime.of_rung(value))
        return from_json(data), data
