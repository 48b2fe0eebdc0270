"""``causeway simulate``: a user tries a vendor without an account, with made prices or recorded answers."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from causeway.adapters.feeds.alpaca_data import AlpacaHistory, AlpacaLive
from causeway.adapters.feeds.wiring import open_feeds
from causeway.cli.main import cli
from causeway.errors import InvalidInput
from causeway.model.tick import TradingStatus
from causeway.model.time import BarSize
from causeway.ports.feed import BarsRequest, FetchControl
from causeway.settings import AlpacaDataSettings, FeedSettings
from causeway.simulators.faults import Fault, Faults, Flaw
from causeway.simulators.market import SimulatedMarket
from causeway.simulators.recordings import Recordings
from causeway.simulators.registry import FAULTS_OF, open_simulator

PACKAGE = Path(__file__).parents[3] / "layers/core/python"


@contextmanager
def simulated(*arguments: str) -> Iterator[dict[str, str]]:
    """The settings that the command prints, while it runs."""
    command = [sys.executable, "-u", "-m", "causeway.cli.main", "simulate", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as run:
        assert run.stdout is not None
        settings: dict[str, str] = {}
        try:
            while not any(name.endswith("_URL") for name in settings):
                name, _, value = run.stdout.readline().removeprefix("export ").strip().partition("=")
                assert name, run.stderr and run.stderr.read()
                settings[name] = value
            yield settings
        finally:
            run.terminate()


def test_it_serves_recorded_answers_before_made_ones(tmp_path: Path) -> None:
    (tmp_path / "GLOBAL_QUOTE_MSFT.json").write_text('{"Global Quote": {"05. price": "1.5"}}')
    with simulated("alphavantage", "--recordings", str(tmp_path)) as settings:
        url = f"{settings['CAUSEWAY_ALPHAVANTAGE_URL']}/query?apikey=x&"
        quote = httpx.get(f"{url}function=GLOBAL_QUOTE&symbol=MSFT", timeout=60).json()
        splits = httpx.get(f"{url}function=SPLITS&symbol=AAPL", timeout=60).json()
    assert quote == {"Global Quote": {"05. price": "1.5"}}
    assert splits["data"] == [{"effective_date": "2024-06-10", "split_factor": "4.0000"}]


def test_another_symbols_recording_is_no_answer(tmp_path: Path) -> None:
    line = {"url": "https://x/query?function=OVERVIEW&symbol=IBM", "body": {"Symbol": "IBM"}}
    (tmp_path / "index.jsonl").write_text(json.dumps(line))
    recordings = Recordings(tmp_path)
    assert recordings.find("/query", {"function": "OVERVIEW", "symbol": "IBM", "apikey": "x"}) is not None
    assert recordings.find("/query", {"function": "OVERVIEW", "symbol": "MSFT"}) is None
    assert recordings.find("/other", {"function": "OVERVIEW", "symbol": "IBM"}) is None


def test_the_nearest_range_of_a_series_is_replayed(tmp_path: Path) -> None:
    lines = [{"url": f"https://x/chart/A?interval=1d&period1={start}", "body": str(start)} for start in (100, 900)]
    (tmp_path / "index.jsonl").write_text("\n".join(map(json.dumps, lines)))
    found = Recordings(tmp_path).find("/chart/A", {"interval": "1d", "period1": "880"})
    assert found is not None
    assert found.body == b"900"


def test_an_empty_directory_and_a_vendor_that_replays_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="holds no recording"):
        open_simulator("yahoo", SimulatedMarket(), Faults(), recordings=tmp_path)
    with pytest.raises(InvalidInput, match="replays no recordings"):
        open_simulator("iqfeed", SimulatedMarket(), Faults(), recordings=tmp_path)


def test_the_page_of_providers_lists_every_fault_and_who_can_have_it() -> None:
    page = (Path(__file__).parents[3] / "docs/operations/providers.md").read_text(encoding="utf-8")
    table = page.partition("| fault | what goes wrong | ")[2].partition("\n\n")[0]
    vendors = [cell.strip() for cell in table.splitlines()[0].rstrip("| ").split("|")]
    rows = {row[0].strip("` "): row[2:] for row in (line.strip("|").split("|") for line in table.splitlines()[2:])}
    written = {
        vendor: {name for name, cells in rows.items() if cells[at].strip() == "yes"}
        for at, vendor in enumerate(vendors)
    }
    assert set(rows) == set(Fault)
    assert written == {vendor: set(faults) for vendor, faults in FAULTS_OF.items()}


def test_the_page_of_providers_lists_every_flaw() -> None:
    page = (Path(__file__).parents[3] / "docs/operations/providers.md").read_text(encoding="utf-8")
    table = page.partition("| flaw | what is wrong |")[2].partition("\n\n")[0]
    assert {line.split("|")[1].strip("` ") for line in table.splitlines()[2:]} == set(Flaw)


@pytest.mark.parametrize(
    ("vendor", "fault", "said"),
    [
        ("alpaca", "nulls", "the simulated alpaca can have: throttle,"),
        ("yahoo", "explode", "found 'explode'"),
        ("yahoo", "cut=often", "expected how often, such as cut=2; found 'cut=often'"),
        ("yahoo", "cut=0", "expected how often"),
    ],
)
def test_a_fault_that_cannot_be_is_refused(vendor: str, fault: str, said: str) -> None:
    found = CliRunner().invoke(cli, ["simulate", vendor, "--fault", fault])
    assert found.exit_code == 2
    assert said in " ".join(found.stderr.split())


@pytest.mark.parametrize("vendor", ["yahoo", "alphavantage", "iqfeed", "alpaca"])
def test_a_port_in_use_is_named(vendor: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        found = CliRunner().invoke(cli, ["simulate", vendor, "--port", str(port)])
    assert (found.exit_code, found.stdout) == (1, "")
    assert f"the simulated {vendor} cannot listen on port" in found.stderr
    assert str(port) in found.stderr
    assert "Address already in use" in found.stderr


@pytest.mark.parametrize("vendor", ["yahoo", "alphavantage"])
def test_the_settings_that_it_prints_lead_to_it(
    vendor: str, simulated_market: SimulatedMarket, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = datetime(2024, 3, 4, tzinfo=UTC)
    request = BarsRequest("MSFT", BarSize.DAY_1, start, start + timedelta(days=5))
    with open_simulator(vendor, simulated_market, Faults()) as simulator:
        for name, value in simulator.settings.items():
            monkeypatch.setenv(name, value)
        with closing(open_feeds(FeedSettings())) as feed:
            [page] = feed.bars(request, FetchControl())
    assert (page.source, len(page.bars)) == (vendor, 5)


@pytest.mark.parametrize(
    ("vendor", "halt", "said"),
    [
        ("iqfeed", "AAPL@1:2", "iqfeed tells of no halts; alpaca does"),
        ("alpaca", "AAPL", "expected SYMBOL@AFTER:FOR in seconds, such as AAPL@30:60; found 'AAPL'"),
        ("alpaca", "AAPL@soon", "expected SYMBOL@AFTER:FOR"),
        ("alpaca", "AAPL@-1:2", "expected SYMBOL@AFTER:FOR"),
        ("alpaca", "NOPE@1:2", "expected one of --symbols"),
    ],
)
def test_a_halt_that_cannot_be_is_refused(vendor: str, halt: str, said: str) -> None:
    found = CliRunner().invoke(cli, ["simulate", vendor, "--halt", halt])
    assert found.exit_code == 2
    assert said in " ".join(found.stderr.split())


def test_a_halt_from_the_command_line_reaches_who_watches_the_symbol_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    with simulated("alpaca", "--symbols", "AAPL,MSFT", "--halt", "AAPL@0.3:0.5") as settings:
        url = settings["CAUSEWAY_ALPACA_DATA_URL"]
        known = {**settings, "CAUSEWAY_ALPACA_STREAM_URL": url.replace("http", "ws", 1)}  # the last one that it prints
        for name, value in known.items():
            monkeypatch.setenv(name, value)
        live = AlpacaLive(AlpacaDataSettings(), AlpacaHistory(AlpacaDataSettings()))
        live.subscribe(["AAPL", "MSFT"])
        over = threading.Event()
        events = islice(live.events(over.is_set, 0.1), 10_000)
        halt, end = islice((event for event in events if isinstance(event, TradingStatus)), 2)
        over.set()
        list(events)  # to their end, which closes the connection
    assert [(one.symbol, one.halted, one.code) for one in (halt, end)] == [("AAPL", True, "H"), ("AAPL", False, "T")]
    assert (end.time - halt.time).total_seconds() >= 0.5
