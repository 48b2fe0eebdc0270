"""Kafka through librdkafka's own mock cluster: keys, headers, order, and a broker that is away."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, Message, Producer

from causeway.adapters.messaging.kafka_producer import KafkaProducer
from causeway.market_data.trade_stream import TradeBar
from causeway.model.tick import TradeTick
from causeway.model.time import BarSize
from causeway.settings import KafkaSettings
from causeway.streaming.live_market import Drained, LiveBar, LiveTrade
from tests.fixtures.kafka_processes import AT, NOBODY, quotes

PROJECT = Path(__file__).parents[3]
PATIENCE_S = 30.0
ROOM = 1 << 20


@pytest.fixture(scope="module")
def brokers() -> Iterator[str]:
    """A mock cluster of one broker; it lives in this client."""
    host = Producer({"bootstrap.servers": "ignored", "test.mock.num.brokers": 1})
    (broker,) = host.list_topics(timeout=10).brokers.values()
    yield f"{broker.host}:{broker.port}"
    host.flush(0)


def _producer(brokers: str, directory: Path, prefix: str, max_bytes: int = ROOM) -> KafkaProducer:
    timeout_s = 1.0 if brokers == NOBODY else PATIENCE_S
    settings = KafkaSettings(kafka_brokers=brokers, kafka_topic_prefix=prefix, kafka_delivery_timeout_s=timeout_s)
    return KafkaProducer(settings, directory, max_bytes)


def _read(brokers: str, topic: str, count: int) -> list[Message]:
    consumer = Consumer(
        {"bootstrap.servers": brokers, "group.id": topic, "auto.offset.reset": "earliest", "enable.auto.commit": False}
    )
    consumer.subscribe([topic])
    found: list[Message] = []
    deadline = time.monotonic() + PATIENCE_S
    while len(found) < count and time.monotonic() < deadline:
        message = consumer.poll(0.5)
        if message is not None and message.error() is None:
            found.append(message)
    consumer.close()
    return found


def _value(message: Message) -> dict[str, Any]:
    content = message.value()
    assert content is not None
    return dict(json.loads(content))


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_messages_are_keyed_by_instrument_and_name_their_schema_and_version(brokers: str, tmp_path: Path) -> None:
    producer = _producer(brokers, tmp_path, "named.")
    bar = TradeBar(int(AT.timestamp()) * 1_000_000, 10.0, 12.5, 9.5, 11.0, 300.0, 4, version=2)
    trade = TradeTick("AAA", AT, Decimal("10.50"), Decimal(100), AT, "test", trade_id="x1")
    producer.put(Drained(quotes(10).quotes, [LiveBar("AAA", 7, BarSize.MINUTE_1, bar, "test")], [LiveTrade(7, trade)]))
    _until(lambda: producer.report() == {"produced": 3, "delivered": 3, "spool_bytes": 0})
    producer.close()
    found = {kind: _read(brokers, f"named.{kind}", 1)[0] for kind in ("quotes", "bars", "trades")}
    for kind, message in found.items():
        assert message.key() == b"7"
        assert dict(message.headers() or []) == {"schema": f"causeway.{kind}".encode(), "version": b"1"}
    assert _value(found["bars"]) == {
        "instrument_id": 7, "symbol": "AAA", "bar_size": "1m", "start": "2026-03-02T15:00:00Z", "open": 10.0,
        "high": 12.5, "low": 9.5, "close": 11.0, "volume": 300.0, "trades": 4, "version": 2, "withdrawn": False,
        "source": "test",
    }  # fmt: skip
    assert (_value(found["quotes"])["bid"], _value(found["trades"])["trade_id"]) == ("10", "x1")


def test_messages_of_one_instrument_arrive_in_order(brokers: str, tmp_path: Path) -> None:
    producer = _producer(brokers, tmp_path, "ordered.")
    for first in range(1, 401, 20):
        producer.put(quotes(*range(first, first + 20)))
    producer.close()
    bids = [int(_value(message)["bid"]) for message in _read(brokers, "ordered.quotes", 400)]
    assert bids == list(range(1, 401))


def test_a_broker_that_is_away_blocks_nobody_and_gets_everything_in_order_later(brokers: str, tmp_path: Path) -> None:
    away = _producer(NOBODY, tmp_path, "later.")
    began = time.monotonic()
    for price in range(1, 101):
        away.put(quotes(price))
    assert time.monotonic() - began < 1.0
    _until(lambda: away.counts["failed"] > 0)
    away.close()
    assert away.counts["delivered"] == 0
    back = _producer(brokers, tmp_path, "later.")
    back.put(quotes(101))
    _until(lambda: back.counts["delivered"] >= 101)
    back.close()
    bids = [int(_value(message)["bid"]) for message in _read(brokers, "later.quotes", 101)]
    assert bids == list(range(1, 102))


def test_at_the_bound_old_quotes_are_dropped_and_counted_and_bars_stay(brokers: str, tmp_path: Path) -> None:
    away = _producer(NOBODY, tmp_path, "bounded.", max_bytes=64 * 1024)
    bar = TradeBar(0, 1.0, 1.0, 1.0, 1.0, 1.0, 1)
    for minute in range(20):
        start = int((AT + timedelta(minutes=minute)).timestamp()) * 1_000_000
        away.put(Drained((), [LiveBar("AAA", 7, BarSize.MINUTE_1, bar._replace(start_us=start), "test")], ()))
    for price in range(1, 1001):
        away.put(quotes(price))
    away.close()
    dropped = away.report()["dropped_ticks"]
    back = _producer(brokers, tmp_path, "bounded.", max_bytes=64 * 1024)
    _until(lambda: back.counts["delivered"] >= 1020 - dropped)
    back.close()
    assert dropped > 0
    bids = [int(_value(message)["bid"]) for message in _read(brokers, "bounded.quotes", 1000 - dropped)]
    assert bids == list(range(dropped + 1, 1001))
    starts = [_value(message)["start"] for message in _read(brokers, "bounded.bars", 20)]
    assert starts == sorted(set(starts))
    assert len(starts) == 20


def _rest(brokers: str, directory: Path, prefix: str, count: int) -> list[int]:
    """The bids of what an earlier process left, as they arrive by the next one."""
    back = _producer(brokers, directory, prefix)
    _until(lambda: back.counts["delivered"] >= count)
    back.close()
    return [int(_value(message)["bid"]) for message in _read(brokers, f"{prefix}quotes", count)]


@contextmanager
def _process(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process of ``kafka_processes`` and the first line that it says; killed at the end at the latest."""
    command = [sys.executable, "-m", "tests.fixtures.kafka_processes", *arguments]
    paths = os.pathsep.join([str(PROJECT / "layers/core/python"), str(PROJECT)])
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": paths}
    with subprocess.Popen(command, cwd=PROJECT, env=env, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def test_what_a_killed_process_could_not_send_is_sent_by_the_next_one(brokers: str, tmp_path: Path) -> None:
    """The broker was away all the while; nothing of ours ended in order."""
    with _process("producer", str(tmp_path), "killed.", "100") as (process, said):
        assert said == "put"
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert _rest(brokers, tmp_path, "killed.", 100) == list(range(1, 101))


def test_a_broker_that_dies_while_we_send_blocks_nobody_and_loses_nothing(brokers: str, tmp_path: Path) -> None:
    with _process("broker") as (broker, address):
        settings = KafkaSettings(kafka_brokers=address, kafka_topic_prefix="died.", kafka_delivery_timeout_s=2.0)
        producer = KafkaProducer(settings, tmp_path, ROOM)
        producer.put(quotes(*range(1, 51)))
        _until(lambda: producer.counts["delivered"] >= 50)
        broker.kill()
        broker.wait()
        began = time.monotonic()
        for price in range(51, 101):
            producer.put(quotes(price))
        assert time.monotonic() - began < 1.0
        _until(lambda: producer.counts["failed"] > 0)
        producer.close()
    assert _rest(brokers, tmp_path, "died.", 50) == list(range(51, 101))
