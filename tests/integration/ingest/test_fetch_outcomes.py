"""What a fetch says of each symbol, and how it waits for a provider's plan, against a real database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from causeway.adapters.feeds.fallback import FallbackFeed
from causeway.errors import Conflict, TooMany, Unavailable
from causeway.model.fetch import FetchSpec
from causeway.model.time import BarSize
from causeway.ports.feed import BarPage, BarsRequest, FetchControl
from tests.fixtures.databases import Databases
from tests.integration.ingest.bench import SPEC, Bench
from tests.integration.ingest.fetching import SESSIONS_2024, ScriptedFeed

pytestmark = pytest.mark.postgres


def test_a_fetch_that_finds_nothing_fails_and_says_why(bench: Bench) -> None:
    ancient = FetchSpec(BarSize.DAY_1, datetime(1950, 1, 2, tzinfo=UTC), datetime(1950, 3, 1, tzinfo=UTC))
    future = FetchSpec(BarSize.DAY_1, datetime(2090, 1, 2, tzinfo=UTC), datetime(2090, 3, 1, tzinfo=UTC))
    for spec, why in ((ancient, "scripted has no 1d bars from 1950-01-02"), (future, "in the future")):
        fetch_id = bench.submit("AAPL", spec=spec)
        bench.run(ScriptedFeed())
        fetch, symbol = bench.get(fetch_id), bench.symbols(fetch_id)["AAPL"]
        assert (fetch["state"], symbol["state"], symbol["outcome"]) == ("failed", "failed", "nothing")
        assert why in symbol["error"]["message"]
        assert why in fetch["message"]


def test_what_a_provider_lacks_is_not_asked_for_again_and_still_no_success(bench: Bench) -> None:
    ancient = FetchSpec(BarSize.DAY_1, datetime(1950, 1, 2, tzinfo=UTC), datetime(1950, 3, 1, tzinfo=UTC))
    for requests, why in ((1, "has no 1d bars"), (0, "had nothing when asked before")):
        fetch_id = bench.submit("AAPL", spec=ancient)
        feed = ScriptedFeed()
        bench.run(feed)
        assert len(feed.asked) == requests
        assert bench.get(fetch_id)["state"] == "failed"
        assert why in bench.symbols(fetch_id)["AAPL"]["error"]["message"]


def test_each_symbol_says_what_became_of_it(bench: Bench) -> None:
    bench.submit("AAPL")
    bench.run(ScriptedFeed())
    fetch_id = bench.submit("AAPL", "MSFT", "NOPE")
    bench.run(ScriptedFeed())
    symbols = bench.symbols(fetch_id)
    assert {name: one["outcome"] for name, one in symbols.items()} == {
        "AAPL": "already_stored", "MSFT": "stored", "NOPE": "unknown",
    }  # fmt: skip
    assert symbols["AAPL"]["message"] == f"already stored: bars of {SESSIONS_2024} days"
    assert symbols["MSFT"]["message"].startswith("stored 252 bars from scripted, 2024-01-02 to 2024-12-31")
    assert bench.get(fetch_id)["state"] == "partly"


def test_a_fetch_rests_until_the_plan_allows_more_and_then_goes_on(bench: Bench, databases: Databases) -> None:
    fetch_id = bench.submit("AAPL", "MSFT")
    spent = TooMany("Alpha Vantage's plan allows 25 calls a day, which are used up", retry_after_s=7 * 3600)
    bench.run(ScriptedFeed(fail={("AAPL", 2): spent}))
    fetch, symbols = bench.get(fetch_id), bench.symbols(fetch_id)
    assert (fetch["state"], fetch["message"]) == ("waiting", spent.message)
    assert timedelta(hours=6) < fetch["waits_until"] - datetime.now(UTC) <= timedelta(hours=7)
    assert {name: one["state"] for name, one in symbols.items()} == {"AAPL": "queued", "MSFT": "succeeded"}
    assert bench.run(ScriptedFeed()) is False  # nobody takes it up before
    assert bench.runs.waits_over() == []
    _renew(databases)
    assert bench.runs.waits_over() == [fetch_id]
    feed = ScriptedFeed()
    assert bench.run(feed)
    assert bench.get(fetch_id)["state"] == "succeeded"
    assert bench.symbols(fetch_id)["AAPL"]["rows_inserted"] == SESSIONS_2024
    assert [one.symbol for one in feed.asked] == ["AAPL"]
    assert feed.asked[0].start > datetime(2024, 6, 1, tzinfo=UTC)  # two pages of 60 sessions were stored before


def test_a_fetch_that_rests_can_be_cancelled(bench: Bench, databases: Databases) -> None:
    fetch_id = bench.submit("AAPL")
    bench.run(ScriptedFeed(fail={("AAPL", 0): TooMany("later", retry_after_s=3600)}))
    with pytest.raises(Conflict, match="is waiting"):
        bench.store.retry(bench.user_id, fetch_id, actor="test")
    assert bench.store.cancel(bench.user_id, fetch_id, actor="test")["state"] == "cancelled"
    _renew(databases)
    assert bench.run(ScriptedFeed()) is False


def test_the_ingestion_of_a_fetch_that_is_cancelled_while_it_rests_says_so(bench: Bench, databases: Databases) -> None:
    fetch_id = bench.submit("AAPL")
    bench.run(ScriptedFeed(fail={("AAPL", 2): TooMany("the plan's calls are used up", retry_after_s=7 * 3600)}))
    bench.store.cancel(bench.user_id, fetch_id, actor="test")
    with psycopg.connect(databases.owner_url) as connection:
        found = connection.execute("SELECT state, error ->> 'code', error ->> 'message' FROM ingestions").fetchall()
    assert found == [("done", "cancelled", "cancelled while it waited")]


def test_the_ingestion_of_a_fetch_that_rests_runs_no_more_until_it_goes_on(bench: Bench, databases: Databases) -> None:
    def states() -> list[tuple[str, bool]]:
        with psycopg.connect(databases.owner_url) as connection:
            return connection.execute("SELECT state, finished_at IS NOT NULL FROM ingestions").fetchall()

    fetch_id = bench.submit("AAPL", "MSFT")
    spent = TooMany("Alpha Vantage's plan allows 25 calls a day, which are used up", retry_after_s=7 * 3600)
    bench.run(ScriptedFeed(fail={("AAPL", 2): spent}))
    assert bench.get(fetch_id)["state"] == "waiting"
    assert states() == [("done", True)]
    _renew(databases)
    bench.run(ScriptedFeed())
    assert bench.get(fetch_id)["state"] == "succeeded"
    assert states() == [("done", True)]


class Spent(ScriptedFeed):
    """A provider whose plan allows nothing before the next day."""

    def bars(self, request: BarsRequest, control: FetchControl) -> Iterator[BarPage]:
        raise TooMany("Alpha Vantage's plan allows 25 calls a day, which are used up", retry_after_s=7 * 3600)


def _asked_and_spent() -> FallbackFeed:
    return FallbackFeed([ScriptedFeed(name="asked"), Spent(name="spent")])


def test_an_unknown_symbol_does_not_hold_the_fetch_until_a_plan_renews(bench: Bench) -> None:
    fetch_id = bench.submit("NOPE", "AAPL", "GONE")
    bench.run(_asked_and_spent())
    assert bench.get(fetch_id)["state"] == "partly"
    for symbol in ("NOPE", "GONE"):  # the second one while the used-up provider rests
        one = bench.symbols(fetch_id)[symbol]
        assert one["outcome"] == "unknown"
        assert "asked: the simulated market has no" in one["error"]["message"]
        assert "not asked: spent, as Alpha Vantage's plan allows 25 calls a day" in one["error"]["message"]
        assert "can be asked: spent in 7 h; fetch --retry then, or fetch with --patient" in one["error"]["message"]


def test_whoever_is_patient_waits_for_the_provider_that_was_not_asked(bench: Bench) -> None:
    fetch_id = bench.submit("NOPE", "AAPL", spec=replace(SPEC, patient=True))
    bench.run(_asked_and_spent())
    fetch = bench.get(fetch_id)
    assert fetch["state"] == "waiting"
    assert timedelta(hours=6) < fetch["waits_until"] - datetime.now(UTC) <= timedelta(hours=7)
    assert {name: one["state"] for name, one in bench.symbols(fetch_id).items()} == {
        "NOPE": "queued", "AAPL": "succeeded",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("symbols", "state", "error"),
    [(["AAPL"], "failed", "failed"), (["AAPL", "MSFT"], "done", "partly"), (["MSFT"], "done", None)],
)
def test_the_ingestion_of_a_fetch_that_failed_says_so(
    bench: Bench, databases: Databases, symbols: list[str], state: str, error: str | None
) -> None:
    bench.submit(*symbols)
    bench.run(ScriptedFeed(fail={("AAPL", 2): Unavailable("the provider is down")}))
    with psycopg.connect(databases.owner_url) as connection:
        [(stored, why)] = connection.execute("SELECT state, error FROM ingestions").fetchall()
    assert (stored, why and why["code"]) == (state, error)
    if why:
        assert "1 of" in why["message"]


def test_a_throttle_without_end_is_given_up_with_its_reason(bench: Bench, databases: Databases) -> None:
    fetch_id = bench.submit("AAPL")
    for _ in range(5):
        assert bench.run(ScriptedFeed(fail={("AAPL", 0): TooMany("too many requests", retry_after_s=60)}))
        _renew(databases)
    assert bench.get(fetch_id)["state"] == "failed"
    assert bench.symbols(fetch_id)["AAPL"]["error"] == {"code": "too_many", "message": "too many requests"}


def test_a_wait_of_days_is_a_failure(bench: Bench) -> None:
    fetch_id = bench.submit("AAPL")
    bench.run(ScriptedFeed(fail={("AAPL", 0): TooMany("next week", retry_after_s=6 * 86_400)}))
    assert bench.symbols(fetch_id)["AAPL"]["error"]["message"] == "next week"


def _renew(databases: Databases) -> None:
    """The provider's plan allows requests again."""
    with psycopg.connect(databases.owner_url) as connection:
        connection.execute("UPDATE fetch_jobs SET waits_until = now() - interval '1 second' WHERE state = 'waiting'")
