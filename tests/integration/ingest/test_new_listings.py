"""Where a symbol that is fetched for the first time trades: said by user, provider or symbol, or assumed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from causeway.adapters.storage.instrument_store import InstrumentStore
from causeway.model.bar import BarColumns
from causeway.model.fetch import FetchSpec
from causeway.model.instrument import AssetClass
from causeway.model.time import BarSize, micros
from causeway.ports.feed import BarPage, BarsRequest, FetchControl
from tests.fixtures.databases import Databases
from tests.integration.ingest.bench import SPEC, Bench
from tests.integration.ingest.fetching import ScriptedFeed

pytestmark = pytest.mark.postgres
TOKYO_OPENS = datetime(2024, 1, 4, 0, 0, tzinfo=UTC)  # 09:00 in Tokyo, before New York opens on that day


class TokyoFeed(ScriptedFeed):
    """One minute of one morning in Tokyo."""

    def bars(self, request: BarsRequest, control: FetchControl) -> Iterator[BarPage]:
        self.asked.append(request)
        within = request.start <= TOKYO_OPENS < request.end
        times = np.array([micros(TOKYO_OPENS)] if within else [], dtype=np.int64)
        column = np.full(len(times), 33_000.0)
        bars = BarColumns(times, column, column, column, column, column)
        yield BarPage(bars, request.end, currency="JPY", exchange="XTKS", calendar="XTKS")


@pytest.fixture
def instruments(databases: Databases) -> InstrumentStore:
    return InstrumentStore(databases.app)


def listed(instruments: InstrumentStore, symbol: str = "AAPL") -> tuple[str, str]:
    facts = instruments.get(symbol)
    return facts.exchange, facts.calendar


def test_the_provider_says_where_it_trades(bench: Bench, instruments: InstrumentStore) -> None:
    fetch_id = bench.submit("AAPL")
    bench.run(ScriptedFeed(change=lambda _, page: replace(page, exchange="XNAS", calendar="XNYS")))
    assert listed(instruments) == ("XNAS", "XNYS")
    assert "assumed" not in bench.symbols(fetch_id)["AAPL"]["message"]


def test_nobody_says_it_and_that_is_said(bench: Bench, instruments: InstrumentStore) -> None:
    fetch_id = bench.submit("AAPL")
    bench.run(ScriptedFeed(change=lambda _, page: replace(page, currency="GBP", calendar="")))
    assert listed(instruments) == ("", "XLON")
    said = "sessions of XLON assumed for AAPL; correct with: causeway symbols set AAPL --exchange MIC"
    assert bench.symbols(fetch_id)["AAPL"]["message"].count(said) == 1


def test_the_user_says_it_before_the_provider(bench: Bench, instruments: InstrumentStore) -> None:
    bench.submit("AAPL", spec=replace(SPEC, exchange="XTSE"))
    bench.run(ScriptedFeed(change=lambda _, page: replace(page, exchange="XNAS", calendar="XNYS")))
    assert listed(instruments) == ("XTSE", "XTSE")


def test_what_is_stored_stays_and_another_exchange_is_refused(bench: Bench, instruments: InstrumentStore) -> None:
    bench.submit("AAPL")
    bench.run(ScriptedFeed())
    fetch_id = bench.submit("AAPL", spec=replace(SPEC, exchange="XLON"))
    feed = ScriptedFeed(change=lambda _, page: replace(page, exchange="XLON", calendar="XLON"))
    bench.run(feed)
    assert (listed(instruments), feed.asked) == (("", "XNYS"), [])
    assert "causeway symbols set AAPL --exchange XLON" in bench.symbols(fetch_id)["AAPL"]["error"]["message"]


def test_a_provider_that_says_otherwise_is_heard_and_changes_nothing(
    bench: Bench, instruments: InstrumentStore
) -> None:
    bench.submit("AAPL")
    bench.run(ScriptedFeed())
    fetch_id = bench.submit("AAPL", spec=replace(SPEC, again=True))
    bench.run(ScriptedFeed(change=lambda _, page: replace(page, exchange="XLON", calendar="XLON")))
    said = "says XLON, and sessions of XNYS are stored; correct with: causeway symbols set AAPL --exchange XLON"
    assert bench.symbols(fetch_id)["AAPL"]["message"].count(said) == 1
    assert listed(instruments) == ("", "XNYS")


@pytest.mark.parametrize(("symbol", "asset_class"), [("7203.T", AssetClass.EQUITY), ("^N225", AssetClass.INDEX)])
def test_a_morning_in_tokyo_is_asked_for_though_new_york_sleeps(
    bench: Bench, instruments: InstrumentStore, symbol: str, asset_class: AssetClass
) -> None:
    day = (datetime(2024, 1, 4, tzinfo=UTC), datetime(2024, 1, 5, tzinfo=UTC))
    bench.submit(symbol, spec=FetchSpec(BarSize.MINUTE_1, *day, asset_class=asset_class))
    bench.run(TokyoFeed())
    assert listed(instruments, symbol) == ("XTKS", "XTKS")
