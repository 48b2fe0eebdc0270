"""``causeway fetch`` and ``causeway fetches`` against a running server, with a runner behind it."""

from __future__ import annotations

import re
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from causeway.adapters.storage.fetch_runs import FetchRuns
from causeway.errors import TooMany, Unavailable
from containers.ingest.runner import IngestRunner, Pace
from tests.fixtures.databases import Databases
from tests.functions.cli.conftest import Shell
from tests.integration.ingest.fetching import SESSIONS_2024, ScriptedFeed

pytestmark = pytest.mark.postgres
YEAR = ("--start", "2024-01-01", "--end", "2025-01-01")


@pytest.fixture
def provider() -> ScriptedFeed:
    return ScriptedFeed()


@pytest.fixture
def running(databases: Databases, provider: ScriptedFeed) -> Iterator[None]:
    """A runner that takes what is queued."""
    stop = threading.Event()
    pace = Pace(idle_s=0.02, heartbeat_s=0.02)
    runner = IngestRunner(FetchRuns(databases.service), lambda _: provider, symbols_at_once=2, pace=pace)
    thread = threading.Thread(target=runner.run_forever, args=(stop,))
    thread.start()
    yield
    stop.set()
    thread.join(timeout=20)


@pytest.mark.usefixtures("running")
def test_waiting_shows_progress_and_counts(signed_in: Shell) -> None:
    found = signed_in.run("fetch", "--symbols", "AAPL,MSFT", *YEAR, "--wait")
    assert found.exit_code == 0, found.output
    assert "2/2 symbols, 504 rows" in found.stderr
    assert "rows: 504 read, 504 inserted, 0 updated, 0 unchanged, 0 quarantined; 0 holes" in found.stderr
    assert len(signed_in.json("bars", "AAPL", "--start", "2024-01-01", "--end", "2025-01-01")["bars"]) == SESSIONS_2024
    (listed,) = signed_in.json("fetches")
    assert (listed["state"], listed["rows_inserted"]) == ("succeeded", 504)
    assert "AAPL" in signed_in.run("fetches", listed["id"]).stdout


@pytest.mark.usefixtures("running")
def test_bars_are_held_against_another_provider_and_compared_later(signed_in: Shell) -> None:
    """The provider of this test answers as whoever is asked, so that both say the same."""
    found = signed_in.run("fetch", "--symbols", "AAPL", *YEAR, "--check-against", "yahoo", "--wait")
    assert found.exit_code == 0, found.output
    assert "252 read, 252 inserted" in found.stderr
    assert "0 of 252 bars of yahoo have other prices" in signed_in.run("quality", "AAPL", "--against", "yahoo").stdout
    assert signed_in.run("quality", "AAPL", "--against", "nobody").exit_code == 2
    unknown = signed_in.run("quality", "AAPL", "--against", "alpaca")
    assert (unknown.exit_code, "--check-against alpaca" in unknown.stderr) == (1, True)
    assert "'nobody' is no provider" in signed_in.run("fetch", "--check-against", "nobody").stderr


@pytest.mark.usefixtures("running")
def test_what_failed_is_named_and_asked_for_again(signed_in: Shell, provider: ScriptedFeed) -> None:
    provider.fail["MSFT", 0] = Unavailable("the provider is down")
    found = signed_in.run("fetch", "--symbols", "AAPL,MSFT", *YEAR, "--wait")
    assert found.exit_code == 1
    assert "MSFT: the provider is down" in found.stderr
    fetch_id = signed_in.json("fetches")[0]["id"]
    assert f"causeway fetch --retry {fetch_id}" in found.stderr
    provider.fail.clear()
    again = signed_in.run("fetch", "--retry", fetch_id, "--wait")
    assert again.exit_code == 0, again.output
    assert "1/1 symbol, 252 rows" in again.stderr


def test_without_waiting_the_id_is_printed_and_the_fetch_can_be_cancelled(signed_in: Shell) -> None:
    fetch_id = signed_in.run("fetch", "--symbols", "AAPL", *YEAR).stdout.strip()
    assert signed_in.json("fetches", fetch_id, "--cancel")["state"] == "cancelled"
    assert signed_in.run("fetches", fetch_id, "--cancel").exit_code == 0


@pytest.mark.usefixtures("running")
def test_ctrl_c_cancels_on_the_server(signed_in: Shell, provider: ScriptedFeed) -> None:
    provider.hold = threading.Event()
    process = signed_in.start("fetch", "--symbols", "AAPL", *YEAR, "--wait")
    deadline = time.monotonic() + 60
    while not provider.asked and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "on the server" in errors
    fetch_id = signed_in.json("fetches")[0]["id"]
    while (state := signed_in.json("fetches", fetch_id)["state"]) == "running" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert state == "cancelled"


@pytest.mark.usefixtures("running")
def test_a_fetch_that_finds_nothing_fails_and_names_the_reason_of_each_symbol(signed_in: Shell) -> None:
    found = signed_in.run("fetch", "--symbols", "AAPL,NOPE", "--start", "1950-01-02", "--end", "1950-03-01", "--wait")
    assert found.exit_code == 1
    assert "AAPL: scripted has no 1d bars from 1950-01-02 to 1950-03-01" in found.stderr
    assert "NOPE: " in found.stderr
    assert "the fetch failed: 2 of 2 symbols failed" in found.stderr
    assert "--retry" not in found.stderr  # which would find nothing either


def test_a_retry_takes_no_other_question(signed_in: Shell) -> None:
    found = signed_in.run("fetch", "--retry", "0b7c1f2e-1111-4222-8333-444455556666", "--symbols", "A", "--bars", "1m")
    assert (found.exit_code, "leave out --bars, --symbols" in found.stderr) == (2, True)


def test_a_fetch_that_is_not_there_is_named_with_the_command_that_lists_them(signed_in: Shell) -> None:
    found = signed_in.run("fetches", "0b7c1f2e-1111-4222-8333-444455556666")
    assert "; `causeway fetches` lists yours" in found.stderr
    assert "/v1" not in found.stderr


@pytest.mark.usefixtures("running")
def test_what_was_stored_already_is_said_and_is_a_success(signed_in: Shell) -> None:
    assert "AAPL: stored 252 bars" in signed_in.run("fetch", "--symbols", "AAPL", *YEAR, "--wait").stderr
    again = signed_in.run("fetch", "--symbols", "AAPL", *YEAR, "--wait")
    assert again.exit_code == 0
    assert "AAPL: already stored: bars of 252 days" in again.stderr


@pytest.mark.usefixtures("running")
def test_a_wait_for_a_plan_is_shown_with_its_end(signed_in: Shell, provider: ScriptedFeed) -> None:
    why = "Alpha Vantage's plan allows 25 calls a day, which are used up"
    provider.fail["AAPL", 0] = TooMany(why, retry_after_s=7200)
    fetch_id = signed_in.run("fetch", "--symbols", "AAPL", *YEAR).stdout.strip()
    deadline = time.monotonic() + 60
    while signed_in.json("fetches", fetch_id)["state"] != "waiting" and time.monotonic() < deadline:
        time.sleep(0.05)
    shown = signed_in.run("fetches", fetch_id).stderr
    assert re.search(r"waiting until \d{4}-\d\d-\d\d \d\d:\d\d UTC: " + re.escape(why), shown)
    assert signed_in.json("fetches", fetch_id, "--cancel")["state"] == "cancelled"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--symbols", "AAPL"], "--start is missing"),
        (["--symbols", "AAPL", "--start", "yesterday"], "is no time"),
        (["--start", "2024-01-01", "--providers", "yahoo,bloomberg"], "'bloomberg' is no provider"),
        (["--start", "2024-01-01"], "name the symbols"),
        (["--symbols", "A B", "--start", "2024-01-01"], "'A B' is no symbol; expected 1 to 32 letters"),
        (["--symbols", "A", "--start", "2024-01-02", "--end", "2024-01-01"], "--end must be after --start"),
    ],
)
def test_wrong_usage_says_what_is_expected(signed_in: Shell, arguments: list[str], said: str) -> None:
    found = signed_in.run("fetch", *arguments)
    assert found.exit_code != 0
    assert said in found.stderr
