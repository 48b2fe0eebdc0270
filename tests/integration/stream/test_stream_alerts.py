"""Tickets that open one stream, and alerts and order events that nothing loses, over real sockets."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import redis
from websockets.exceptions import ConnectionClosed

from causeway.adapters.messaging.pubsub import RedisEventBus
from causeway.adapters.storage.alert_store import AlertStore
from causeway.adapters.storage.ticket_store import TicketStore
from causeway.model.alert import Alert
from causeway.model.identity import Identity, Role
from causeway.web.tokens import hash_secret, new_ticket
from tests.fixtures.databases import Databases
from tests.fixtures.gateway import Keys
from tests.fixtures.stream import Served, add_events

pytestmark = [pytest.mark.postgres, pytest.mark.redis]


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


def test_a_client_that_talks_too_much_is_closed(databases: Databases, redis_url: str, user_factory: Any) -> None:
    """Five at once and one a second: however slowly the rest is sent, and though the close comes before its end."""
    served = Served(databases, redis_url, Keys.generate(), messages_per_s=1)
    try:
        peer = served.connect(user_factory())
        with suppress(ConnectionClosed):
            for number in range(150):
                peer.say(op="ping", id=str(number))
        assert peer.close_code() == 4429
    finally:
        served.stop()


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
    rounds = 60
    seen_orders: list[int] = []
    seen_alerts: list[int] = []

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
