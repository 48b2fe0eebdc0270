"""Each command against the real functions: what it prints, stores and says with its exit code."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from causeway.cli.main import cli
from tests.functions.cli.conftest import PASSWORD, Shell

pytestmark = [pytest.mark.postgres]
WHOLE = (
    "Ticker,Date,Open,High,Low,Close,Volume\n"
    "AAPL,2012-03-01,10,12,9,11,7800\nAAPL,2012-03-02,11,12,10,11.5,7800\nMSFT,2012-03-01,20,21,19,20.5,1000\n"
)
FLAWED = WHOLE + "AAPL,2012-03-05,10,9,12,11,100\n"  # its high lies below its low


@pytest.fixture
def stored(signed_in: Shell, tmp_path: Path) -> Shell:
    file = tmp_path / "bars.csv"
    file.write_text(WHOLE)
    assert signed_in.run("ingest", file).exit_code == 0
    return signed_in


def test_a_sign_in_is_kept_where_only_its_owner_reads_it(shell: Shell) -> None:
    shell.login()
    assert stat.S_IMODE(shell.token_file.stat().st_mode) == 0o600
    assert PASSWORD not in shell.token_file.read_text()
    assert shell.json("whoami")["email"] == "ada@example.test"


def test_the_password_may_come_from_stdin(shell: Shell) -> None:
    arguments = ("login", "--server", shell.server, "--email", "ada@example.test", "--password-stdin")
    assert shell.run(*arguments, stdin=f"{PASSWORD}\n").exit_code == 0


def test_a_wrong_password_is_refused_and_nothing_is_kept(shell: Shell) -> None:
    arguments = ("login", "--server", shell.server, "--email", "ada@example.test", "--password-stdin")
    found = shell.run(*arguments, stdin="wrong\n")
    assert (found.exit_code, found.stdout) == (3, "")
    assert not shell.token_file.exists()


def test_without_a_sign_in_the_exit_code_is_three(shell: Shell) -> None:
    found = shell.run("symbols")
    assert (found.exit_code, found.stdout) == (3, "")
    assert "causeway login" in found.stderr


def test_a_server_that_is_away_is_named_with_exit_code_four(signed_in: Shell) -> None:
    kept = json.loads(signed_in.token_file.read_text())
    signed_in.token_file.write_text(json.dumps(kept | {"server": "http://127.0.0.1:1"}))
    found = signed_in.run("symbols")
    assert (found.exit_code, found.stdout) == (4, "")
    assert "http://127.0.0.1:1 does not answer" in found.stderr


def test_signing_out_ends_the_sign_in_here_and_on_the_server(signed_in: Shell) -> None:
    kept = signed_in.token_file.read_text()
    assert signed_in.run("logout").exit_code == 0
    assert not signed_in.token_file.exists()
    expired = json.loads(kept) | {"expires_at": "2020-01-01T00:00:00Z"}
    signed_in.token_file.write_text(json.dumps(expired))
    assert signed_in.run("whoami").exit_code == 3  # its refresh token works no more


def test_an_old_access_token_is_renewed_once_though_several_commands_start_together(signed_in: Shell) -> None:
    kept = json.loads(signed_in.token_file.read_text())
    signed_in.token_file.write_text(json.dumps(kept | {"expires_at": "2020-01-01T00:00:00Z"}))
    processes = [signed_in.start("whoami") for _ in range(4)]
    outcomes = [(process.communicate(timeout=60), process.returncode) for process in processes]
    assert [code for _, code in outcomes] == [0, 0, 0, 0], outcomes
    renewed = json.loads(signed_in.token_file.read_text())
    assert renewed["refresh_token"] != kept["refresh_token"]


def test_a_file_is_taken_in_and_said_what_of_it(signed_in: Shell, tmp_path: Path) -> None:
    file = tmp_path / "bars.csv"
    file.write_text(FLAWED)
    first = signed_in.run("ingest", file)
    assert first.exit_code == 0, first.output
    assert "time=Date" in first.stderr
    assert "4 read, 3 inserted, 0 updated, 0 unchanged, 1 quarantined" in first.stderr
    again = signed_in.json("ingest", file)
    assert [one["rows_unchanged"] for one in again] == [3]
    (row,) = signed_in.json("quarantine", "--symbol", "AAPL")
    assert row["raw"]["High"] == "9"
    assert row["reasons"]
    assert row["reasons"][0]["code"] in signed_in.run("quarantine", "--csv").stdout


def test_a_mapping_may_be_given(signed_in: Shell, tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("when,o,h,l,c,v\n2012-03-01,10,12,9,11,5\n")
    given = [f"--map={pair}" for pair in ("time=when", "open=o", "high=h", "low=l", "close=c", "volume=v")]
    (found,) = signed_in.json("ingest", file, "--symbol", "ODD", *given)
    assert (found["rows_inserted"], found["column_mapping"]["time"]) == (1, "when")


def test_a_file_that_cannot_be_understood_is_refused_and_the_others_are_taken_in(
    signed_in: Shell, tmp_path: Path
) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(WHOLE)
    bad.write_text("nothing,of,use\n1,2,3\n")
    found = signed_in.run("ingest", bad, good)
    assert found.exit_code == 1
    assert "bad.csv" in found.stderr
    assert {row["symbol"] for row in signed_in.json("symbols")} == {"AAPL", "MSFT"}


def test_bars_come_as_table_json_and_csv(stored: Shell) -> None:
    asked = ("bars", "aapl", "--start", "2012-03-01", "--end", "2012-03-02")
    assert [bar["close"] for bar in stored.json(*asked)["bars"]] == [11.0]
    assert stored.run(*asked, "--csv").stdout.splitlines() == [
        "time,open,high,low,close,volume",
        "2012-03-01T00:00:00Z,10.0,12.0,9.0,11.0,7800.0",
    ]
    assert "CLOSE" in stored.run(*asked).stdout


def test_the_table_of_bars_rounds_nothing(signed_in: Shell, tmp_path: Path) -> None:
    file = tmp_path / "bars.csv"
    file.write_text(
        "Ticker,Date,Open,High,Low,Close,Volume\nAAPL,2012-03-01,1234.5678,1240,1230.25,1235.0625,1260000\n"
    )
    assert signed_in.run("ingest", file).exit_code == 0
    line = signed_in.run("bars", "AAPL").stdout.splitlines()[1]
    assert line.split() == ["2012-03-01T00:00:00Z", "1234.5678", "1240", "1230.25", "1235.0625", "1260000"]


def test_an_unknown_symbol_is_refused(stored: Shell) -> None:
    found = stored.run("bars", "NOPE", "--json")
    assert (found.exit_code, found.stdout) == (1, "")
    assert "NOPE" in found.stderr


def test_coverage_of_every_symbol(stored: Shell) -> None:
    assert {row["symbol"]: row["bars"] for row in stored.json("coverage")} == {"AAPL": 2, "MSFT": 1}


def test_what_a_filter_leaves_out_is_not_called_missing(stored: Shell) -> None:
    assert stored.run("symbols", "--query", "zzzz").stderr == "no symbol matches 'zzzz'\n"
    assert stored.run("quarantine", "--code", "nope").stderr == "no row like this is in quarantine\n"
    assert stored.run("quarantine").stderr == "no row is in quarantine\n"


def test_an_error_says_each_sentence_once(stored: Shell) -> None:
    found = stored.run("order", "buy", "NOPE", "10", "--type", "market")
    assert found.exit_code == 1
    assert found.stderr.count("must name a known instrument") == 1


@pytest.mark.parametrize(
    "command", [("result",), ("result", "--csv"), ("cancel",), ("order", "cancel"), ("positions", "--account")]
)
@pytest.mark.parametrize("wrong", ["../../../etc/passwd", "0b7c", ""])
def test_what_is_no_id_is_wrong_usage_and_is_not_sent(shell: Shell, command: tuple[str, ...], wrong: str) -> None:
    found = shell.run(*command, wrong)  # nobody is signed in: a request would end with 3
    assert (found.exit_code, found.stdout) == (2, "")
    assert "is no id" in found.stderr


def test_a_server_of_another_kind_is_said_to_be_one(signed_in: Shell) -> None:
    with _page_server() as server:
        kept = json.loads(signed_in.token_file.read_text())
        signed_in.token_file.write_text(json.dumps(kept | {"server": server}))
        found = signed_in.run("positions")
    assert (found.exit_code, found.stdout) == (4, "")
    assert "something else than JSON" in found.stderr
    assert "Traceback" not in found.output


@contextmanager
def _page_server() -> Iterator[str]:
    """A web server that answers every path with a page."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>hello</html>")

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("wrong", ["2012-13-01", "yesterday", "2012-03-01T10:00"])
def test_a_wrong_date_is_wrong_usage(stored: Shell, wrong: str) -> None:
    assert stored.run("bars", "AAPL", "--start", wrong).exit_code == 2


def test_the_known_market_prints_its_truth_and_is_stored_once(signed_in: Shell) -> None:
    asked = ("demo", "known", "--seed", "7", "--length", "60")
    truth = signed_in.json(*asked)
    assert set(truth) == {"symbols", "links"}
    assert {frozenset(link) for link in truth["links"]} == {frozenset({"source", "target", "lag_bars"})}
    assert {row["symbol"] for row in signed_in.json("symbols")} == set(truth["symbols"])
    assert signed_in.json(*asked) == truth


def test_what_was_found_in_a_file_is_told(signed_in: Shell, tmp_path: Path) -> None:
    saturday = tmp_path / "saturday.csv"
    saturday.write_text("symbol,date,open,high,low,close,volume\nAAPL,2012-01-07,1,1,1,1,1\n")
    told = signed_in.run("ingest", str(saturday)).stderr
    assert "warning not_a_session: 1 row, such as: XNYS has no session on 2012-01-07" in told


def test_another_size_of_the_known_market_is_another_market(signed_in: Shell) -> None:
    small = signed_in.json("demo", "known", "--seed", "7", "--length", "60", "--series", "4", "--links", "2")
    longer = signed_in.json("demo", "known", "--seed", "7", "--length", "90", "--series", "4", "--links", "2")
    assert not set(small["symbols"]) & set(longer["symbols"])
    assert {row["bars"] for row in signed_in.json("coverage", "--symbols", small["symbols"][0])} == {60}


def test_a_known_market_whose_symbols_hold_other_bars_is_refused(signed_in: Shell, tmp_path: Path) -> None:
    asked = ("demo", "known", "--seed", "7", "--length", "60", "--series", "2", "--links", "1")
    taken = tmp_path / "taken.csv"
    taken.write_text("symbol,date,open,high,low,close,volume\nK7X2X60X1A,2013-03-01,1,1,1,1,1\n")
    assert signed_in.run("ingest", str(taken)).exit_code == 0
    found = signed_in.run(*asked, "--json")
    assert (found.exit_code, found.stdout) == (1, "")
    assert "1 of 120 bars went to quarantine" in found.stderr


@pytest.mark.redis
def test_the_replay_starts_changes_and_stops(stored: Shell, feed: None) -> None:
    started = stored.json("replay", "--date", "2012-03-01", "--speed", "390")
    assert (started["mode"], started["speed"], started["market_time"][:10]) == ("replay", 390.0, "2012-03-01")
    assert stored.json("replay", "--stop")["mode"] == "closed"
    assert stored.json("replay")["mode"] == "replay"
    assert stored.run("replay", "--date", "2030-01-01").exit_code == 1
    too_early = stored.run("replay", "--date", "1950-01-01")
    assert too_early.exit_code == 1
    assert "start on 2012-03-01, and the last day is 2012-03-0" in too_early.stderr
    assert stored.json("replay")["market_time"][:10] == "2012-03-01"
    assert stored.run("replay", "--stop", "--speed", "3").exit_code == 2


@pytest.mark.redis
def test_orders_are_previewed_placed_listed_and_cancelled(stored: Shell, feed: None) -> None:
    stored.json("replay", "--date", "2012-03-01", "--speed", "1")
    asked = ("order", "buy", "AAPL", "10", "--type", "limit", "--limit", "9.99")
    assert stored.json(*asked, "--preview")["allowed"] is True
    assert stored.json("orders") == []
    placed = stored.json(*asked, "--client-order-id", "mine-1")
    again = stored.json(*asked, "--client-order-id", "mine-1")
    assert placed["id"] == again["id"]
    assert [one["client_order_id"] for one in stored.json("orders", "--status", "open")] == ["mine-1"]
    assert stored.run("order", "cancel", placed["id"]).exit_code == 0
    denied = stored.run("order", "buy", "AAPL", "100000000", "--type", "limit", "--limit", "9.99")
    assert denied.exit_code == 1
    assert "the order was denied" in denied.stderr
    assert denied.stderr.count("is above the limit of 1000000 for one order") == 1


def test_order_usage_is_checked_before_anything_is_sent(stored: Shell) -> None:
    for wrong in (
        ("buy", "AAPL", "10", "--type", "limit"),
        ("sell", "AAPL", "10", "--type", "market", "--limit", "1"),
        ("buy", "AAPL", "-1", "--type", "market"),
        ("buy", "AAPL", "nan", "--type", "market"),
    ):
        assert stored.run("order", *wrong).exit_code == 2


def test_the_account_is_shown(signed_in: Shell) -> None:
    assert signed_in.json("positions") == []
    assert float(signed_in.json("portfolio")["cash"]) > 0
    assert "buying power" in signed_in.run("portfolio").stdout


QUESTION = ("--start", "2000-01-01", "--train-end", "2100-01-01", "--end", "2101-01-01")


def _question(shell: Shell) -> tuple[str, ...]:
    truth = shell.json("demo", "known", "--seed", "3", "--length", "600", "--series", "3", "--links", "1")
    bars = shell.json("bars", truth["symbols"][0])["bars"]
    end, train_end = bars[-1]["time"], bars[400]["time"]
    return ("--symbols", ",".join(truth["symbols"]), "--start", bars[0]["time"], "--train-end", train_end, "--end", end)


def _job_state(shell: Shell) -> Any:
    with psycopg.connect(shell.databases.owner_url) as connection:
        return connection.execute("SELECT state, cancel_requested_at IS NOT NULL FROM jobs").fetchone()


def test_an_analysis_is_submitted_listed_and_cancelled(signed_in: Shell) -> None:
    submitted = signed_in.json("analyse", *_question(signed_in), "--max-lag", "2", "--seed", "5", "--name", "first")
    assert (submitted["state"], submitted["spec"]["max_lag"], submitted["spec"]["seed"]) == ("queued", 2, 5)
    assert [job["name"] for job in signed_in.json("analyses")] == ["first"]
    early = signed_in.run("result", submitted["id"])
    assert early.exit_code == 1
    assert "has no result yet" in early.stderr
    foreign = signed_in.run("result", "0b7c1f2e-1111-4222-8333-444455556666")
    assert foreign.exit_code == 1
    assert "no analysis 0b7c1f2e-1111-4222-8333-444455556666 of yours is known" in foreign.stderr
    assert signed_in.run("cancel", submitted["id"]).exit_code == 0
    assert signed_in.json("analyses", "--state", "cancelled")[0]["id"] == submitted["id"]
    assert "was cancelled, so it has no result" in signed_in.run("result", submitted["id"]).stderr


def test_options_of_inference_reach_the_question(signed_in: Shell) -> None:
    question = _question(signed_in)
    driver = question[1].split(",")[0].lower()
    options = ("--neighbours", "7", "--bins", "5", "--window-bars", "120", "--tail", "counted",
               "--mode", "bivariate-te", "--condition-on", driver)  # fmt: skip
    inference = signed_in.json("analyse", *question, "--estimator", "copula", *options)["spec"]["inference"]
    assert inference["condition_on"] == [driver.upper()]
    assert (inference["k"], inference["n_bins"], inference["window_bars"]) == (7, 5, 120)
    assert (inference["tail"], inference["mode"], inference["step_bars"]) == ("counted", "bivariate-te", None)


def test_what_it_would_cost_is_said_before_anything_is_asked(signed_in: Shell) -> None:
    question = _question(signed_in)
    said = signed_in.run("analyse", *question, "--estimate-only")
    assert said.exit_code == 0
    assert "with 2 workers" in said.stdout
    assert "3 targets, " in said.stdout
    assert "6 tests: a lone link needs p <= 3.4e-03" in said.stdout  # 0.05 / (6 * 2.45)
    assert signed_in.json("analyse", *question, "--estimate-only")["tests"] == 6
    assert _job_state(signed_in) is None


def test_help_lists_options_under_headings() -> None:
    text = CliRunner().invoke(cli, ["analyse", "--help"]).output
    headings = ["Data:", "Estimation:", "Search:", "Chance: what a link must beat:", "Trust:", "Engine:"]
    places = [text.index(f"\n{heading}\n") for heading in headings]
    assert places == sorted(places)
    assert places[3] < text.index("--surrogates") < places[4] < text.index("--stability-runs") < places[5]


def test_a_question_that_cannot_be_answered_is_refused(signed_in: Shell) -> None:
    found = signed_in.run("analyse", "--symbols", "NOPE,NADA", *QUESTION, "--json")
    assert (found.exit_code, found.stdout) == (1, "")
    assert _job_state(signed_in) is None


def test_ctrl_c_while_waiting_cancels_the_job_on_the_server(signed_in: Shell) -> None:
    process = signed_in.start("analyse", *_question(signed_in), "--wait")
    deadline = time.monotonic() + 30
    while _job_state(signed_in) is None and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.3)  # it waits now
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "is cancelled on the server" in errors
    assert _job_state(signed_in) == ("cancelled", True)


def test_help_of_every_command_has_an_example() -> None:
    from tests.unit.cli.test_manual import commands

    for path, command in commands():
        assert "Example: causeway" in (command.help or ""), path


def test_help_is_quick() -> None:
    times = []
    for _ in range(3):
        began = time.monotonic()
        subprocess.run([sys.executable, "-c", "import causeway.cli.main"], check=True, capture_output=True)
        times.append(time.monotonic() - began)
    assert min(times) < 1.0  # about 0.1 s on a free machine
    heavy = "numpy, pandas, httpx, psycopg, redis, fastapi"
    code = f"import sys, causeway.cli.main; print([n for n in {heavy.split(', ')!r} if n in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "[]"
