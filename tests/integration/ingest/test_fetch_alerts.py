"""What the owner of a fetch is told of by alerts, and what not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import numpy as np
import psycopg
import pytest

from causeway.adapters.feeds.fallback import FallbackFeed
from causeway.adapters.messaging.pubsub import InProcessEventBus
from causeway.adapters.storage.alert_store import AlertStore
from causeway.errors import CausewayError, NotFound, TooMany, Unavailable
from causeway.model.alert import Alert, Resolved
from causeway.model.fetch import FetchSpec
from causeway.model.identity import Role
from causeway.model.time import BarSize
from causeway.pipelines.schedules import load_schedules
from causeway.ports.feed import BarPage
from containers.ingest.scheduler import Scheduler
from functions.ingest.planner import Planner
from tests.fixtures.databases import Databases
from tests.integration.ingest.bench import Bench
from tests.integration.ingest.fetching import ScriptedFeed
from tests.integration.ingest.test_scheduled_fetches import FRIDAY_EVENING, Started

pytestmark = pytest.mark.postgres
DAILY = replace(load_schedules()[0], symbols=("AAPL", "MSFT"), start=datetime(2024, 7, 1, tzinfo=UTC).date())


@pytest.fixture
def bench(databases: Databases, user_factory: Callable[..., UUID]) -> Bench:
    return Bench(databases, user_factory("admin"))


@pytest.fixture
def alerts(databases: Databases) -> AlertStore:
    return AlertStore(databases.service, InProcessEventBus())


def told(alerts: AlertStore, user_id: UUID) -> list[tuple[str, str, str]]:
    """Kind, subject and severity, oldest first."""
    return [(one["kind"], one["subject"], one["severity"]) for one in alerts.after(user_id, 0, 100)]


def run(bench: Bench, alerts: AlertStore, feed: FallbackFeed | ScriptedFeed, share: float = 0.02) -> None:
    assert bench.run(feed, tell=alerts.raise_for, quarantine_share=share)


def test_a_fetch_that_succeeds_tells_nothing(bench: Bench, alerts: AlertStore) -> None:
    bench.submit("MSFT")
    run(bench, alerts, ScriptedFeed())
    assert told(alerts, bench.user_id) == []


def test_a_users_fetch_that_providers_failed_is_a_warning(bench: Bench, alerts: AlertStore) -> None:
    down = Unavailable("no route")
    feed = ScriptedFeed(fail={("MSFT", 0): down, ("IBM", 0): down})
    some, whole = bench.submit("AAPL", "MSFT"), bench.submit("MSFT", "IBM")
    run(bench, alerts, feed)
    run(bench, alerts, feed)
    assert told(alerts, bench.user_id) == [
        ("ingestion_failed", f"fetch {some}", "warning"),
        ("ingestion_failed", f"fetch {whole}", "warning"),
    ]
    assert "1 of 2 symbols failed" in alerts.after(bench.user_id, 0, 1)[0]["text"]


@pytest.mark.parametrize(
    ("symbol", "year"), [("NOPE", 2024), ("AAPL", 1950), ("AAPL", 2090)], ids=["unknown", "before", "future"]
)
def test_a_question_without_an_answer_rings_no_bell(bench: Bench, alerts: AlertStore, symbol: str, year: int) -> None:
    spec = FetchSpec(BarSize.DAY_1, datetime(year, 1, 2, tzinfo=UTC), datetime(year, 3, 1, tzinfo=UTC))
    fetch_id = bench.submit(symbol, spec=spec)
    run(bench, alerts, ScriptedFeed())
    assert bench.get(fetch_id)["state"] == "failed"
    assert told(alerts, bench.user_id) == []


def test_a_schedule_that_brings_nothing_any_more_is_critical(bench: Bench, alerts: AlertStore) -> None:
    Scheduler(bench.runs, [replace(DAILY, symbols=("NOPE", "GONE"))], now=lambda: FRIDAY_EVENING).look()
    run(bench, alerts, ScriptedFeed())
    assert told(alerts, bench.user_id) == [("ingestion_failed", "us-daily 2024-07-12", "critical")]


def test_a_schedule_with_one_symbol_that_is_gone_is_a_warning(bench: Bench, alerts: AlertStore) -> None:
    Scheduler(bench.runs, [replace(DAILY, symbols=("AAPL", "GONE"))], now=lambda: FRIDAY_EVENING).look()
    run(bench, alerts, ScriptedFeed())
    assert told(alerts, bench.user_id) == [("ingestion_failed", "us-daily 2024-07-12", "warning")]


def test_a_scheduled_fetch_that_no_runner_takes_up_is_told(
    bench: Bench, databases: Databases, alerts: AlertStore
) -> None:
    Scheduler(bench.runs, [DAILY], now=lambda: FRIDAY_EVENING).look()
    assert bench.runs.left_alone(600.0) == []
    with psycopg.connect(databases.owner_url) as connection:
        connection.execute("UPDATE fetch_jobs SET created_at = created_at - interval '12 minutes'")
    [found] = bench.runs.left_alone(600.0)
    assert (found["schedule"], found["minutes"], found["busy"]) == ("us-daily", 12, False)

    def tell(alert: Alert) -> int:
        return alerts.raise_for_all(alert, role=Role.ADMIN)

    Planner(bench.runs, Started(), [DAILY], tell=tell).run({"resume": True})
    assert told(alerts, bench.user_id) == [("no_runner", "us-daily 2024-07-12", "critical")]
    run(bench, alerts, ScriptedFeed())
    assert bench.runs.left_alone(600.0) == []


def test_an_alert_that_is_over_is_no_longer_among_the_unseen(bench: Bench, alerts: AlertStore) -> None:
    gap = Alert("trades_missed", "iqfeed 2024-07-12T15:00", "warning", "trades were missed")
    alerts.raise_for(bench.user_id, gap)
    assert alerts.resolve_for_all(Resolved(gap.kind, "iqfeed 2024-07-12T16:00")) == 0
    assert alerts.unseen(bench.user_id) == 1
    assert alerts.resolve_for_all(Resolved(gap.kind, gap.subject)) == 1
    assert alerts.resolve_for_all(Resolved(gap.kind, gap.subject)) == 0
    assert alerts.unseen(bench.user_id) == 0
    [one] = alerts.after(bench.user_id, 0, 10)
    assert one["resolved_at"] is not None
    assert not one["acknowledged"]


def test_a_provider_that_is_down_is_named_though_the_next_one_answers(bench: Bench, alerts: AlertStore) -> None:
    first = ScriptedFeed(name="first", fail={("MSFT", 0): Unavailable("no route")})
    bench.submit("MSFT")
    run(bench, alerts, FallbackFeed([first, ScriptedFeed(name="second")]))
    assert told(alerts, bench.user_id) == [("provider_degraded", "first", "warning")]
    assert "no route" in alerts.after(bench.user_id, 0, 1)[0]["text"]


@pytest.mark.parametrize("alone", [True, False])
def test_a_provider_whose_words_no_table_takes_fails_its_symbol_alone(
    bench: Bench, alerts: AlertStore, alone: bool
) -> None:
    """PostgreSQL has no text with a NUL or half a surrogate pair; a server that answers rubbish may send them."""
    first = ScriptedFeed(name="first", fail={("MSFT", 0): Unavailable("answered HTTP 502: \x00\ud800")})
    fetch_id = bench.submit("MSFT", "IBM")
    run(bench, alerts, first if alone else FallbackFeed([first, ScriptedFeed(name="second")]))
    states = {symbol: row["state"] for symbol, row in bench.symbols(fetch_id).items()}
    assert states == {"MSFT": "failed" if alone else "succeeded", "IBM": "succeeded"}
    assert [kind for kind, _, _ in told(alerts, bench.user_id)] == [
        "ingestion_failed" if alone else "provider_degraded"
    ]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (TooMany("25 requests a day", retry_after_s=86_400), [("budget_exhausted", "first", "warning")]),
        (TooMany("5 requests a minute", retry_after_s=60), [("provider_degraded", "first", "warning")]),
        (NotFound("no such symbol"), []),
    ],
)
def test_a_plan_that_is_used_up_for_the_day_is_told_from_a_throttle_and_from_a_symbol_nobody_knows(
    bench: Bench, alerts: AlertStore, error: CausewayError, expected: list[tuple[str, str, str]]
) -> None:
    first = ScriptedFeed(name="first", fail={("MSFT", 0): error})
    bench.submit("MSFT")
    run(bench, alerts, FallbackFeed([first, ScriptedFeed(name="second")]))
    assert told(alerts, bench.user_id) == expected


@pytest.mark.parametrize(("share", "expected"), [(0.04, True), (0.06, False)])
def test_more_in_quarantine_than_the_share_is_told(
    bench: Bench, alerts: AlertStore, share: float, expected: bool
) -> None:
    """13 of the year's 252 bars (5.2 %) have a high below their low."""

    def spoil(_symbol: str, page: BarPage) -> BarPage:
        high = page.bars.high.copy()
        high[np.arange(0, len(high), 20)] = 0.01
        return replace(page, bars=replace(page.bars, high=high))

    fetch_id = bench.submit("MSFT")
    run(bench, alerts, ScriptedFeed(page=300, change=spoil), share)
    wanted = [("quarantine_high", f"fetch {fetch_id}", "warning")] if expected else []
    assert told(alerts, bench.user_id) == wanted


def test_a_schedules_symbol_without_a_bar_of_the_session_is_stale(bench: Bench, alerts: AlertStore) -> None:
    """MSFT's provider answers, and has nothing after Wednesday; the session is Friday's."""

    def cut(symbol: str, page: BarPage) -> BarPage:
        if symbol != "MSFT":
            return page
        kept = page.bars.time_us < int(datetime(2024, 7, 11, tzinfo=UTC).timestamp() * 1e6)
        names = ("time_us", "open", "high", "low", "close", "volume")
        return replace(page, bars=replace(page.bars, **{name: getattr(page.bars, name)[kept] for name in names}))

    Scheduler(bench.runs, [DAILY], now=lambda: FRIDAY_EVENING).look()
    run(bench, alerts, ScriptedFeed(change=cut))
    assert told(alerts, bench.user_id) == [("stale_data", "us-daily 2024-07-12", "warning")]
    assert "1 of 2 symbols have no bar of 2024-07-12 yet: MSFT" in alerts.after(bench.user_id, 0, 1)[0]["text"]


def test_an_alert_that_cannot_be_stored_stops_no_fetch(bench: Bench) -> None:
    def refuse(_user_id: UUID, _alert: Alert) -> None:
        raise Unavailable("the database did not answer")

    fetch_id = bench.submit("AAPL", "MSFT")
    feed = FallbackFeed([ScriptedFeed(name="first", fail={("MSFT", 0): Unavailable("no route")}), ScriptedFeed()])
    assert bench.run(feed, tell=refuse)
    assert bench.get(fetch_id)["state"] == "succeeded"


def test_a_schedule_that_cannot_be_queued_is_told_to_admins_once(
    databases: Databases, bench: Bench, alerts: AlertStore, user_factory: Callable[..., UUID]
) -> None:
    """Nothing is stored, so a schedule of everything has no symbol. The scheduler looks every 20 seconds."""
    viewer = user_factory("viewer")
    of_all = replace(DAILY, symbols=())

    def tell(alert: Alert) -> int:
        return alerts.raise_for_all(alert, role=Role.ADMIN)

    scheduler = Scheduler(bench.runs, [of_all], now=lambda: FRIDAY_EVENING, tell=tell)
    scheduler.look()
    scheduler.look()
    expected = [("ingestion_failed", "schedule us-daily", "critical")]
    assert (told(alerts, bench.user_id), told(alerts, viewer)) == (expected, [])
    with psycopg.connect(databases.owner_url) as connection:
        connection.execute("TRUNCATE alerts, alert_heads, alert_subjects")
    with pytest.raises(NotFound):
        Planner(bench.runs, Started(), [of_all], now=lambda: FRIDAY_EVENING, tell=tell).run({"schedule": "us-daily"})
    assert told(alerts, bench.user_id) == expected
