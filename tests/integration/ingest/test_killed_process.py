"""SIGKILL of the real ingest process, again and again, against a simulated Yahoo: the table ends as without it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest

from causeway.adapters.storage.fetch_store import FetchStore
from causeway.adapters.storage.timeseries_db import TimeseriesDb
from causeway.model.fetch import FetchSpec
from causeway.model.time import BarSize
from causeway.simulators.faults import Faults
from causeway.simulators.market import SimulatedMarket
from causeway.simulators.yahoo import open_simulator
from tests.fixtures.databases import Databases
from tests.integration.ingest.fetching import SESSIONS_2024, YEAR, counts, forget, table

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
_ROOT = Path(__file__).parents[3]
_SYMBOLS = ("AAPL", "MSFT", "IBM")


@pytest.fixture
def environment(databases: Databases) -> Iterator[dict[str, str]]:
    with open_simulator(SimulatedMarket(), Faults()) as yahoo:
        yield {
            **os.environ,
            **yahoo.settings,
            "PYTHONPATH": f"{_ROOT}{os.pathsep}{_ROOT / 'layers/core/python'}",
            "CAUSEWAY_DATABASE_URL": databases.service_url,
            "CAUSEWAY_REDIS_URL": "redis://127.0.0.1:1/0",  # nobody listens: what is announced is not what is stored
            "CAUSEWAY_FEEDS": "yahoo",
            "CAUSEWAY_YAHOO_REQUESTS_PER_S": "1000",
            "CAUSEWAY_FETCH_LEASE_S": "0.5",
            "CAUSEWAY_FETCH_SYMBOLS_AT_ONCE": "2",
        }


def run(fetch_id: UUID, environment: dict[str, str], dies_at: int) -> int:
    """Exit status of an ingest process; negative: the signal that ended it."""
    command = [sys.executable, "-m", "tests.fixtures.dying_ingest", str(fetch_id), str(dies_at)]
    done = subprocess.run(command, cwd=_ROOT, env=environment, timeout=120, capture_output=True, check=False)
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr.decode()
    return done.returncode


def test_a_fetch_survives_its_process(
    databases: Databases, user_factory: Callable[..., UUID], environment: dict[str, str]
) -> None:
    user, store = user_factory("analyst"), FetchStore(databases.app)
    spec = FetchSpec(BarSize.DAY_1, *YEAR)
    whole = store.submit(user, "", spec, _SYMBOLS, actor="test")["id"]
    assert run(whole, environment, dies_at=1_000_000) == 0
    undisturbed = table(databases), counts(databases)
    forget(databases)
    killed = store.submit(user, "", spec, _SYMBOLS, actor="test")["id"]
    deaths = [run(killed, environment, dies_at) for dies_at in (3, 5, 7)]
    assert deaths == [-signal.SIGKILL] * 3
    assert run(killed, environment, dies_at=1_000_000) == 0
    row = store.get(user, killed)
    assert (row["state"], row["rows_inserted"]) == ("succeeded", 3 * SESSIONS_2024)
    assert (table(databases), counts(databases)) == undisturbed
    assert {one[8] for one in table(databases) if len(one) == 9} == {"yahoo"}


def test_what_yahoo_divides_by_later_splits_is_stored_as_traded(
    databases: Databases, user_factory: Callable[..., UUID], environment: dict[str, str]
) -> None:
    store = FetchStore(databases.app)
    fetch_id = store.submit(user_factory("analyst"), "", FetchSpec(BarSize.DAY_1, *YEAR), ["AAPL"], actor="test")["id"]
    assert run(fetch_id, environment, dies_at=1_000_000) == 0
    stored = TimeseriesDb(databases.app).read_bars("AAPL", BarSize.DAY_1)
    traded = SimulatedMarket().bars("AAPL", BarSize.DAY_1, *YEAR)  # four for one on 2024-06-10
    assert stored.close.tolist() == traded.close.tolist()
    assert stored.volume.tolist() == traded.volume.tolist()
