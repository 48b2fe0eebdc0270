"""The replay on a real database: position, restart, commands, one driver at a time. Time is injected."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from causeway.adapters.messaging.pubsub import InProcessEventBus
from causeway.adapters.storage.cache_manager import CacheManager
from causeway.adapters.storage.quote_store import QuoteStore
from causeway.adapters.storage.replay_requests import ReplayRequests
from causeway.errors import InvalidInput
from causeway.model.replay import ReplayCommand
from causeway.settings import StreamSettings
from causeway.streaming.replay import session_hours
from containers.stream.feed import ReplayFeed
from tests.fixtures.databases import Databases

pytestmark = [pytest.mark.postgres, pytest.mark.redis]
THURSDAY, FRIDAY, MONDAY = date(2012, 3, 1), date(2012, 3, 2), date(2012, 3, 5)
WALL = datetime(2026, 1, 1, tzinfo=UTC)


class Stage:
    """Feeds on one database, with hands on their clock."""

    def __init__(self, databases: Databases, redis_url: str) -> None:
        self.databases = databases
        self.store = QuoteStore(databases.service)
        self.cache = CacheManager(redis_url)
        self.bus = InProcessEventBus()
        self.requests = ReplayRequests(databases.app)
        self.monotonic = 0.0

    def feed(self, **settings: Any) -> ReplayFeed:
        values = StreamSettings.model_validate({"replay_date": "2012-03-01", "replay_speed": 3900.0} | settings)
        return ReplayFeed(self.store, self.bus, self.cache, values, monotonic=lambda: self.monotonic, now=lambda: WALL)

    def pass_time(self, feed: ReplayFeed, seconds: float) -> None:
        self.monotonic += seconds
        feed.step()


@pytest.fixture
def stage(databases: Databases, redis_url: str, small_market: dict[str, int]) -> Iterator[Stage]:
    made = Stage(databases, redis_url)
    yield made
    made.cache.close()


def test_it_starts_at_the_open_of_the_configured_day(stage: Stage) -> None:
    stage.feed().step()
    clock = stage.store.clock()
    assert (clock.mode, clock.market_time, clock.speed) == ("replay", session_hours(THURSDAY).open, 3900.0)
    assert {quote.symbol: quote.last for quote in stage.store.latest()} == {"AAA": Decimal(10), "BBB": Decimal(50)}


def test_without_a_configured_day_the_market_stays_closed(stage: Stage) -> None:
    stage.feed(replay_date="").step()
    assert stage.store.clock().mode == "closed"
    assert stage.store.latest() == []


def test_a_day_passes_and_the_next_session_follows_without_the_closed_hours(stage: Stage) -> None:
    feed = stage.feed()
    feed.step()
    for _ in range(6):  # 23,400 market seconds at 3,900 a second
        stage.pass_time(feed, 1.0)
    assert stage.store.clock().market_time == session_hours(THURSDAY).close
    assert {quote.symbol: (quote.last, quote.volume) for quote in stage.store.latest()} == {
        "AAA": (Decimal(11), Decimal(7800)),
        "BBB": (Decimal(50), Decimal(1000)),
    }
    stage.pass_time(feed, 0.25)
    assert stage.store.clock().market_time == session_hours(FRIDAY).open


def test_a_symbol_without_a_bar_that_day_keeps_its_old_quote_and_its_old_time(stage: Stage) -> None:
    feed = stage.feed()
    for _ in range(9):
        stage.pass_time(feed, 1.0)
    times = {quote.symbol: quote.market_time for quote in stage.store.latest()}
    assert times["AAA"].date() == FRIDAY
    assert times["BBB"] == session_hours(THURSDAY).close


def test_market_time_never_goes_back_and_no_quote_is_from_its_future(stage: Stage) -> None:
    feed, seen = stage.feed(), []
    for _ in range(40):
        stage.pass_time(feed, 0.7)
        clock = stage.store.clock()
        assert clock.market_time is not None
        seen.append(clock.market_time)
        assert all(quote.market_time <= clock.market_time for quote in stage.store.latest())
    assert seen == sorted(seen)


def test_at_the_end_of_the_data_the_market_closes_where_it_stands(stage: Stage) -> None:
    feed = stage.feed(replay_date="2012-03-05")
    for _ in range(9):
        stage.pass_time(feed, 1.0)
    clock = stage.store.clock()
    assert (clock.mode, clock.market_time) == ("closed", session_hours(MONDAY).close)
    stage.pass_time(feed, 1.0)
    assert stage.store.clock().mode == "closed"


def test_a_restart_goes_on_where_the_last_step_ended(stage: Stage) -> None:
    import threading

    feed = stage.feed()
    feed.step()
    stage.pass_time(feed, 1.0)
    before = stage.store.clock().market_time
    assert before == session_hours(THURSDAY).open + timedelta(seconds=3900)
    stopping = threading.Event()
    stopping.set()
    feed.run(stopping)
    stage.monotonic += 1000.0
    again = stage.feed()
    again.step()
    assert stage.store.clock().market_time == before
    stage.pass_time(again, 1.0)
    assert stage.store.clock().market_time == before + timedelta(seconds=3900)


def test_a_machine_that_slept_does_not_jump(stage: Stage) -> None:
    feed = stage.feed()
    feed.step()
    stage.pass_time(feed, 3600.0)
    assert stage.store.clock().market_time == session_hours(THURSDAY).open + timedelta(seconds=3900)


def test_two_feeds_never_drive_one_clock(stage: Stage) -> None:
    first, second = stage.feed(), stage.feed()
    first.step()
    second.step()
    stage.monotonic += 1.0
    second.step()
    assert stage.store.clock().market_time == session_hours(THURSDAY).open
    first.step()
    assert stage.store.clock().market_time == session_hours(THURSDAY).open + timedelta(seconds=3900)


def test_a_user_starts_speeds_up_stops_and_goes_on(stage: Stage, user_factory: Any) -> None:
    user: UUID = user_factory("trader")
    feed = stage.feed(replay_date="")
    stage.requests.ask(user, ReplayCommand("start", date(2012, 3, 3), 100.0))
    feed.step()
    assert (stage.store.clock().market_time, stage.store.clock().speed) == (session_hours(MONDAY).open, 100.0)
    stage.requests.ask(user, ReplayCommand("start", speed=7.0))
    stage.pass_time(feed, 1.0)
    stage.pass_time(feed, 1.0)
    clock = stage.store.clock()
    assert (clock.speed, clock.market_time) == (7.0, session_hours(MONDAY).open + timedelta(seconds=7))
    stage.requests.ask(user, ReplayCommand("stop"))
    stage.pass_time(feed, 1.0)
    assert (stage.store.clock().mode, stage.store.clock().market_time) == ("closed", clock.market_time)
    stage.requests.ask(user, ReplayCommand("start"))
    stage.pass_time(feed, 1.0)
    assert (stage.store.clock().mode, stage.store.clock().market_time) == ("replay", clock.market_time)


def test_going_back_drops_the_quotes_of_the_future(stage: Stage, user_factory: Any) -> None:
    feed = stage.feed(replay_date="2012-03-05")
    feed.step()
    stage.requests.ask(user_factory("trader"), ReplayCommand("start", FRIDAY))
    stage.pass_time(feed, 0.1)
    assert [quote.symbol for quote in stage.store.latest()] == ["AAA"]  # BBB has no bar on that Friday


def test_a_day_after_the_data_is_refused_and_changes_nothing(stage: Stage, user_factory: Any) -> None:
    with pytest.raises(InvalidInput, match="the last day is 2012-03-05"):
        stage.requests.ask(user_factory("trader"), ReplayCommand("start", date(2030, 1, 1)))
    assert stage.store.clock().requested == {}


def unusable_request(stage: Stage, **asked: Any) -> str:
    """Stored past the check: its bars went away between request and obedience."""
    import psycopg
    from psycopg.types.json import Jsonb

    wanted = {"id": "late", "action": "start", "day": None, "speed": None, "symbols": []} | asked
    with psycopg.connect(stage.databases.owner_url) as connection:
        connection.execute("UPDATE market_clock SET requested = %s", [Jsonb(wanted)])
    return "late"


@pytest.mark.parametrize(
    "asked", [{"symbols": ["NOPE"]}, {"day": "2030-01-01"}, {"day": "2012-03-01", "symbols": ["X"]}]
)
def test_an_unusable_request_leaves_the_running_replay_as_it_is(stage: Stage, asked: dict[str, Any]) -> None:
    feed = stage.feed()
    stage.pass_time(feed, 1.0)
    stage.pass_time(feed, 1.0)
    unusable_request(stage, **asked)
    stage.pass_time(feed, 0.0)
    clock = stage.store.clock()
    assert (clock.mode, clock.speed, clock.market_time) == (
        "replay", 3900.0, session_hours(THURSDAY).open + timedelta(seconds=3900),
    )  # fmt: skip
    stage.pass_time(feed, 1.0)
    clock = stage.store.clock()
    assert clock.market_time == session_hours(THURSDAY).open + timedelta(seconds=7800)
    assert clock.replay["request_id"] == "late"
    assert clock.replay["symbols"] == []


def test_an_unusable_request_leaves_a_closed_market_closed(stage: Stage) -> None:
    feed = stage.feed(replay_date="")
    unusable_request(stage, symbols=["NOPE"])
    stage.pass_time(feed, 1.0)
    clock = stage.store.clock()
    assert (clock.mode, clock.market_time, clock.replay["request_id"]) == ("closed", None, "late")
    stage.pass_time(feed, 1.0)
    assert stage.store.clock() == clock


def test_an_unusable_request_does_not_keep_the_next_process_from_going_on(stage: Stage) -> None:
    import threading

    feed = stage.feed()
    stage.pass_time(feed, 1.0)
    stage.pass_time(feed, 1.0)
    before = stage.store.clock().market_time
    stopping = threading.Event()
    stopping.set()
    feed.run(stopping)
    unusable_request(stage, symbols=["NOPE"])
    stage.feed().step()
    assert (stage.store.clock().mode, stage.store.clock().market_time) == ("replay", before)


def test_only_the_asked_symbols_are_replayed(stage: Stage, user_factory: Any) -> None:
    stage.requests.ask(user_factory("trader"), ReplayCommand("start", THURSDAY, symbols=("BBB",)))
    stage.feed().step()
    assert [quote.symbol for quote in stage.store.latest()] == ["BBB"]


def test_every_step_is_published_and_cached(stage: Stage) -> None:
    heard = stage.bus.listen(["market_data:*"], 0.01)
    stage.feed().step()
    channels = [event[0] for event in (next(heard), next(heard)) if event]
    assert channels == ["market_data:AAA", "market_data:BBB"]

    def refuse(symbols: object) -> list[dict[str, Any]]:
        raise AssertionError(f"read past the cache: {symbols}")

    assert [quote["last"] for quote in stage.cache.latest_quotes(["AAA", "BBB"], refuse)] == ["10", "50"]


def test_minutes_win_over_the_daily_bar(stage: Stage, add_bars: Any) -> None:
    opening = session_hours(THURSDAY).open
    add_bars("CCC", [(opening + timedelta(minutes=n), 5.0, 5.0, 5.0, 5.0, 10.0) for n in range(3)], "1m")
    stage.feed().step()
    assert {quote.symbol for quote in stage.store.latest()} == {"AAA", "BBB", "CCC"}
