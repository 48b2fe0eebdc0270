"""The cache may vanish at any moment and nothing is lost."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from causeway.adapters.storage.cache_manager import CacheManager

QUOTES = {symbol: {"symbol": symbol, "last": last} for symbol, last in (("AAA", "1"), ("BBB", "2"))}


class Source:
    """Stands for PostgreSQL, and counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def load(self, symbols: Sequence[str]) -> list[dict[str, Any]]:
        self.asked += symbols
        return [QUOTES[symbol] for symbol in symbols if symbol in QUOTES]


@pytest.fixture
def cache(redis_url: str) -> Iterator[CacheManager]:
    made = CacheManager(redis_url)
    yield made
    made.close()


@pytest.mark.redis
def test_what_is_not_cached_is_loaded_once(cache: CacheManager) -> None:
    source = Source()
    for _ in range(2):
        assert cache.latest_quotes(["BBB", "AAA"], source.load) == [QUOTES["BBB"], QUOTES["AAA"]]
    assert source.asked == ["BBB", "AAA"]


@pytest.mark.redis
def test_a_symbol_without_a_quote_is_left_out(cache: CacheManager) -> None:
    assert cache.latest_quotes(["NONE", "AAA"], Source().load) == [QUOTES["AAA"]]


@pytest.mark.redis
def test_after_a_wipe_everything_is_loaded_again(cache: CacheManager, redis_url: str) -> None:
    from redis import Redis

    source, another = Source(), CacheManager(redis_url)  # the first keeps a quote for a quarter of a second
    cache.latest_quotes(["AAA"], source.load)
    with Redis.from_url(redis_url) as client:
        client.flushall()
    assert another.latest_quotes(["AAA"], source.load) == [QUOTES["AAA"]]
    another.close()
    assert source.asked == ["AAA", "AAA"]


@pytest.mark.redis
def test_dropped_quotes_are_loaded_again(cache: CacheManager) -> None:
    source = Source()
    cache.put_quotes([QUOTES["AAA"]])
    cache.drop_quotes(["AAA"])
    cache.latest_quotes(["AAA"], source.load)
    assert source.asked == ["AAA"]


@pytest.mark.redis
def test_the_key_is_the_one_of_the_architecture_and_it_expires(cache: CacheManager, redis_url: str) -> None:
    from redis import Redis

    cache.put_quotes([QUOTES["AAA"]])
    with Redis.from_url(redis_url) as client:
        assert 0 < client.ttl("market_data:AAA:latest") <= 60


def test_without_redis_every_read_goes_to_the_source_and_nobody_waits() -> None:
    cache, source = CacheManager("redis://127.0.0.1:1/0"), Source()
    began = time.monotonic()
    for _ in range(100):
        cache.put_quotes([QUOTES["AAA"]])
        assert cache.latest_quotes(["AAA"], source.load) == [QUOTES["AAA"]]
    assert time.monotonic() - began < 2.0
    cache.close()
