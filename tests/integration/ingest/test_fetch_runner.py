"""Fetches against a real database: idempotent, resumable, observable; one symbol's failure stops no other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from causeway.adapters.feeds.file_feed import FileFeed
from causeway.adapters.storage.fetch_runs import FetchRuns
from causeway.adapters.storage.fetch_store import FetchStore
from causeway.adapters.storage.fetched_page import FetchedPage
from causeway.adapters.storage.timeseries_db import TimeseriesDb
from causeway.errors import Conflict, NotFound, Unavailable
from causeway.market_data.fetch_turn import Page
from causeway.model.fetch import FetchSpec
from causeway.model.time import BarSize
from causeway.ports.feed import BarPage
from containers.ingest.symbol_fetch import Halted
from tests.fixtures.databases import Databases
from tests.integration.ingest.bench import Bench
from tests.integration.ingest.fetching import (
    MARKET,
    SESSIONS_2024,
    YEAR,
    ScriptedFeed,
    counts,
    forget,
    part_of,
    table,
    with_value,
)

pytestmark = pytest.mark.postgres
SPEC = FetchSpec(BarSize.DAY_1, *YEAR)


def test_a_fetch_stores_every_session_and_says_who_answered(bench: Bench, databases: Databases) -> None:
    fetch_id = bench.submit("AAPL", "MSFT")
    assert bench.run(ScriptedFeed())
    fetch = bench.get(fetch_id)
    assert (fetch["state"], fetch["symbols_total"], fetch["symbols_done"], fetch["progress"]) == ("succeeded", 2, 2, 1)
    assert fetch["rows_read"] == fetch["rows_inserted"] == 2 * SESSIONS_2024
    stored = TimeseriesDb(databases.app).read_bars("AAPL", BarSize.DAY_1)
    assert stored.close.tolist() == MARKET.bars("AAPL", BarSize.DAY_1, *YEAR).close.tolist()
    assert {row[8] for row in table(databases) if len(row) == 9} == {"scripted"}
    with psycopg.connect(databases.owner_url) as connection:
        found = connection.execute("SELECT source, state, rows_read, symbols_count FROM ingestions").fetchall()
    assert found == [("scripted", "done", 2 * SESSIONS_2024, 2)]


def test_splits_and_dividends_come_with_the_bars(bench: Bench, databases: Databases) -> None:
    fetch_id = bench.submit("AAPL")
    bench.run(ScriptedFeed())
    found = [(one.kind.value, one.value) for one in TimeseriesDb(databases.app).corporate_actions("AAPL")]
    assert found == [("dividend", Decimal("0.96")), ("split", Decimal(4)), ("dividend", Decimal("0.25"))]
    assert bench.symbols(fetch_id)["AAPL"]["actions"] == 3


def test_a_second_fetch_asks_for_nothing_and_changes_nothing(bench: Bench, databases: Databases) -> None:
    bench.submit("AAPL")
    bench.run(ScriptedFeed())
    before = table(databases)
    bench.submit("AAPL")
    feed = ScriptedFeed()
    bench.run(feed)
    assert feed.asked == []
    assert table(databases) == before


def test_a_session_that_the_provider_lacks_is_asked_for_once(bench: Bench) -> None:
    def lacks_one(_symbol: str, page: BarPage) -> BarPage:
        return replace(page, bars=part_of(page.bars, slice(1, None)))

    for requests in (1, 0):
        bench.submit("AAPL")
        feed = ScriptedFeed(page=1000, change=lacks_one)
        bench.run(feed)
        assert len(feed.asked) == requests


def test_asking_again_leaves_equal_bars_alone(bench: Bench, databases: Databases) -> None:
    bench.submit("AAPL")
    bench.run(ScriptedFeed())
    before = table(databases)
    fetch_id = bench.submit("AAPL", spec=replace(SPEC, again=True))
    bench.run(ScriptedFeed())
    assert bench.get(fetch_id)["rows_unchanged"] == SESSIONS_2024
    assert table(databases) == before


def test_after_downtime_only_what_is_missing_is_asked_for_with_an_overlap(bench: Bench) -> None:
    bench.submit("AAPL", spec=replace(SPEC, end=datetime(2024, 7, 1, tzinfo=UTC)))
    bench.run(ScriptedFeed())
    fetch_id = bench.submit("AAPL")
    feed = ScriptedFeed()
    bench.run(feed)
    (asked,) = feed.asked
    assert asked.start == datetime(2024, 6, 26, tzinfo=UTC)  # the last three sessions of June
    assert bench.get(fetch_id)["rows_unchanged"] == 3


def test_killed_at_any_step_and_run_again_the_table_is_the_same(bench: Bench, databases: Databases) -> None:
    bench.submit("AAPL", "MSFT")
    steps = _Steps()
    bench.run(ScriptedFeed(page=130), checkpoint=steps, block_bars=110)
    undisturbed = table(databases), counts(databases)
    assert steps.seen == 17  # the claim, and for both symbols: plan, two pages twice, actions, the end twice
    for dies_at in range(1, 18):
        forget(databases)
        fetch_id = bench.submit("AAPL", "MSFT")
        with suppress(Halted):
            bench.run(ScriptedFeed(page=130), checkpoint=_Steps(dies_at), block_bars=110)
        assert bench.get(fetch_id)["state"] == "running"
        assert bench.run(ScriptedFeed(page=130), block_bars=110)
        assert (table(databases), counts(databases)) == undisturbed


def test_killed_before_the_commit_of_a_page_nothing_of_it_is_stored(bench: Bench, databases: Databases) -> None:
    class DiesBeforeCommit(FetchRuns):
        def store_page(self, page: Page) -> None:
            with databases.service.transaction() as transaction:
                FetchedPage(page).store(transaction)
                raise Halted

    fetch_id = bench.submit("AAPL")
    bench.run(ScriptedFeed(), runs=DiesBeforeCommit(databases.service))
    assert table(databases) == []
    assert bench.symbols(fetch_id)["AAPL"]["resume"] is None
    bench.run(ScriptedFeed())
    assert bench.get(fetch_id)["rows_inserted"] == SESSIONS_2024


def test_a_runner_that_was_taken_for_dead_stores_nothing_more(bench: Bench, databases: Databases) -> None:
    """The first runner fetches a page, sleeps through its lease, and wakes up when another one has the fetch."""
    fetch_id = bench.submit("AAPL")

    class Overtaken(FetchRuns):
        def store_page(self, page: Page) -> None:
            while bench.runs.claim("another", 0.0) is None:
                continue  # a heartbeat of the first holds the row
            super().store_page(page)

    bench.run(ScriptedFeed(), runs=Overtaken(databases.service))
    assert table(databases) == []
    assert bench.get(fetch_id)["state"] == "running"


def test_one_symbols_failure_stops_no_other_and_a_retry_asks_for_it_alone(bench: Bench) -> None:
    fetch_id = bench.submit("AAPL", "MSFT", "IBM")
    down = Unavailable("the provider is down", retry_after_s=60)
    bench.run(ScriptedFeed(fail={("MSFT", 2): down}))
    fetch, symbols = bench.get(fetch_id), bench.symbols(fetch_id)
    assert (fetch["state"], fetch["message"]) == ("partly", "1 of 3 symbols failed: the provider is down")
    assert symbols["MSFT"]["error"] == {"code": "unavailable", "message": "the provider is down"}
    assert symbols["MSFT"]["rows_inserted"] == 120  # two pages of 60 were stored
    assert {one: row["state"] for one, row in symbols.items()} == {
        "AAPL": "succeeded", "MSFT": "failed", "IBM": "succeeded",
    }  # fmt: skip
    retried = bench.store.retry(bench.user_id, fetch_id, actor="test")
    feed = ScriptedFeed()
    bench.run(feed)
    assert bench.get(retried["id"])["state"] == "succeeded"
    assert {one.symbol for one in feed.asked} == {"MSFT"}
    assert bench.symbols(retried["id"])["MSFT"]["rows_inserted"] == SESSIONS_2024 - 120
    with pytest.raises(Conflict, match="nothing to retry"):
        bench.store.retry(bench.user_id, retried["id"], actor="test")


@pytest.mark.parametrize(
    ("symbols", "state", "said"),
    [
        (("AAPL",), "done", None),
        (("AAPL", "MSFT"), "done", {"code": "partly", "message": "1 of 2 symbols failed: the provider is down"}),
        (("MSFT",), "failed", {"code": "failed", "message": "1 of 1 symbol failed: the provider is down"}),
    ],
)
def test_the_ingestion_of_a_fetch_says_how_the_fetch_ended(
    bench: Bench, databases: Databases, symbols: tuple[str, ...], state: str, said: dict[str, str] | None
) -> None:
    bench.submit(*symbols)
    bench.run(ScriptedFeed(fail={("MSFT", 2): Unavailable("the provider is down", retry_after_s=60)}))
    with psycopg.connect(databases.owner_url) as connection:
        assert connection.execute("SELECT state, error FROM ingestions").fetchall() == [(state, said)]


def test_a_running_fetch_is_cancelled_and_what_was_stored_stays(bench: Bench) -> None:
    fetch_id = bench.submit("AAPL", "MSFT", "IBM")
    gate = threading.Event()
    runner = threading.Thread(target=lambda: bench.run(ScriptedFeed(hold=gate)))
    runner.start()
    while bench.get(fetch_id)["state"] == "queued":
        runner.join(0.01)
    bench.store.cancel(bench.user_id, fetch_id, actor="test")
    runner.join(timeout=20)
    assert not runner.is_alive()
    assert bench.get(fetch_id)["state"] == "cancelled"
    assert {row["state"] for row in bench.symbols(fetch_id).values()} == {"cancelled"}
    assert bench.run(ScriptedFeed()) is False


def test_a_queued_fetch_is_cancelled_at_once(bench: Bench) -> None:
    fetch_id = bench.submit("AAPL")
    assert bench.store.cancel(bench.user_id, fetch_id, actor="test")["state"] == "cancelled"
    assert bench.run(ScriptedFeed()) is False


def test_flawed_bars_go_to_quarantine_and_holes_are_findings(bench: Bench, databases: Databases) -> None:
    hole = datetime(2024, 3, 1, tzinfo=UTC)

    def flaw(_symbol: str, page: BarPage) -> BarPage:
        if page.bars.time_us[0] != MARKET.bars("AAPL", BarSize.DAY_1, *YEAR).time_us[0]:
            return page
        return replace(page, bars=with_value(page.bars, 5, high=0.5), holes=(hole,), source="other")

    fetch_id = bench.submit("AAPL")
    bench.run(ScriptedFeed(change=flaw))
    fetch = bench.get(fetch_id)
    assert (fetch["rows_quarantined"], fetch["holes"]) == (1, 1)
    assert fetch["rows_read"] == fetch["rows_inserted"] + 1
    assert bench.symbols(fetch_id)["AAPL"]["sources"] == ["other", "scripted"]
    with psycopg.connect(databases.owner_url) as connection:
        rows = connection.execute("SELECT source, findings FROM ingestions ORDER BY source").fetchall()
        (quarantined,) = connection.execute("SELECT symbol, raw, row_number FROM quarantine").fetchall()
    codes = {one["code"]: one["rows"] for one in rows[0][1]}
    assert codes["hole"] == 1
    assert codes["high_below_low"] == 1
    assert (quarantined[0], quarantined[1]["high"], quarantined[2]) == ("AAPL", "0.5", 6)


def test_a_stamp_that_a_file_has_twice_with_two_values_is_a_finding(
    bench: Bench, databases: Databases, tmp_path: Path
) -> None:
    days = tmp_path / "1d" / "AAPL.csv"
    days.parent.mkdir()
    rows = ["date,open,high,low,close,volume", "2024-03-04,1,2,1,1.5,10", "2024-03-05,1,2,1,1.6,10"]
    days.write_text("\n".join([*rows, "2024-03-05,1,2,1,1.9,10", "2024-03-06,1,2,1,1.7,10"]))
    fetch_id = bench.submit("AAPL")
    bench.run(FileFeed(tmp_path))
    symbol = bench.symbols(fetch_id)["AAPL"]
    assert (symbol["rows_inserted"], symbol["rows_quarantined"]) == (2, 2)
    assert "2 bars went to quarantine (conflicting_duplicate: 2)" in symbol["message"]
    with psycopg.connect(databases.owner_url) as connection:
        reasons = connection.execute("SELECT reasons -> 0 ->> 'code', row_time FROM quarantine").fetchall()
    assert set(reasons) == {("conflicting_duplicate", "2024-03-05T00:00:00Z")}


def test_a_restated_history_is_noticed_and_not_taken_over(bench: Bench, databases: Databases) -> None:
    bench.submit("AAPL", spec=replace(SPEC, end=datetime(2024, 7, 1, tzinfo=UTC)))
    bench.run(ScriptedFeed())

    def halved(_symbol: str, page: BarPage) -> BarPage:
        halves = {name: getattr(page.bars, name) / 2 for name in ("open", "high", "low", "close")}
        return replace(page, bars=replace(page.bars, **halves))

    before = table(databases)
    fetch_id = bench.submit("AAPL")
    bench.run(ScriptedFeed(page=1000, change=halved))
    assert bench.get(fetch_id)["rows_quarantined"] == bench.get(fetch_id)["rows_read"]
    bars = [row for row in table(databases) if len(row) == 9]
    assert bars == [row for row in before if len(row) == 9]
    with psycopg.connect(databases.owner_url) as connection:
        row = connection.execute(
            'SELECT count(*) FROM quarantine WHERE reasons @> \'[{"code": "other_price_basis"}]\''
        ).fetchone()
    assert row is not None
    assert row[0] > 100


def test_an_unknown_symbol_is_an_error_of_that_symbol(bench: Bench) -> None:
    fetch_id = bench.submit("NOPE", "AAPL")
    bench.run(ScriptedFeed())
    assert bench.symbols(fetch_id)["NOPE"]["error"]["code"] == NotFound.code
    assert bench.symbols(fetch_id)["AAPL"]["state"] == "succeeded"


def test_a_fetch_whose_runner_dies_again_and_again_is_given_up(bench: Bench) -> None:
    fetch_id = bench.submit("AAPL")
    for _ in range(5):
        with pytest.raises(Halted):
            bench.run(ScriptedFeed(), checkpoint=_Steps(1))
    bench.run(ScriptedFeed())
    assert bench.get(fetch_id)["state"] == "failed"
    assert "died 5 times" in bench.get(fetch_id)["message"]


def test_another_user_sees_nothing_of_it(bench: Bench, databases: Databases, user_factory: Callable[..., UUID]) -> None:
    fetch_id = bench.submit("AAPL")
    other = user_factory("analyst")
    with pytest.raises(NotFound):
        FetchStore(databases.app).get(other, fetch_id)
    with databases.app.transaction(user_id=other) as transaction:
        assert transaction.all("fetch_symbols_of", job_id=fetch_id) == []


class _Steps:
    """Counts checkpoints. From number ``dies_at`` on nothing more happens, in any thread."""

    def __init__(self, dies_at: int = 1_000_000) -> None:
        self.seen = 0
        self._dies_at = dies_at
        self._lock = threading.Lock()

    def __call__(self, _step: str) -> None:
        with self._lock:
            self.seen += 1
            if self.seen >= self._dies_at:
                raise Halted


def test_nothing_is_asked_for_that_lies_beyond_the_providers_reach(bench: Bench) -> None:
    feed = ScriptedFeed()
    feed.offer = replace(feed.offer, reach=((BarSize.DAY_1, timedelta(days=30)),))
    fetch_id = bench.submit("AAPL", spec=FetchSpec(BarSize.DAY_1, datetime(2024, 1, 1, tzinfo=UTC)))
    bench.run(feed)
    (asked,) = feed.asked
    assert timedelta(days=24) < datetime.now(UTC) - asked.start <= timedelta(days=30)
    assert bench.get(fetch_id)["state"] == "succeeded"
    assert "reach back to" in bench.symbols(fetch_id)["AAPL"]["message"]


def test_a_range_that_lies_beyond_the_providers_reach_was_not_asked_for(bench: Bench) -> None:
    feed = ScriptedFeed()
    feed.offer = replace(feed.offer, reach=((BarSize.DAY_1, timedelta(days=30)),))
    january = FetchSpec(BarSize.DAY_1, datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC))
    fetch_id = bench.submit("AAPL", spec=january)
    bench.run(feed)
    assert feed.asked == []
    symbol = bench.symbols(fetch_id)["AAPL"]
    assert symbol["error"]["message"].startswith("bars of 1d reach back to ")
    assert symbol["message"] == ""
