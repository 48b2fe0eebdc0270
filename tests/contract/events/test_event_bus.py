"""What every event bus does (E01..): the promise of causeway.ports.events, over Redis and in one process."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from causeway.adapters.messaging.pubsub import InProcessEventBus, RedisEventBus
from causeway.ports.events import EventBus

QUIET_S = 0.05
PATIENT_S = 5.0


@pytest.fixture(params=["in process", pytest.param("redis", marks=pytest.mark.redis)])
def bus(request: pytest.FixtureRequest) -> Iterator[EventBus]:
    if request.param == "in process":
        made: InProcessEventBus | RedisEventBus = InProcessEventBus()
    else:
        made = RedisEventBus(request.getfixturevalue("redis_url"))
    yield made
    made.close()


def test_e01_a_listener_gets_what_is_published_after_it_listens(bus: EventBus) -> None:
    events = bus.listen(["orders:*"], PATIENT_S)
    bus.publish("orders:7", {"seq": 3})
    assert next(events) == ("orders:7", {"seq": 3})


def test_e02_messages_of_one_publisher_keep_their_order(bus: EventBus) -> None:
    events = bus.listen(["jobs:*"], PATIENT_S)
    for number in range(50):
        bus.publish("jobs:1", {"n": number})
    assert [next(events) for _ in range(50)] == [("jobs:1", {"n": number}) for number in range(50)]


def test_e03_quiet_is_reported_as_none(bus: EventBus) -> None:
    assert next(bus.listen(["orders:*"], QUIET_S)) is None


def test_e04_only_matching_channels_are_heard(bus: EventBus) -> None:
    events = bus.listen(["orders:*", "market_data:AAPL"], PATIENT_S)
    bus.publish("alerts:1", {"n": 1})
    bus.publish("market_data:MSFT", {"n": 2})
    bus.publish("market_data:AAPL", {"n": 3})
    bus.publish("orders:1", {"n": 4})
    assert [next(events), next(events)] == [("market_data:AAPL", {"n": 3}), ("orders:1", {"n": 4})]


def test_e05_every_listener_gets_every_message(bus: EventBus) -> None:
    first, second = bus.listen(["orders:*"], PATIENT_S), bus.listen(["orders:*"], PATIENT_S)
    bus.publish("orders:1", {"n": 1})
    assert next(first) == next(second) == ("orders:1", {"n": 1})


def test_e06_messages_before_listening_are_gone(bus: EventBus) -> None:
    bus.publish("orders:1", {"n": 1})
    assert next(bus.listen(["orders:*"], QUIET_S)) is None


def test_e07_nested_json_arrives_whole(bus: EventBus) -> None:
    message = {"text": "Zürich", "none": None, "list": [1, 2.5, {"a": True}]}
    events = bus.listen(["x"], PATIENT_S)
    bus.publish("x", message)
    assert next(events) == ("x", message)


@pytest.mark.parametrize("bad", [{"x": object()}, {"x": float("nan")}])
def test_e08_what_is_not_json_is_dropped_and_logged(
    bus: EventBus, bad: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    events = bus.listen(["x"], PATIENT_S)
    with caplog.at_level(logging.ERROR):
        bus.publish("x", bad)
    bus.publish("x", {"n": 1})
    assert next(events) == ("x", {"n": 1})
    assert "not JSON" in caplog.text


def test_a_full_in_process_listener_loses_the_oldest() -> None:
    bus = InProcessEventBus(capacity=2)
    events = bus.listen(["x"], QUIET_S)
    for number in range(3):
        bus.publish("x", {"n": number})
    assert [next(events), next(events), next(events)] == [("x", {"n": 1}), ("x", {"n": 2}), None]


@pytest.mark.redis
def test_an_event_loop_hears_without_a_thread_and_again_after_it_was_cut_off(redis_url: str) -> None:
    import redis

    bus = RedisEventBus(redis_url)

    async def hear() -> list[object]:
        events = bus.hear(["orders:*"], QUIET_S)
        assert await anext(events) is None  # subscribed
        bus.publish("orders:1", {"n": 1})
        found = [await _next_event(events)]
        with redis.Redis.from_url(redis_url) as client:
            client.client_kill_filter(_type="pubsub")
        deadline = time.monotonic() + PATIENT_S
        while len(found) < 2 and time.monotonic() < deadline:
            bus.publish("orders:1", {"n": 2})
            if (event := await anext(events)) is not None:
                found.append(event)
        await events.aclose()  # type: ignore[attr-defined]  # a generator
        return found

    assert asyncio.run(hear()) == [("orders:1", {"n": 1}), ("orders:1", {"n": 2})]
    bus.close()


async def _next_event(events: AsyncIterator[object]) -> object:
    while (event := await anext(events)) is None:
        pass
    return event
