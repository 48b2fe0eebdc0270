"""The stream over real sockets: uvicorn on loopback, a real client, PostgreSQL as the source of order events."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.request import urlopen
from uuid import UUID

import psycopg
import pytest

from causeway.adapters.messaging.pubsub import InProcessEventBus
from causeway.adapters.storage.live_store import LiveStore
from causeway.model.tick import TradingState
from causeway.streaming.wire import BATCH_CHANNEL, status_json
from tests.fixtures.databases import Databases
from tests.fixtures.gateway import Keys
from tests.fixtures.stream import Served, add_events, set_quote

pytestmark = [pytest.mark.postgres, pytest.mark.redis]


def test_nobody_gets_in_without_a_token(served: Served) -> None:
    assert served.dial({}).close_code() == 4401
    assert served.dial({"Authorization": "Bearer forged"}).close_code() == 4401


def test_a_page_of_another_site_is_turned_away(served: Served, user_factory: Any) -> None:
    cookie = f"causeway-access={served.token(user_factory())}"
    for headers in ({"Origin": "https://evil.example", "Cookie": cookie}, {"Cookie": cookie}):
        assert served.dial(headers).close_code() == 4403


def test_our_own_page_gets_in_with_its_cookie(served: Served, user_factory: Any) -> None:
    headers = {"Origin": served.origin, "Cookie": f"causeway-access={served.token(user_factory())}"}
    assert served.dial(headers).next("welcome")["heartbeat_s"] == 60


def test_a_connection_ends_with_its_token(served: Served, user_factory: Any) -> None:
    soon = served.token(user_factory(), ttl_s=2)
    headers = {"Authorization": f"Bearer {soon}"}
    peer = served.dial(headers)
    assert peer.next("welcome")["type"] == "welcome"
    assert peer.close_code() == 4401


def test_a_user_may_hold_only_so_many_connections(served: Served, user_factory: Any) -> None:
    user_id = user_factory()
    held = [served.connect(user_id) for _ in range(3)]
    for peer in held:
        peer.next("welcome")
    assert served.connect(user_id).close_code() == 4429
    assert served.connect(user_factory()).next("welcome")["type"] == "welcome"


def test_what_is_no_message_ends_the_connection(served: Served, user_factory: Any) -> None:
    peer = served.connect(user_factory())
    peer.socket.send("{")
    assert peer.close_code() == 4400


def test_quotes_come_as_a_snapshot_and_then_as_they_are_published(
    served: Served, user_factory: Any, small_market: dict[str, int]
) -> None:
    set_quote(served.databases, "AAA", small_market["AAA"], "10")
    peer = served.connect(user_factory())
    peer.say(op="subscribe", channel="quotes", symbols=["AAA", "NOPE"])
    assert "NOPE" in peer.next("error")["message"]
    first = peer.next("quotes")
    assert (first["seq"], [quote["last"] for quote in first["quotes"]]) == (1, ["10"])
    moved = set_quote(served.databases, "AAA", small_market["AAA"], "11")
    served.bus.publish("market_data:AAA", moved)
    assert [quote["last"] for quote in peer.next("quotes", 1.5)["quotes"]] == ["11"]


def test_the_market_clock_is_told(served: Served, user_factory: Any) -> None:
    assert served.connect(user_factory()).next("market") == {
        "type": "market", "mode": "closed", "market_time": None, "speed": 1.0,
    }  # fmt: skip


def test_quotes_go_on_without_redis_and_without_a_single_message(
    served_without_redis: Served, user_factory: Any, small_market: dict[str, int]
) -> None:
    served = served_without_redis
    peer = served.connect(user_factory())
    peer.say(op="subscribe", channel="quotes", symbols=["AAA"])
    set_quote(served.databases, "AAA", small_market["AAA"], "12")
    assert peer.next("quotes")["quotes"][0]["last"] == "12"


def test_every_order_event_after_the_cursor_arrives_though_no_message_was_sent(
    served_without_redis: Served, user_factory: Any, account: Callable[[UUID], UUID], small_market: dict[str, int]
) -> None:
    served, user_id = served_without_redis, user_factory()
    account_id = account(user_id)
    add_events(served.databases, user_id, account_id, small_market["AAA"], ["submitted", "sent", "accepted"])
    peer = served.connect(user_id)
    peer.say(op="subscribe", channel="orders", after={str(account_id): 1})
    frame = peer.next("orders")
    assert (frame["account_id"], frame["from_seq"], frame["to_seq"]) == (str(account_id), 2, 3)
    assert [event["kind"] for event in frame["events"]] == ["sent", "accepted"]
    assert frame["events"][0]["order"]["limit_price"] == "10.5"
    add_events(served.databases, user_id, account_id, small_market["AAA"], ["submitted", "fill"])
    later = peer.next("orders")
    assert (later["from_seq"], later["to_seq"]) == (4, 5)
    assert peer.next("portfolio")["account_id"] == str(account_id)


def test_a_long_history_arrives_whole_and_in_order(
    served: Served, user_factory: Any, account: Callable[[UUID], UUID], small_market: dict[str, int]
) -> None:
    user_id = user_factory()
    account_id = account(user_id)
    add_events(served.databases, user_id, account_id, small_market["AAA"], ["sent"] * 450)
    peer = served.connect(user_id)
    peer.say(op="subscribe", channel="orders", after={str(account_id): 0})
    seqs: list[int] = []
    while len(seqs) < 450:
        seqs += [event["seq"] for event in peer.next("orders")["events"]]
    assert seqs == list(range(1, 451))


def test_a_message_makes_order_events_arrive_at_once(
    served: Served, user_factory: Any, account: Callable[[UUID], UUID], small_market: dict[str, int]
) -> None:
    user_id = user_factory()
    account_id = account(user_id)
    peer = served.connect(user_id)
    peer.say(op="subscribe", channel="orders")
    peer.say(op="ping", id="1")
    peer.next("pong")
    waits = []
    for _ in range(5):
        add_events(served.databases, user_id, account_id, small_market["AAA"], ["submitted"])
        began = time.monotonic()
        served.bus.publish(f"orders:{user_id}", {"account_id": str(account_id)})
        peer.next("orders")
        waits.append(time.monotonic() - began)
    assert sorted(waits)[2] < 0.5  # the poll alone would take two seconds


def test_nobody_sees_the_orders_or_jobs_of_another(
    served: Served, user_factory: Any, account: Callable[[UUID], UUID], small_market: dict[str, int]
) -> None:
    mine, theirs = user_factory(), user_factory()
    their_account = account(theirs)
    add_events(served.databases, theirs, their_account, small_market["AAA"], ["submitted"])
    add_job(served.databases, theirs, "secret")
    peer = served.connect(mine)
    peer.say(op="subscribe", channel="orders", after={str(their_account): 0})
    assert peer.next("error")["code"] == "not_found"
    peer.say(op="subscribe", channel="jobs")
    peer.say(op="ping", id="end")
    with pytest.raises(TimeoutError):
        peer.next("jobs", 2.5)


def add_job(databases: Databases, user_id: UUID, name: str) -> UUID:
    with psycopg.connect(databases.owner_url) as connection:
        row = connection.execute(
            "INSERT INTO jobs (user_id, name, spec) VALUES (%s, %s, '{}') RETURNING id", [user_id, name]
        ).fetchone()
    assert row is not None
    return UUID(str(row[0]))


def test_jobs_come_as_they_stand_and_when_they_change(served: Served, user_factory: Any) -> None:
    user_id = user_factory()
    job_id = add_job(served.databases, user_id, "first")
    peer = served.connect(user_id)
    peer.say(op="subscribe", channel="jobs")
    assert [(job["name"], job["state"]) for job in peer.next("jobs")["jobs"]] == [("first", "queued")]
    with psycopg.connect(served.databases.owner_url) as connection:
        connection.execute(
            "UPDATE jobs SET state = 'running', progress = 0.5, started_at = %s WHERE id = %s",
            [datetime.now(UTC) - timedelta(seconds=30), job_id],
        )
    (job,) = peer.next("jobs")["jobs"]
    assert (job["state"], job["progress"]) == ("running", 0.5)
    assert job["eta_s"] == pytest.approx(30.0, abs=5.0)  # as long again as it took so far


def test_a_client_that_does_not_read_is_closed(
    databases: Databases, redis_url: str, user_factory: Any, small_market: dict[str, int]
) -> None:
    served = Served(databases, redis_url, Keys.generate(), slowest_write_s=0.5)
    try:
        user_id = user_factory()
        with socket.create_connection(("127.0.0.1", served.port)) as raw:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            raw.sendall(_handshake(served, user_id))
            assert b"101 Switching Protocols" in raw.recv(1024)
            subscribe = json.dumps({"op": "subscribe", "channel": "quotes", "symbols": ["AAA"]}).encode()
            raw.sendall(_client_frame(subscribe))
            deadline = time.monotonic() + 30
            while not _is_connected(served):
                time.sleep(0.01)
            big = set_quote(databases, "AAA", small_market["AAA"], "1") | {"source": "x" * 500_000}
            while time.monotonic() < deadline and _is_connected(served):
                stamp = datetime.now(UTC).isoformat().replace("+00:00", "Z")
                served.bus.publish("market_data:AAA", big | {"received_at": stamp})
                time.sleep(0.1)
            assert not _is_connected(served)
    finally:
        served.stop()


def _is_connected(served: Served) -> bool:
    assert isinstance(served.bus, InProcessEventBus)
    return bool(served.bus._listeners)  # the hub stops listening when its last client has left


def _handshake(served: Served, user_id: UUID) -> bytes:
    lines = [
        "GET /v1/stream HTTP/1.1",
        f"Host: 127.0.0.1:{served.port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        f"Authorization: Bearer {served.token(user_id)}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _client_frame(payload: bytes) -> bytes:
    """A masked text frame of fewer than 126 bytes (RFC 6455, 5.2), masked with zeros."""
    return bytes([0x81, 0x80 | len(payload), 0, 0, 0, 0]) + payload


def test_halts_come_as_a_snapshot_and_then_as_they_are_published(
    served: Served, small_market: dict[str, int], user_factory: Any
) -> None:
    at = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
    halt = TradingState("AAA", small_market["AAA"], True, "H", "News pending", at, None, None, None, at, "alpaca")
    live = LiveStore(served.databases.service)
    live.hold_clock("feed", at, name="alpaca")
    live.write_states([halt])
    peer = served.connect(user_factory())
    peer.say(op="subscribe", channel="status", symbols=["AAA", "NOPE"])
    assert "NOPE" in peer.next("error")["message"]
    assert peer.next("status")["statuses"] == [status_json(halt)]
    over = replace(halt, halted=False, code="T", received_at=at + timedelta(seconds=1))
    served.bus.publish(BATCH_CHANNEL, {"quotes": [], "statuses": [status_json(halt), status_json(over)]})
    assert peer.next("status")["statuses"] == [status_json(over)]


def test_a_halt_arrives_though_no_message_was_sent(
    served_without_redis: Served, small_market: dict[str, int], user_factory: Any
) -> None:
    peer = served_without_redis.connect(user_factory())
    peer.say(op="subscribe", channel="status", symbols=["AAA"])
    peer.say(op="ping", id="1")
    peer.next("pong")
    at = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
    halt = TradingState("AAA", small_market["AAA"], True, "H", "", at, None, None, None, at, "alpaca")
    live = LiveStore(served_without_redis.databases.service)
    live.hold_clock("feed", at, name="alpaca")
    live.write_states([halt])
    assert peer.next("status")["statuses"] == [status_json(halt)]


def test_the_feeds_and_the_servers_counters_are_there_for_a_scraper(served: Served, user_factory: Any) -> None:
    now = datetime.now(UTC)
    LiveStore(served.databases.service).hold_clock("feed", now, name="alpaca", tally={"counts": {"published": 12}})
    served.connect(user_factory()).next("welcome")
    with urlopen(f"{served.origin}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    assert 'causeway_feed{name="published"} 12' in text
    assert 'causeway_stream{name="connections"} 1' in text
    assert 'causeway_stream{name="frames"} ' in text
