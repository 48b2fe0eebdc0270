"""The alerts function over API Gateway events, and what raises the same at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import psycopg
import pytest

from causeway.adapters.messaging.pubsub import InProcessEventBus
from causeway.adapters.storage.alert_store import AlertStore
from causeway.adapters.storage.database import named_queries
from causeway.model.alert import Alert, Resolved, Severity
from causeway.web.lambda_handler import http_handler
from functions.alerts.app import create_app
from functions.alerts.services import Services
from tests.fixtures.databases import Databases
from tests.fixtures.gateway import Gateway, Keys

pytestmark = pytest.mark.postgres
MakeUser = Callable[..., UUID]


@pytest.fixture
def alerts(databases: Databases) -> AlertStore:
    return AlertStore(databases.app, InProcessEventBus())


@pytest.fixture
def gateway(alerts: AlertStore, keys: Keys) -> Gateway:
    return Gateway(http_handler(lambda: create_app(Services(alerts), keys.verifier())))


def alert(subject: str, severity: Severity = "warning", quiet_s: float = 900.0) -> Alert:
    return Alert("feed_outage", subject, severity, f"{subject} is away", quiet_s)


@pytest.fixture
def viewer(alerts: AlertStore, user_factory: MakeUser) -> UUID:
    """A user with five alerts: 1 and 4 are critical, 2, 3 and 5 warnings."""
    user_id = user_factory("viewer")
    severities: list[Severity] = ["critical", "warning", "warning", "critical", "warning"]
    for number, severity in enumerate(severities, start=1):
        alerts.raise_for(user_id, alert(f"feed {number}", severity))
    return user_id


def test_alerts_come_newest_first_page_by_page(gateway: Gateway, keys: Keys, viewer: UUID) -> None:
    headers, seen, cursor = keys.bearer(viewer, "viewer"), [], None
    while True:
        page = gateway.get("/v1/alerts", headers, limit=2, cursor=cursor).json
        assert page["unseen"] == 5
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [5, 4, 3, 2, 1]


def test_an_alert_says_what_it_is_about(gateway: Gateway, keys: Keys, viewer: UUID) -> None:
    one = gateway.get("/v1/alerts", keys.bearer(viewer, "viewer"), limit=1).json["items"][0]
    assert one.pop("created_at").endswith("Z")
    assert one == {
        "id": 5, "kind": "feed_outage", "subject": "feed 5", "severity": "warning", "text": "feed 5 is away",
        "acknowledged": False, "resolved_at": None,
    }  # fmt: skip


def test_alerts_are_narrowed_by_severity_and_by_what_was_not_seen(gateway: Gateway, keys: Keys, viewer: UUID) -> None:
    headers = keys.bearer(viewer, "viewer")
    critical = gateway.get("/v1/alerts", headers, severity="critical").json
    assert [one["id"] for one in critical["items"]] == [4, 1]
    gateway.post("/v1/alerts/4/acknowledge", headers=headers)
    left = gateway.get("/v1/alerts", headers, severity="critical", unseen="true").json
    assert ([one["id"] for one in left["items"]], left["unseen"]) == ([1], 4)


def test_one_alert_is_acknowledged_however_often(gateway: Gateway, keys: Keys, viewer: UUID) -> None:
    headers = keys.bearer(viewer, "viewer")
    for _ in range(2):
        answer = gateway.post("/v1/alerts/3/acknowledge", headers=headers)
        assert (answer.status, answer.json["id"], answer.json["acknowledged"]) == (200, 3, True)
    assert gateway.get("/v1/alerts", headers, unseen="true").json["unseen"] == 4


def test_all_up_to_one_are_acknowledged(gateway: Gateway, keys: Keys, viewer: UUID) -> None:
    headers = keys.bearer(viewer, "viewer")
    assert gateway.post("/v1/alerts/acknowledge", {"id": 4}, headers).json == {"acknowledged": 4, "unseen": 1}
    assert gateway.post("/v1/alerts/acknowledge", {"id": 4}, headers).json == {"acknowledged": 0, "unseen": 1}


def test_nobody_sees_or_acknowledges_the_alerts_of_another(
    gateway: Gateway, keys: Keys, viewer: UUID, user_factory: MakeUser, alerts: AlertStore
) -> None:
    other = keys.bearer(user_factory("admin"), "admin")
    assert gateway.get("/v1/alerts", other).json == {"items": [], "next_cursor": None, "unseen": 0}
    answer = gateway.post("/v1/alerts/1/acknowledge", headers=other)
    assert (answer.status, answer.error["code"]) == (404, "not_found")
    gateway.post("/v1/alerts/acknowledge", {"id": 5}, other)
    assert alerts.unseen(viewer) == 5


@pytest.mark.parametrize(("path", "field"), [("0", "alert_id"), ("x", "alert_id"), (str(2**63), "alert_id")])
def test_what_is_no_number_of_an_alert_is_422(
    gateway: Gateway, keys: Keys, viewer: UUID, path: str, field: str
) -> None:
    answer = gateway.post(f"/v1/alerts/{path}/acknowledge", headers=keys.bearer(viewer, "viewer"))
    assert (answer.status, answer.error["fields"][0]["field"]) == (422, field)


def test_equal_alerts_of_one_moment_are_stored_once(
    databases: Databases, alerts: AlertStore, user_factory: MakeUser
) -> None:
    """Eight processes notice the same outage at once, as both roles, time after time."""
    user_id, threads = user_factory("viewer"), 8
    as_service = AlertStore(databases.service, InProcessEventBus())
    for number in range(20):
        barrier = Barrier(threads)

        def notice(store: AlertStore, barrier: Barrier = barrier, number: int = number) -> int | None:
            barrier.wait()
            return store.raise_for(user_id, alert(f"feed {number}"))

        with ThreadPoolExecutor(threads) as pool:
            stored = list(pool.map(notice, [alerts, as_service] * (threads // 2)))
        assert [seq for seq in stored if seq is not None] == [number + 1]
    rows, unseen = alerts.page(user_id, before=None, severity=None, unseen=False, most=100)
    assert ([row["seq"] for row in rows], unseen) == (list(range(20, 0, -1)), 20)


def test_after_its_quiet_time_the_same_is_raised_again(alerts: AlertStore, user_factory: MakeUser) -> None:
    user_id = user_factory("viewer")
    assert alerts.raise_for(user_id, alert("iqfeed")) == 1
    assert alerts.raise_for(user_id, alert("iqfeed")) is None
    assert alerts.raise_for(user_id, alert("iqfeed", quiet_s=0.0)) == 2
    assert alerts.raise_for(user_id, alert("alpaca")) == 3


def test_a_user_raises_none_for_another(databases: Databases, user_factory: MakeUser) -> None:
    """Row-level security: the application's role writes rows of the user whom the transaction is for."""
    from psycopg.errors import InsufficientPrivilege

    from causeway.adapters.storage.alert_store import raise_alert

    mine, theirs = user_factory("viewer"), user_factory("viewer")
    with pytest.raises(InsufficientPrivilege), databases.app.transaction(user_id=mine) as transaction:
        raise_alert(transaction, theirs, alert("iqfeed"))


def test_every_index_of_alerts_serves_a_query(databases: Databases, user_factory: MakeUser) -> None:
    """As EXPLAIN plans them for a user with 5,000 alerts, 50 of which he has not seen."""
    asked: dict[str, dict[str, Any]] = {
        "alerts_after": {"after": 4900, "most": 50},
        "alerts_page": {"before": None, "severity": None, "unseen": True, "most": 50},
        "alerts_unseen": {},
        "alerts_acknowledge": {"to_seq": 5000},
        "alerts_acknowledge_one": {"seq": 17},
    }
    user_id = user_factory("viewer")
    with psycopg.connect(databases.owner_url) as connection:
        connection.execute(
            "INSERT INTO alerts (user_id, seq, kind, subject, severity, text, acknowledged) "
            "SELECT %s, n, 'feed_outage', 's' || n %% 50, 'info', 'text', n <= 4950 FROM generate_series(1, 5000) n",
            [user_id],
        )
        connection.execute("ANALYZE alerts")
        plans = " ".join(
            str(row)
            for name, more in asked.items()
            for row in connection.execute(
                f"EXPLAIN {named_queries()[name]}".encode(), {"user_id": user_id, **more}
            ).fetchall()
        )
        indexes = connection.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'alerts'").fetchall()
        assert [name for (name,) in indexes if f" {name} " not in plans] == []


def test_what_comes_again_after_it_was_over_is_told_again(databases: Databases, user_factory: MakeUser) -> None:
    user_id, store = user_factory("viewer"), AlertStore(databases.service, InProcessEventBus())
    assert [store.raise_for_all(alert("feed")), store.raise_for_all(alert("feed"))] == [1, 0]
    assert store.resolve_for_all(Resolved("feed_outage", "feed")) == 1
    assert store.raise_for_all(alert("feed")) == 1
    assert store.unseen(user_id) == 1
