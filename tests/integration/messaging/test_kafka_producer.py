"""Kafka through librdkafka's own mock cluster: keys, headers, order, and a broker that is away."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, Message, Producer

from causeway.adapters.messaging.kafka_producer import KafkaProducer
from causeway.market_data.trade_stream import TradeBar
from causeway.model.tick import Quote, TradeTick
from causeway.model.time import BarSize
from causeway.settings import KafkaSettings
from causeway.streaming.live_market import Drained, LiveBar, LiveTrade

AT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
PATIENCE_S = 30.0
NOBODY = "127.0.0.1:1"
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


def _quotes(*prices: int, symbol: str = "AAA", instrument_id: int = 7) -> Drained:
    one = Decimal(1)
    quotes = [
        Quote(
            symbol, instrument_id, Decimal(price), Decimal(price) + one, Decimal(price), one, one, one, AT, AT, "test"
        )
        for price in prices
    ]
    return Drained(quotes, (), ())


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
    producer.put(Drained(_quotes(10).quotes, [LiveBar("AAA", 7, BarSize.MINUTE_1, bar, "test")], [LiveTrade(7, trade)]))
    producer.close()
    assert producer.report() == {"produced": 3, "delivered": 3}
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
        producer.put(_quotes(*range(first, first + 20)))
    producer.close()
    bids = [int(_value(message)["bid"]) for message in _read(brokers, "ordered.quotes", 400)]
    assert bids == list(range(1, 401))


def test_a_broker_that_is_away_blocks_nobody_and_gets_everything_in_order_later(brokers: str, tmp_path: Path) -> None:
    away = _producer(NOBODY, tmp_path, "later.")
    began = time.monotonic()
    for price in range(1, 101):
        away.put(_quotes(price))
    assert time.monotonic() - began < 1.0
    _until(lambda: away.counts["failed"] > 0)
    away.close()
    assert away.counts["delivered"] == 0
    back = _producer(brokers, tmp_path, "later.")
    back.put(_quotes(101))
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
        away.put(_quotes(price))
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
