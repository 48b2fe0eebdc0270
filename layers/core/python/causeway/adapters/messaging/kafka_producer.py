"""Quotes, bars and trades to Kafka, through a spool of their own: a broker that is down never holds up the feed.

Promise: at least once, in order for each instrument. A message leaves the spool once a broker confirmed it and every
one before it; after a failure or a crash the rest is sent again from there, so a consumer may see a message twice and
stores by its key: quotes and trades by instrument and time (trades also by trade_id), bars by instrument, bar_size and
start, the highest version wins. At the spool's bound the oldest quotes and trades are dropped and counted, bars never.

Topics: PREFIX and quotes, bars or trades. Key: the instrument's id in decimal. Value: JSON. Headers: ``schema`` names
the shape, ``version`` its version; both in docs/operations/streaming.md.

Source: librdkafka's documentation of the idempotent producer.
"""

from __future__ import annotations

import json
import logging
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causeway.adapters.messaging.spool import Spool
from causeway.model.tick import Quote
from causeway.model.time import isoformat_z, moment
from causeway.ports.spool import Entry, SpoolFull
from causeway.settings import KafkaSettings
from causeway.streaming.live_market import Drained, LiveBar, LiveTrade
from causeway.streaming.wire import plain_decimal, quote_json

if TYPE_CHECKING:
    from confluent_kafka import KafkaError, Message, Producer

_log = logging.getLogger(__name__)
_BARS, _TICKS = "bars", "ticks"
_VERSION = b"1"
_QUIET_S, _PAUSE_S, _LAST_FLUSH_S = 0.1, 1.0, 5.0
_Row = tuple[str, int, dict[str, Any]]


class KafkaProducer:
    """A sink of the live feed. ``counts``: produced, delivered, failed, refused; ``report`` has more."""

    def __init__(
        self, settings: KafkaSettings, directory: Path, max_bytes: int, *, extra: Mapping[str, Any] | None = None
    ) -> None:
        self._prefix = settings.kafka_topic_prefix
        self._config: dict[str, Any] = {
            "bootstrap.servers": settings.kafka_brokers,
            "client.id": "causeway",
            "enable.idempotence": True,
            "acks": "all",
            "linger.ms": 20,
            "compression.type": "lz4",
            "delivery.timeout.ms": int(settings.kafka_delivery_timeout_s * 1000),
            **(extra or {}),
        }
        self._spool = Spool(directory, (_BARS, _TICKS), droppable=[_TICKS], max_bytes=max_bytes)
        self._producer: Producer | None = None
        self._failed = 0
        self._stop = threading.Event()
        self.counts: Counter[str] = Counter()
        self._thread = threading.Thread(target=self._run, name="kafka", daemon=True)
        self._thread.start()

    def put(self, drained: Drained) -> None:
        """Take everything that changed; written to the spool, sent by another thread. Never raises, never waits."""
        self._keep(_BARS, [("bars", bar.instrument_id, _bar(bar)) for bar in drained.bars])
        quotes: list[_Row] = [("quotes", quote.instrument_id, _quote(quote)) for quote in drained.quotes]
        self._keep(_TICKS, [*quotes, *(("trades", one.instrument_id, _trade(one)) for one in drained.trades)])

    def report(self) -> dict[str, int]:
        """Every counter, by name: also ``dropped_LANE``, and ``spool_bytes`` that wait for a broker."""
        dropped = {f"dropped_{lane}": count for lane, count in self._spool.dropped.items()}
        waiting = sum(self._spool.waiting(lane) for lane in (_BARS, _TICKS))
        return {**self.counts, **dropped, "spool_bytes": waiting}

    def close(self) -> None:
        """Send what waits, for a few seconds; the rest is sent after the next start."""
        self._stop.set()
        self._thread.join()
        self._spool.close()

    def _keep(self, lane: str, rows: Sequence[_Row]) -> None:
        if not rows:
            return
        try:
            self._spool.append(lane, json.dumps(rows, separators=(",", ":")).encode(), len(rows))
        except (OSError, SpoolFull) as error:
            self.counts["refused"] += len(rows)
            _log.error("%d messages to Kafka are lost: %s", len(rows), error)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                sent = [self._send(lane) for lane in (_BARS, _TICKS)]
            except Exception:
                _log.exception("sending to Kafka failed; it is tried again from the spool")
                self._forget()
                sent = []
            if not any(sent):
                self._stop.wait(_QUIET_S if sent else _PAUSE_S)
        self._last_turn()

    def _send(self, lane: str) -> bool:
        """Send what waits in a lane and see it confirmed; whether there was anything, and it got there."""
        entries = self._spool.read(lane)
        if not entries:
            return False
        self._failed = 0
        for kind, key, value in _rows(entries):
            self._produce(kind, key, value)
        if not self._confirmed():
            return False
        self._spool.acknowledge(lane, entries[-1].after)
        return True

    def _confirmed(self) -> bool:
        """Wait for every delivery report. Librdkafka gives up a message after the delivery time-out."""
        producer = self._connected()
        while producer.flush(_QUIET_S) and not self._stop.is_set():
            pass
        if len(producer) and self._stop.is_set():
            producer.flush(_LAST_FLUSH_S)
        if self._failed or len(producer):
            self._forget()  # nothing of this turn may arrive after what is sent again
            self._stop.wait(_PAUSE_S)
            return False
        return True

    def _produce(self, kind: str, key: int, value: Mapping[str, Any]) -> None:
        producer = self._connected()
        headers: list[tuple[str, str | bytes | None]] = [("schema", f"causeway.{kind}"), ("version", _VERSION)]
        while True:
            try:
                producer.produce(
                    self._prefix + kind,
                    key=str(key).encode(),
                    value=json.dumps(value, separators=(",", ":")).encode(),
                    headers=headers,
                    on_delivery=self._delivered,
                )
            except BufferError:  # librdkafka's queue is full
                producer.poll(_QUIET_S)
                if self._stop.is_set():
                    raise
            else:
                self.counts["produced"] += 1
                producer.poll(0)
                return

    def _delivered(self, error: KafkaError | None, _message: Message) -> None:
        if error is None:
            self.counts["delivered"] += 1
            return
        self._failed += 1
        self.counts["failed"] += 1
        if self._failed == 1:
            _log.warning("Kafka did not take a message, it is sent again: %s", error)

    def _connected(self) -> Producer:
        if self._producer is None:
            from confluent_kafka import Producer

            self._producer = Producer(self._config, logger=_log)
        return self._producer

    def _forget(self) -> None:
        """Drop the producer with everything that it still holds; an idempotent one cannot leave out a message."""
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.purge()
            producer.flush(_QUIET_S)

    def _last_turn(self) -> None:
        try:
            while self._send(_BARS) or self._send(_TICKS):
                pass
        except Exception:
            _log.exception("what Kafka did not take is sent after the next start")


def _rows(entries: Sequence[Entry]) -> Iterator[_Row]:
    for entry in entries:
        yield from json.loads(entry.payload)


def _quote(quote: Quote) -> dict[str, Any]:
    sizes = {"bid_size": plain_decimal(quote.bid_size), "ask_size": plain_decimal(quote.ask_size)}
    return {"instrument_id": quote.instrument_id, **quote_json(quote), **sizes}


def _bar(one: LiveBar) -> dict[str, Any]:
    bar = one.bar
    return {
        "instrument_id": one.instrument_id,
        "symbol": one.symbol,
        "bar_size": one.bar_size.value,
        "start": isoformat_z(moment(bar.start_us)),
        "open": bar.open,
        "high": bar.high,
        "low": bar.low,
        "close": bar.close,
        "volume": bar.volume,
        "trades": bar.trades,
        "version": bar.version,
        "withdrawn": bar.withdrawn,
        "source": one.source,
    }


def _trade(one: LiveTrade) -> dict[str, Any]:
    tick = one.tick
    return {
        "instrument_id": one.instrument_id,
        "symbol": tick.symbol,
        "time": isoformat_z(tick.time),
        "price": plain_decimal(tick.price),
        "size": plain_decimal(tick.size),
        "received_at": isoformat_z(tick.received_at),
        "source": tick.source,
        "trade_id": tick.trade_id,
        "venue": tick.venue,
        "conditions": list(tick.conditions),
        "eligible": tick.eligible,
    }
