"""Token buckets: in this process, and in Redis. Numbers follow from the definition of a token bucket."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from causeway.adapters.storage.rate_buckets import RedisBuckets
from causeway.errors import TooMany
from causeway.ports.rate_buckets import RateBuckets
from causeway.web.rate_limit import ProcessBuckets, RateLimiter
from local.servers import free_port


class NoFallback:
    def take(self, key: str, *, rate_per_s: float, burst: int) -> float:
        raise AssertionError("Redis was expected to answer")


@pytest.fixture(params=["process", "redis"])
def buckets(request: pytest.FixtureRequest) -> Iterator[RateBuckets]:
    if request.param == "process":
        yield ProcessBuckets()
        return
    shared = RedisBuckets(request.getfixturevalue("redis_url"), NoFallback())
    yield shared
    shared.close()


def test_a_full_bucket_serves_its_burst_and_then_waits(buckets: RateBuckets) -> None:
    waits = [buckets.take("a", rate_per_s=0.01, burst=3) for _ in range(4)]
    assert waits[:3] == [0, 0, 0]
    assert waits[3] == pytest.approx(100, abs=2)  # one token per 100 s


def test_refusals_do_not_push_the_wait_back(buckets: RateBuckets) -> None:
    waits = [buckets.take("a", rate_per_s=0.01, burst=1) for _ in range(5)]
    assert waits[4] <= waits[1] <= 100


def test_buckets_are_apart(buckets: RateBuckets) -> None:
    assert buckets.take("a", rate_per_s=0.01, burst=1) == 0
    assert buckets.take("b", rate_per_s=0.01, burst=1) == 0
    assert buckets.take("a", rate_per_s=0.01, burst=1) > 0


def test_requests_at_the_same_time_share_one_burst(buckets: RateBuckets) -> None:
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: buckets.take("a", rate_per_s=0.01, burst=10), range(40)))
    assert sum(wait == 0 for wait in waits) == 10


def test_tokens_come_back_with_time() -> None:
    now = [0.0]
    clock: Callable[[], float] = lambda: now[0]  # noqa: E731 -- a clock that the test moves
    buckets = ProcessBuckets(clock)
    assert [buckets.take("a", rate_per_s=2, burst=2) for _ in range(3)] == [0, 0, 0.5]
    now[0] = 0.5
    assert [buckets.take("a", rate_per_s=2, burst=2) for _ in range(2)] == [0, 0.5]
    now[0] = 100
    assert [buckets.take("a", rate_per_s=2, burst=2) for _ in range(3)] == [0, 0, 0.5]


def test_two_processes_share_a_bucket_in_redis(redis_url: str) -> None:
    one, two = RedisBuckets(redis_url, NoFallback()), RedisBuckets(redis_url, NoFallback())
    assert one.take("a", rate_per_s=0.01, burst=1) == 0
    assert two.take("a", rate_per_s=0.01, burst=1) > 0
    one.close()
    two.close()


def test_without_redis_the_process_counts_alone_and_waits_for_nobody() -> None:
    alone = RedisBuckets(f"redis://127.0.0.1:{free_port()}/0", ProcessBuckets())
    started = time.perf_counter()
    assert [alone.take("a", rate_per_s=0.01, burst=1) > 0 for _ in range(3)] == [False, True, True]
    assert time.perf_counter() - started < 2


def test_the_limiter_says_when_to_come_back() -> None:
    limiter = RateLimiter(rate_per_s=0.5, burst=1)
    limiter.check("user:a")
    with pytest.raises(TooMany) as refused:
        limiter.check("user:a")
    assert refused.value.retry_after_s == pytest.approx(2, abs=0.1)
