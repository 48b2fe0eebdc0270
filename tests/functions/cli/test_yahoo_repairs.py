"""``causeway repairs find --by yahoo``: from a Yahoo with flawed data, over sockets, to accepted bars."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from causeway.adapters.feeds.fallback import FallbackFeed
from causeway.adapters.feeds.yahoo_client import YahooClient
from causeway.adapters.feeds.yahoo_transport import REPAIRS_BY
from causeway.adapters.storage.fetch_runs import FetchRuns
from causeway.model.corporate_action import ActionKind, CorporateAction
from causeway.model.time import BarSize, moment, now_utc
from causeway.simulators.faults import Fault, Faults, Flaw
from causeway.simulators.market import SimulatedMarket
from causeway.simulators.yahoo import YahooSimulator, open_simulator
from containers.ingest.runner import IngestRunner, Pace
from tests.fixtures.databases import Databases
from tests.functions.cli.conftest import Shell

pytestmark = pytest.mark.postgres
YEAR = now_utc().year - (now_utc().month < 7)  # finer bars, which a missing value is made of, reach back 730 days
FIELDS = ("open", "high", "low", "close", "volume")
SPLIT = CorporateAction(ActionKind.SPLIT, date(YEAR, 2, 12), Decimal(4))
MARKET = SimulatedMarket(corporate_actions={"AAPL": (SPLIT,)})
START, END = datetime(YEAR, 1, 2, tzinfo=UTC), datetime(YEAR, 6, 20, tzinfo=UTC)
RANGE = ("--start", START.date().isoformat(), "--end", END.date().isoformat())


UNIT, MISSING = (date(YEAR, 3, 8), date(YEAR, 3, 21)), (date(YEAR, 5, 15), date(YEAR, 5, 17))


@pytest.fixture
def faults() -> Faults:
    return Faults(Flaw)


@pytest.fixture
def yahoo(databases: Databases, faults: Faults) -> Iterator[YahooSimulator]:
    """A runner that asks the simulated Yahoo through yfinance."""
    stop = threading.Event()
    with open_simulator(MARKET, faults) as simulator:
        url = simulator.settings["CAUSEWAY_YAHOO_URL"]
        with closing(YahooClient(url=url, requests_per_s=10_000)) as client:
            feed = FallbackFeed([client])
            pace = Pace(idle_s=0.02, heartbeat_s=0.02)
            runner = IngestRunner(FetchRuns(databases.service), lambda _: feed, symbols_at_once=1, pace=pace)
            thread = threading.Thread(target=runner.run_forever, args=(stop,))
            thread.start()
            yield simulator
            stop.set()
            thread.join(timeout=20)


def stored(shell: Shell, symbol: str) -> dict[str, list[float]]:
    bars = shell.json("bars", symbol, *RANGE)["bars"]
    return {one["time"][:10]: [one[name] for name in FIELDS] for one in bars}


def of_the_market(symbol: str) -> dict[str, list[float]]:
    bars = MARKET.bars(symbol, BarSize.DAY_1, START, END)
    days = [moment(at).date().isoformat() for at in bars.time_us.tolist()]
    return dict(zip(days, np.c_[bars.prices(), bars.volume].tolist(), strict=True))


def differing(shell: Shell, symbol: str) -> set[str]:
    """Days of which another bar than the market's is stored, or none."""
    held, true = stored(shell, symbol), of_the_market(symbol)
    return {day for day in true | held if held.get(day) != true.get(day)}


def between(first: date, last: date) -> set[str]:
    return {day for day in of_the_market("AAPL") if first.isoformat() <= day <= last.isoformat()}


@pytest.mark.usefixtures("yahoo")
def test_flawed_bars_of_yahoo_become_the_markets_own_once_they_are_accepted(signed_in: Shell) -> None:
    """MSFT is 100 times too large for two weeks, which the checks keep out; AAPL lacks a split. Both lack a close."""
    unit, missing = between(*UNIT), between(*MISSING)
    unsplit = between(SPLIT.ex_date - timedelta(days=30), SPLIT.ex_date - timedelta(days=1))
    assert signed_in.run("fetch", "--symbols", "AAPL,MSFT", *RANGE, "--wait").exit_code == 0
    assert differing(signed_in, "MSFT") == unit | missing
    assert differing(signed_in, "AAPL") == unit | unsplit | missing

    found = signed_in.run("repairs", "find", "msft", "--by", "yahoo")
    assert (found.exit_code, found.stdout) == (0, ""), found.output
    assert f"{REPAIRS_BY} would repair {len(unit | missing)} bars; {len(unit | missing)} new" in found.stderr
    proposed = {one["time"][:10]: one for one in signed_in.json("repairs", "list", "--symbol", "MSFT")}
    assert set(proposed) == unit | missing
    assert {day: one["in_quarantine"] for day, one in proposed.items()} == {day: day in unit for day in unit | missing}
    assert {one["code"] for one in proposed.values()} == {"unit_error", "provider_repair"}
    assert proposed[min(unit)]["reason"] == f"as repaired by {REPAIRS_BY}, stage: unit"
    assert differing(signed_in, "MSFT") == unit | missing  # nothing is changed before

    assert "known before" in signed_in.run("repairs", "find", "MSFT", "--by", "yahoo").stderr
    assert signed_in.run("repairs", "accept", "--symbol", "MSFT", "--yes").exit_code == 0
    assert differing(signed_in, "MSFT") == set()
    assert signed_in.json("quality", "MSFT")["sources"]["repair:unit_error"] == len(unit)

    assert signed_in.run("repairs", "find", "AAPL", "--by", "yahoo", *RANGE).exit_code == 0
    assert signed_in.run("repairs", "accept", "--symbol", "AAPL", "--yes").exit_code == 0
    assert differing(signed_in, "AAPL") == unit  # yfinance does not see these beside a split


@pytest.mark.usefixtures("yahoo")
def test_a_fetch_that_asks_for_repairs_proposes_them_after_its_bars(signed_in: Shell) -> None:
    """What is accepted is no longer what Yahoo serves, so it is not proposed again."""
    found = signed_in.run("fetch", "--symbols", "MSFT", *RANGE, "--repairs", "--wait")
    assert found.exit_code == 0, found.output
    flawed = between(*UNIT) | between(*MISSING)
    whole = len(of_the_market("MSFT")) - len(flawed)
    assert f"1 symbol, {whole} bars stored, {len(flawed)} repairs proposed" in found.stderr
    assert signed_in.run("repairs", "accept", "--symbol", "MSFT", "--yes").exit_code == 0
    again = signed_in.run("repairs", "find", "MSFT", "--by", "yahoo")
    assert (
        f"would repair 0 bars; {len(flawed)} more not proposed: what is stored is not what yahoo serves" in again.stderr
    )


def test_ctrl_c_cancels_the_look_on_the_server(signed_in: Shell, yahoo: YahooSimulator, faults: Faults) -> None:
    assert signed_in.run("fetch", "--symbols", "MSFT", *RANGE, "--wait").exit_code == 0
    asked = yahoo.requests
    faults.add(Fault.SILENCE, 100)
    process = signed_in.start("repairs", "find", "MSFT", "--by", "yahoo")
    deadline = time.monotonic() + 60
    while yahoo.requests == asked and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    fetch_id = signed_in.json("fetches")[0]["id"]
    while (state := signed_in.json("fetches", fetch_id)["state"]) == "running" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert state == "cancelled"
    assert signed_in.json("repairs", "list") == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--start", "2024-01-01"], "go with --by yahoo"),
        (["--by", "yahoo"], "no instrument has the symbol 'NOPE'"),
        (["--by", "yahoo", "--start", "2024-01-01"], "no 1d bar is stored from 2024-01-01"),
    ],
)
@pytest.mark.usefixtures("yahoo")
def test_what_cannot_be_looked_at_is_said(signed_in: Shell, arguments: list[str], said: str) -> None:
    found = signed_in.run("repairs", "find", "NOPE", *arguments)
    assert found.exit_code != 0
    assert said in found.stderr
