"""The stream over real sockets: uvicorn on loopback, a real client, PostgreSQL as the source of order events."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import redis
import uvicorn
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from causeway.adapters.messaging.pubsub import InProcessEventBus, RedisEventBus
from causeway.adapters.storage.alert_store import AlertStore
from causeway.adapters.storage.cache_manager import CacheManager
from causeway.adapters.storage.quote_store import QuoteStore
from causeway.adapters.storage.stream_store import StreamStore
from causeway.adapters.storage.ticket_store import TicketStore
from causeway.model.alert import Alert
from causeway.model.identity import Identity, Role
from causeway.ports.events import EventBus
from causeway.settings import StreamSettings
from causeway.web.tokens import hash_secret, new_ticket
from containers.stream.services import Services
from containers.stream.websocket_server import create_app
from containers.stream.wiring import ticket_taker
from tests.fixtures.databases import Databases
from tests.fixtures.gateway import Keys

pytestmark = [pytest.mark.postgres, pytest.mark.redis]
NO_REDIS = "redis://127.0.0.1:1/0"  # nothing listens there: what follows must work without


class Served:
    """A running server. It connects as the application's role, so row-level security is in force."""

    def __init__(
        self,
        databases: Databases,
        redis_url: str,
        keys: Keys,
        *,
        slowest_write_s: float = 10.0,
        bus: EventBus | None = None,
    ) -> None:
        self.databases, self.keys = databases, keys
        self.bus = bus or InProcessEventBus()
        self._calls = ExitStack()
        self.cache = CacheManager(redis_url)
        self.alerts = AlertStore(databases.service, self.bus)
        listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = listening.getsockname()[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        services = Services(
            quotes=QuoteStore(databases.app),
            reads=StreamStore(databases.app),
            alerts=AlertStore(databases.app, self.bus),
            take_ticket=ticket_taker(databases.service),
            cache=self.cache,
            bus=self.bus,
            verifier=keys.verifier(self.origin),
            settings=StreamSettings(stream_heartbeat_s=60, stream_connections_per_user=3),
        )
        app = create_app(services, slowest_write_s=slowest_write_s)
        self._server = uvicorn.Server(uvicorn.Config(app, ws="websockets-sansio", log_config=None, lifespan="on"))
        self._thread = threading.Thread(target=self._server.run, args=([listening],))
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)

    def stop(self) -> None:
        self._calls.close()
        self._server.should_exit = True
        self._thread.join(timeout=20)
        self.cache.close()
        assert not self._thread.is_alive()

    def token(self, user_id: UUID, ttl_s: int = 900) -> str:
        identity = Identity(user_id, "a@example.test", Role.TRADER)
        return self.keys.issuer(self.origin, ttl_s).issue(identity, uuid4()).text

    def connect(self, user_id: UUID) -> Peer:
        return self.dial({"Authorization": f"Bearer {self.token(user_id)}"})

    def dial(self, headers: dict[str, str], query: str = "") -> Peer:
        address = f"ws://127.0.0.1:{self.port}/v1/stream{query}"
        return Peer(self._calls.enter_context(connect(address, additional_headers=headers)))


class Peer:
    """A client that waits for the frames it is asked about."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def say(self, **message: Any) -> None:
        self.socket.send(json.dumps(message))

    def next(self, kind: str, timeout_s: float = 8.0) -> dict[str, Any]:
        """The next frame of this type; others are passed over."""
        deadline = time.monotonic() + timeout_s
        while True:
            frame = json.loads(self.socket.recv(timeout=max(0.01, deadline - time.monotonic())))
            if frame["type"] == kind:
                return dict(frame)

    def close_code(self, timeout_s: float = 8.0) -> int:
        """Read until the server closes; its code."""
        deadline = time.monotonic() + timeout_s
        with pytest.raises(ConnectionClosed) as closed:  # noqa: PT012 - frames that come before are read over
            while True:
                self.socket.recv(timeout=max(0.01, deadline - time.monotonic()))
        return closed.value.rcvd.code if closed.value.rcvd else 1006


@pytest.fixture
def served(databases: Databases, redis_url: str) -> Iterator[Served]:
    made = Served(databases, redis_url, Keys.generate())
    yield made
    made.stop()


@pytest.fixture
def served_without_redis(databases: Databases) -> Iterator[Served]:
    made = Served(databases, NO_REDIS, Keys.generate())
    yield made
    made.stop()


@pytest.fixture
def account(databases: Databases) -> Callable[[UUID], UUID]:
    def make(user_id: UUID) -> UUID:
        with psycopg.connect(databases.owner_url) as connection:
            row = connection.execute(
                "INSERT INTO accounts (user_id, broker, name) VALUES (%s, 'paper', 'Paper') RETURNING id", [user_id]
            ).fetchone()
        assert row is not None
        account_id: UUID = row[0]
        return account_id

    return make


def add_events(databases: Databases, user_id: UUID, account_id: UUID, instrument_id: int, kinds: list[str]) -> None:
    """An order with these events, as the gateway would write them."""
    with psycopg.connect(databases.owner_url) as connection:
        order = connection.execute(
            "INSERT INTO orders (user_id, account_id, client_order_id, instrument_id, symbol, side, quantity, "
            "order_type, time_in_force, limit_price, status, risk_decision, submitted_at, updated_at) "
            "VALUES (%s, %s, gen_random_uuid()::text, %s, 'AAA', 'buy', 10, 'limit', 'day', 10.50, 'new', %s, now(), "
            "now()) RETURNING id",
            [user_id, account_id, instrument_id, json.dumps({"checks": [], "reserved": "105"})],
        ).fetchone()
        assert order is not None
        for kind in kinds:
            connection.execute(
                "WITH head AS (UPDATE accounts SET event_seq = event_seq + 1 WHERE id = %(account)s "
                "RETURNING event_seq) INSERT INTO order_events (account_id, seq, user_id, order_id, kind, source, "
                "source_event_id, status_after, wall_time) SELECT %(account)s, event_seq, %(user)s, %(order)s, "
                "%(kind)s, 'test', event_seq::text, 'new', now() FROM head",
                {"account": account_id, "user": user_id, "order": order[0], "kind": kind},
            )


def set_quote(databases: Databases, symbol: str, instrument_id: int, last: str) -> dict[str, Any]:
    moment = datetime.now(UTC)
    with psycopg.connect(databases.owner_url) as connection:
        connection.execute(
            "INSERT INTO latest_quotes "
            "VALUES (%(id)s, %(symbol)s, %(last)s, %(last)s, %(last)s, 1, 1, 5, %(at)s, %(at)s, 'test') "
            "ON CONFLICT (instrument_id) DO UPDATE SET last = excluded.last, received_at = excluded.received_at",
            {"id": instrument_id, "symbol": symbol, "last": last, "at": moment},
        )
    stamp = moment.isoformat().replace("+00:00", "Z")
    return {
        "symbol": symbol,
        "bid": last,
        "ask": last,
        "last": last,
        "volume": "5",
        "market_time": stamp,
        "received_at": stamp,
    }


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


def _ticket(served: Served, user_id: UUID, *, ttl_s: float = 30.0, session_s: float | None = 900.0) -> str:
    """A ticket as the auth function gives it out."""
    ticket, ends = new_ticket(), None if session_s is None else datetime.now(UTC) + timedelta(seconds=session_s)
    identity = Identity(user_id, "a@example.test", Role.TRADER)
    TicketStore(served.databases.service).add(hash_secret(ticket), identity, ends, ttl_s=ttl_s)
    return f"?ticket={ticket}"


def test_a_ticket_opens_one_stream(served: Served, user_factory: Any) -> None:
    ticket = _ticket(served, user_factory())
    assert served.dial({}, ticket).next("welcome")["type"] == "welcome"
    assert served.dial({}, ticket).close_code() == 4401


@pytest.mark.parametrize(
    ("origin", "ttl_s", "code"), [(None, 0.0, 4401), ("https://evil.example", 30.0, 4403)], ids=["old", "elsewhere"]
)
def test_a_ticket_that_is_too_old_or_comes_from_another_site_opens_none(
    served: Served, user_factory: Any, origin: str | None, ttl_s: float, code: int
) -> None:
    headers = {} if origin is None else {"Origin": origin}
    assert served.dial(headers, _ticket(served, user_factory(), ttl_s=ttl_s)).close_code() == code


def test_a_stream_ends_with_the_sign_in_behind_its_ticket(served: Served, user_factory: Any) -> None:
    peer = served.dial({}, _ticket(served, user_factory(), session_s=1.5))
    assert peer.next("welcome")["type"] == "welcome"
    assert peer.close_code() == 4401


def test_a_client_that_talks_too_much_is_closed(served: Served, user_factory: Any) -> None:
    peer = served.connect(user_factory())
    for number in range(150):
        peer.say(op="ping", id=str(number))
    assert peer.close_code() == 4429


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


def _alert(text: str, quiet_s: float = 0.0) -> Alert:
    return Alert("feed_outage", "iqfeed", "critical", text, quiet_s)


def test_alerts_come_after_the_cursor_and_are_acknowledged(served: Served, user_factory: Any) -> None:
    user_id = user_factory()
    for number in range(1, 4):
        served.alerts.raise_for(user_id, _alert(f"text {number}"))
    peer = served.connect(user_id)
    peer.say(op="subscribe", channel="alerts", after=1)
    frame = peer.next("alerts")
    assert (frame["from_seq"], frame["to_seq"]) == (2, 3)
    assert {name: frame["alerts"][0][name] for name in ("kind", "subject", "severity", "text", "acknowledged")} == {
        "kind": "feed_outage", "subject": "iqfeed", "severity": "critical", "text": "text 2", "acknowledged": False,
    }  # fmt: skip
    peer.say(op="acknowledge", channel="alerts", to_seq=2)
    peer.say(op="subscribe", channel="alerts", after=0)
    assert [alert["acknowledged"] for alert in peer.next("alerts")["alerts"]] == [True, True, False]


def test_an_alert_is_not_repeated_within_its_quiet_time_and_reaches_every_active_user(
    served: Served, user_factory: Any
) -> None:
    first, second = user_factory(), user_factory()
    assert served.alerts.raise_for_all(_alert("down", quiet_s=900)) == 2
    assert served.alerts.raise_for_all(_alert("still down", quiet_s=900)) == 0
    assert [served.alerts.head(user) for user in (first, second)] == [1, 1]


def test_nobody_sees_the_alerts_of_another(served: Served, user_factory: Any) -> None:
    mine, theirs = user_factory(), user_factory()
    served.alerts.raise_for(theirs, _alert("secret"))
    store = AlertStore(served.databases.app, served.bus)
    assert (store.head(mine), store.after(mine, 0, 10)) == (0, [])
    assert store.acknowledge(mine, 10) == 0


def test_no_order_event_and_no_alert_is_lost_across_redis_flushes_and_reconnects(
    databases: Databases,
    redis_url: str,
    user_factory: Any,
    account: Callable[[UUID], UUID],
    small_market: dict[str, int],
) -> None:
    """Events are written all the time, half of them without a wake-up; Redis is emptied, clients are cut off."""
    user_id = user_factory()
    account_id = account(user_id)
    bus = RedisEventBus(redis_url)
    served = Served(databases, redis_url, Keys.generate(), bus=bus)
    rounds, seen_orders, seen_alerts = 60, [], []

    def write() -> None:
        for number in range(rounds):
            add_events(databases, user_id, account_id, small_market["AAA"], ["sent"])
            served.alerts.raise_for(user_id, _alert(f"{number}"))
            if number % 2:
                bus.publish(f"orders:{user_id}", {"account_id": str(account_id)})
            if number % 7 == 0:
                with redis.Redis.from_url(redis_url) as client:
                    client.flushall()
                    client.client_kill_filter(_type="pubsub")

    writer = threading.Thread(target=write)
    try:
        writer.start()
        deadline = time.monotonic() + 60
        while (len(seen_orders) < rounds or len(seen_alerts) < rounds) and time.monotonic() < deadline:
            peer = served.connect(user_id)
            after = {str(account_id): seen_orders[-1] if seen_orders else 0}
            peer.say(op="subscribe", channel="orders", after=after)
            peer.say(op="subscribe", channel="alerts", after=seen_alerts[-1] if seen_alerts else 0)
            for _ in range(12):  # frames of one connection; then it is cut off in the middle of whatever comes
                frame = json.loads(peer.socket.recv(timeout=8))
                seen_orders += [event["seq"] for event in frame.get("events", ())]
                seen_alerts += [alert["seq"] for alert in frame.get("alerts", ())]
                if len(seen_orders) >= rounds and len(seen_alerts) >= rounds:
                    break
            peer.socket.socket.shutdown(socket.SHUT_RDWR)
        writer.join()
    finally:
        served.stop()
        bus.close()
    assert seen_orders == list(range(1, rounds + 1))
    assert seen_alerts == list(range(1, rounds + 1))
