"""Cluster mode, as ElastiCache Serverless has it: a command may not name keys of several slots."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from causeway.adapters.messaging.pubsub import RedisEventBus
from causeway.adapters.storage.cache_manager import CacheManager, Lifetime
from causeway.adapters.storage.rate_buckets import RedisBuckets
from local.servers import free_port, start_redis

pytestmark = pytest.mark.redis


class NoFallback:
    """Fails the test when the shared buckets were not used."""

    def take(self, key: str, *, rate_per_s: float, burst: int) -> float:
        raise AssertionError(f"the cluster did not answer for {key}, {rate_per_s}, {burst}")

    def close(self) -> None:
        return None


@pytest.fixture
def cluster_url(tmp_path: Path) -> Iterator[str]:
    """A cluster of one node that holds every slot."""
    server = start_redis(tmp_path, settings=["cluster-enabled yes", f"cluster-port {free_port()}"])
    with Redis.from_url(server.url) as client:
        client.execute_command("CLUSTER ADDSLOTSRANGE 0 16383")
        deadline = time.monotonic() + 20
        while client.execute_command("CLUSTER INFO")["cluster_state"] != "ok":
            assert time.monotonic() < deadline, "the cluster did not come up"
    yield f"{server.url}?cluster=true"
    server.stop(stop_signal=15)


def test_quotes_of_several_slots_are_kept_and_read(cluster_url: str) -> None:
    cache = CacheManager(cluster_url)
    quotes = [{"symbol": symbol, "last": "1"} for symbol in ("AAPL", "MSFT", "IBM")]
    cache.put_quotes(quotes)
    assert cache.latest_quotes(["AAPL", "MSFT", "IBM"], lambda missing: pytest.fail(f"not cached: {missing}")) == quotes
    cache.close()


def test_the_ladder_locks_stores_and_drops_keys_of_several_slots(cluster_url: str) -> None:
    first, second = (CacheManager(cluster_url, listens=False) for _ in range(2))
    keys = [f"portfolio:{user}:summary" for user in "abc"]
    for key in keys:
        first.read(key, lambda: 1, Lifetime(60.0))
    assert [second.read(key, lambda: 2, Lifetime(60.0)) for key in keys] == [1, 1, 1]
    first.invalidate(keys)
    assert [second.read(key, lambda: 2, Lifetime(60.0)) for key in keys] == [2, 2, 2]
    for cache in (first, second):
        cache.close()


def test_an_invalidation_is_heard(cluster_url: str) -> None:
    reader, writer = CacheManager(cluster_url, listens=True), CacheManager(cluster_url, listens=False)
    deadline = time.monotonic() + 10
    reader.read("portfolio:a:summary", lambda: 1, Lifetime(60.0))
    while not reader.hears:
        time.sleep(0.001)
        assert time.monotonic() < deadline
    reader.read("portfolio:a:summary", lambda: 1, Lifetime(60.0))
    writer.invalidate(["portfolio:a:summary"])
    while reader.read("portfolio:a:summary", lambda: 2, Lifetime(60.0)) != 2:
        assert time.monotonic() < deadline
    for cache in (reader, writer):
        cache.close()


def test_rate_limits_are_shared(cluster_url: str) -> None:
    buckets = RedisBuckets(cluster_url, NoFallback())
    assert buckets.take("user", rate_per_s=0.01, burst=1) == 0
    assert buckets.take("user", rate_per_s=0.01, burst=1) > 0
    buckets.close()


def test_events_arrive(cluster_url: str) -> None:
    bus = RedisEventBus(cluster_url)
    received = bus.listen(["orders:*"], timeout_s=0.2)
    bus.publish("orders:1", {"seq": 7})
    assert next(event for event in received if event is not None) == ("orders:1", {"seq": 7})
    received.close()  # type: ignore[attr-defined]  # it is a generator
    bus.close()
