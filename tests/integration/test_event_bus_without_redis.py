"""Redis may be down, flushed or restarted: publishing never raises, listening comes back."""

from __future__ import annotations

import socket
import time

import pytest

from causeway.adapters.messaging.pubsub import RedisEventBus


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def down() -> RedisEventBus:
    return RedisEventBus(f"redis://127.0.0.1:{_closed_port()}/0")


def test_publishing_without_redis_does_not_raise_and_does_not_wait(down: RedisEventBus) -> None:
    began = time.monotonic()
    for _ in range(200):
        down.publish("orders:1", {"n": 1})
    assert time.monotonic() - began < 2.0
    down.close()


def test_listening_without_redis_reports_quiet(down: RedisEventBus) -> None:
    events = down.listen(["orders:*"], 0.01)
    assert [next(events), next(events)] == [None, None]


@pytest.mark.redis
def test_a_cut_connection_is_reported_once_and_then_mended(redis_url: str) -> None:
    from redis import Redis

    bus = RedisEventBus(redis_url)
    events = bus.listen(["orders:*"], 0.05)
    assert next(events) is None
    admin = Redis.from_url(redis_url)
    admin.client_kill_filter(_type="pubsub")
    assert next(events) is None  # the hint to read PostgreSQL
    heard = None
    deadline = time.monotonic() + 10
    while heard is None and time.monotonic() < deadline:
        bus.publish("orders:1", {"n": 1})
        heard = next(events)
    assert heard == ("orders:1", {"n": 1})
    admin.close()
    bus.close()
