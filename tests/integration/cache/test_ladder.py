"""The ladder over a real Redis: one load for everybody, and nothing old after an invalidation."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from causeway.adapters.storage.cache_manager import CacheManager, Lifetime
from causeway.errors import InvalidInput, NotFound

MINUTE = Lifetime(60.0)
READERS = 1000
ROOT = Path(__file__).parents[3]
KEY = "portfolio:u1:summary"


class Source:
    """Stands for PostgreSQL: counts, and answers when it is let."""

    def __init__(self, value: Any = 1) -> None:
        self.value, self.asked = value, 0
        self.began, self.go = threading.Event(), threading.Event()
        self.go.set()

    def load(self) -> Any:
        self.asked += 1
        value = self.value
        self.began.set()
        assert self.go.wait(20)
        return value


@pytest.fixture
def make_cache(redis_url: str) -> Iterator[Callable[..., CacheManager]]:
    made: list[CacheManager] = []

    def make(**options: Any) -> CacheManager:
        made.append(CacheManager(redis_url, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as client:
        yield client


def wait_until(true: Callable[[], bool]) -> float:
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < 10, "it did not happen"
        time.sleep(0.0005)
    return time.monotonic() - began


def listening(cache: CacheManager) -> CacheManager:
    cache.read("any", lambda: 0, MINUTE)
    wait_until(lambda: cache.hears)
    return cache


@pytest.mark.redis
def test_a_thousand_threads_that_miss_at_once_make_one_load(make_cache: Callable[..., CacheManager]) -> None:
    cache, source = make_cache(), Source({"equity": "1.50"})
    source.go.clear()
    with ThreadPoolExecutor(READERS) as pool:
        answers = [pool.submit(cache.read, KEY, source.load, MINUTE) for _ in range(READERS)]
        assert source.began.wait(20)
        source.go.set()
        assert all(answer.result() == {"equity": "1.50"} for answer in answers)
    assert source.asked == 1


@pytest.mark.redis
def test_two_processes_that_miss_at_once_make_one_load(redis_url: str, redis: Redis) -> None:
    command = [sys.executable, "-m", "tests.fixtures.cache_reader", redis_url, KEY, "500"]
    children = [subprocess.Popen(command, cwd=ROOT) for _ in range(2)]
    for _ in children:
        assert redis.blpop(["ready"], timeout=60) is not None
    redis.rpush("start", "first", "second")
    assert [child.wait(60) for child in children] == [0, 0]
    assert redis.get("loads") == b"1"


@pytest.mark.redis
def test_a_second_process_reads_from_redis(make_cache: Callable[..., CacheManager]) -> None:
    first, second, source = make_cache(), make_cache(), Source()
    assert [one.read(KEY, source.load, MINUTE) for one in (first, second)] == [1, 1]
    assert source.asked == 1
    assert second.counts()["redis"].hits == 1


@pytest.mark.redis
def test_the_process_keeps_what_it_would_hear_the_end_of(make_cache: Callable[..., CacheManager], redis: Redis) -> None:
    cache, source = listening(make_cache()), Source()
    cache.read(KEY, source.load, MINUTE)
    redis.flushall()
    assert cache.read(KEY, source.load, MINUTE) == 1
    assert (source.asked, cache.counts()["memory"].hits) == (1, 1)


@pytest.mark.redis
def test_a_process_that_does_not_listen_keeps_only_what_never_changes(
    make_cache: Callable[..., CacheManager], redis: Redis
) -> None:
    cache, source = make_cache(listens=False), Source()
    for lifetime, asked in ((MINUTE, 2), (Lifetime(60.0, changes=False), 3)):
        for _ in range(2):
            cache.read(f"key:{lifetime.changes}", source.load, lifetime)
            redis.flushall()
        assert source.asked == asked


@pytest.mark.redis
def test_an_invalidation_reaches_the_other_process_within_milliseconds(make_cache: Callable[..., CacheManager]) -> None:
    reader, writer, source = listening(make_cache()), make_cache(), Source()
    took = []
    for turn in range(20):
        source.value = turn
        writer.invalidate([KEY])
        took.append(wait_until(lambda turn=turn: reader.read(KEY, source.load, MINUTE) == turn))  # type: ignore[misc]
    assert sorted(took)[len(took) // 2] < 0.05


@pytest.mark.redis
def test_a_slow_load_puts_nothing_old_back(make_cache: Callable[..., CacheManager]) -> None:
    reader, writer, source = listening(make_cache()), make_cache(), Source("old")
    source.go.clear()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(reader.read, KEY, source.load, MINUTE)
        assert source.began.wait(10)
        writer.invalidate([KEY])
        source.value = "new"
        source.go.set()
        assert slow.result() == "old"  # it asked before the change
    for cache in (writer, reader):
        wait_until(lambda cache=cache: cache.read(KEY, source.load, MINUTE) == "new")  # type: ignore[misc]
    assert make_cache().read(KEY, source.load, MINUTE) == "new"
    assert source.asked == 2


@pytest.mark.redis
def test_what_does_not_exist_is_asked_for_once_in_a_short_time(
    make_cache: Callable[..., CacheManager], redis: Redis
) -> None:
    cache, source = make_cache(), Source(None)
    for _ in range(3):
        assert cache.read(KEY, source.load, MINUTE) is None
    assert source.asked == 1
    assert 0 < redis.pttl(KEY) <= 1000


@pytest.mark.redis
def test_keys_loaded_together_end_at_different_times_and_before_half_of_theirs(
    make_cache: Callable[..., CacheManager], redis: Redis
) -> None:
    cache = make_cache()
    for number in range(20):
        cache.read(f"key:{number}", lambda: 1, MINUTE)
    ends = [redis.pttl(f"key:{number}") for number in range(20)]
    assert max(ends) <= 30_000
    assert max(ends) - min(ends) > 500


@pytest.mark.redis
def test_a_load_that_fails_is_not_kept_and_holds_nobody_up(make_cache: Callable[..., CacheManager]) -> None:
    first, second = make_cache(), make_cache()

    def fail() -> None:
        raise NotFound("no such account")

    with pytest.raises(NotFound):
        first.read(KEY, fail, MINUTE)
    began = time.monotonic()
    assert second.read(KEY, lambda: 1, MINUTE) == 1
    assert time.monotonic() - began < 5


@pytest.mark.redis
def test_a_process_that_ended_in_a_load_holds_others_up_for_a_bounded_time(
    make_cache: Callable[..., CacheManager], redis: Redis
) -> None:
    redis.set(f"lock:{{{KEY}}}", "of a process that is gone", px=60_000)
    cache = make_cache(wait_s=0.2)
    assert cache.read(KEY, lambda: 1, MINUTE) == 1
    assert redis.get(KEY) is None


@pytest.mark.redis
def test_a_lost_subscription_clears_what_the_process_keeps(
    make_cache: Callable[..., CacheManager], redis: Redis
) -> None:
    cache, source = listening(make_cache()), Source()
    cache.read(KEY, source.load, MINUTE)
    redis.delete(KEY)
    source.value = 2
    redis.client_kill_filter(_type="pubsub")
    wait_until(lambda: cache.read(KEY, source.load, MINUTE) == 2)


@pytest.mark.redis
@pytest.mark.parametrize("text", ["{", "[]", '{"keys": 1}', '{"from": "x", "keys": null}'])
def test_a_message_that_cannot_be_read_clears_everything_and_the_next_is_heard(
    make_cache: Callable[..., CacheManager], redis: Redis, text: str
) -> None:
    cache, source = listening(make_cache()), Source()
    for value, told in ((2, text), (3, json.dumps({"from": "another", "keys": [KEY]}))):
        cache.read(KEY, source.load, MINUTE)
        redis.delete(KEY)
        source.value = value
        redis.publish("cache:dropped", told)
        wait_until(lambda value=value: cache.read(KEY, source.load, MINUTE) == value)  # type: ignore[misc]


@pytest.mark.redis
def test_a_key_with_braces_is_refused(make_cache: Callable[..., CacheManager]) -> None:
    with pytest.raises(InvalidInput, match="braces"):
        make_cache().read("analysis:{1}", lambda: 1, MINUTE)


def test_without_redis_every_read_goes_to_the_source_and_nobody_waits() -> None:
    cache, source = CacheManager("redis://127.0.0.1:1/0"), Source()
    began = time.monotonic()
    for _ in range(100):
        cache.invalidate([KEY])
        cache.read(KEY, source.load, MINUTE)
    assert source.asked == 100
    assert time.monotonic() - began < 5
    cache.close()


@pytest.mark.redis
def test_what_was_invalidated_while_redis_was_away_is_dropped_when_it_is_back(
    make_cache: Callable[..., CacheManager], monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, other, source = make_cache(), make_cache(), Source("old")
    cache.read(KEY, source.load, MINUTE)
    with monkeypatch.context() as patch:
        patch.setattr(cache._shared, "_silent_until", time.monotonic() + 60)
        cache.invalidate([KEY])
    cache._shared._silent_until = 0.0
    source.value = "new"
    cache.read("another", lambda: 1, MINUTE)
    assert other.read(KEY, source.load, MINUTE) == "new"


@pytest.mark.redis
def test_answers_and_hit_rates_of_each_rung_are_counted_and_logged(
    make_cache: Callable[..., CacheManager], redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    cache = listening(make_cache())
    for _ in range(3):
        cache.read(KEY, lambda: 1, MINUTE)
    counts = cache.counts()
    assert (counts["memory"].hits, counts["redis"].hits, counts["load"].hits) == (2, 0, 2)
    assert counts["memory"].hit_rate == 0.5
    cache._report_at = 0.0
    with caplog.at_level(logging.INFO):
        cache.read("another", lambda: 1, MINUTE)
    assert '"memory": {"hits": 2' in caplog.text
