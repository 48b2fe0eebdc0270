"""A process that loses Redis without being told serves nothing old for long, and what it dropped meanwhile is dropped
everywhere once Redis is back."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from causeway.adapters.storage.cache_manager import CacheManager, Lifetime
from tests.fixtures.severed import Way, way_to
from tests.integration.cache.test_ladder import KEY, Source, listening, wait_until

pytestmark = pytest.mark.redis
HOUR = Lifetime(3600.0)
LONGEST_S = 4.0  # a second of quiet, a second for the answer to a ping; the rest is for a slow machine


@pytest.fixture
def way(redis_url: str) -> Iterator[Way]:
    with way_to(redis_url) as found:
        yield found


@pytest.fixture
def near(redis_url: str) -> Iterator[CacheManager]:
    """A process that reaches Redis all the time."""
    made = CacheManager(redis_url)
    yield listening(made)
    made.close()


@pytest.fixture
def cut_off(way: Way) -> Iterator[CacheManager]:
    """A process behind the way that is severed."""
    made = CacheManager(way.url)
    yield listening(made)
    way.mend()
    made.close()


def test_a_reader_that_is_cut_off_serves_the_old_for_seconds_only(
    way: Way, near: CacheManager, cut_off: CacheManager
) -> None:
    source = Source("old")
    assert cut_off.read(KEY, source.load, HOUR) == "old"
    way.sever()
    source.value = "new"
    near.invalidate([KEY])
    assert wait_until(lambda: cut_off.read(KEY, source.load, HOUR) == "new") < LONGEST_S
    assert not cut_off.hears
    source.value = "newer"
    assert cut_off.read(KEY, source.load, HOUR) == "newer"  # nothing is kept meanwhile
    way.mend()
    wait_until(lambda: cut_off.hears)
    source.value = "newest"
    near.invalidate([KEY])
    wait_until(lambda: cut_off.read(KEY, source.load, HOUR) == "newest")


def test_what_a_process_dropped_while_it_was_cut_off_is_dropped_in_every_process_afterwards(
    way: Way, near: CacheManager, cut_off: CacheManager
) -> None:
    """Though the one that was cut off is asked nothing more."""
    source = Source("old")
    assert near.read(KEY, source.load, HOUR) == "old"
    way.sever()
    source.value = "new"
    cut_off.invalidate([KEY])
    assert near.read(KEY, source.load, HOUR) == "old"
    way.mend()
    mended = time.monotonic()
    wait_until(lambda: near.read(KEY, source.load, HOUR) == "new")
    assert time.monotonic() - mended < LONGEST_S
