"""What a symbol that is fetched for the first time is, and where it trades: said by user, provider or symbol,
or assumed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from causeway.adapters.storage.database import Row
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
GOOD_FRIDAY = datetime(2024, 3, 29, tzinfo=UTC)  # a holiday of New York, and a day on which currencies are traded
SATURDAY = datetime(2024, 3, 30, tzinfo=UTC)


@dataclass
class OneBarFeed(ScriptedFeed):
    """One bar at ``at``, beside what ``says`` makes of its page."""

    at: datetime = TOKYO_OPENS
    says: Callable[[BarPage], BarPage] = lambda page: page

    def bars(self, request: BarsRequest, control: FetchControl) -> Iterator[BarPage]:
        self.asked.append(request)
        within = request.start <= self.at < request.end
        times = np.array([micros(self.at)] if within else [], dtype=np.int64)
        column = np.full(len(times), 33_000.0)
        bars = BarColumns(times, column, column, column, column, column)
        yield self.says(BarPage(bars, request.end))


def in_tokyo(page: BarPage) -> BarPage:
    return replace(page, currency="JPY", exchange="XTKS", calendar="XTKS")


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


@pytest.mark.parametrize(
    ("symbol", "asset_class"),
    [("7203.T", AssetClass.EQUITY), ("^N225", AssetClass.INDEX), ("^N225", None), ("7203.T", None)],
)
def test_a_morning_in_tokyo_is_asked_for_though_new_york_sleeps(
    bench: Bench, instruments: InstrumentStore, symbol: str, asset_class: AssetClass | None
) -> None:
    day = (datetime(2024, 1, 4, tzinfo=UTC), datetime(2024, 1, 5, tzinfo=UTC))
    bench.submit(symbol, spec=FetchSpec(BarSize.MINUTE_1, *day, asset_class=asset_class))
    bench.run(OneBarFeed(says=in_tokyo))
    assert listed(instruments, symbol) == ("XTKS", "XTKS")


def first_fetch(bench: Bench, symbol: str, feed: OneBarFeed, **spec: Any) -> Row:
    """What became of a symbol of which one day is asked for."""
    day = (feed.at, feed.at + timedelta(days=1))
    fetch_id = bench.submit(symbol, spec=FetchSpec(BarSize.DAY_1, *day, **spec))
    bench.run(feed)
    return bench.symbols(fetch_id)[symbol]


@pytest.mark.parametrize(
    ("symbol", "at", "asset_class", "calendar"),
    [("EURUSD=X", GOOD_FRIDAY, "fx", "24/5"), ("BTC-USD", SATURDAY, "crypto", "24/7")],
)
def test_currencies_and_coins_are_asked_for_while_new_york_is_closed(
    bench: Bench, instruments: InstrumentStore, symbol: str, at: datetime, asset_class: str, calendar: str
) -> None:
    found = first_fetch(bench, symbol, OneBarFeed(at=at))
    facts = instruments.get(symbol)
    assert (facts.asset_class, facts.calendar, found["rows_inserted"]) == (asset_class, calendar, 1)
    said = f"class {asset_class} assumed for {symbol} by the form of the symbol"
    assert found["message"].count(said) == 1
    assert "--exchange" not in found["message"]


def test_a_class_that_the_provider_says_is_taken_before_the_form_and_not_called_assumed(
    bench: Bench, instruments: InstrumentStore
) -> None:
    says = OneBarFeed(at=SATURDAY - timedelta(days=2), says=lambda page: replace(page, asset_class=AssetClass.ETF))
    found = first_fetch(bench, "ABC-USD", says)
    assert instruments.get("ABC-USD").asset_class is AssetClass.ETF
    assert "class " not in found["message"]


def test_a_class_that_the_user_says_is_taken_before_the_providers(bench: Bench, instruments: InstrumentStore) -> None:
    says = OneBarFeed(at=GOOD_FRIDAY, says=lambda page: replace(page, asset_class=AssetClass.EQUITY))
    first_fetch(bench, "XYZ", says, asset_class=AssetClass.FX)
    assert (instruments.get("XYZ").asset_class, instruments.get("XYZ").calendar) == (AssetClass.FX, "24/5")


def test_an_exchange_named_for_a_currency_fails_this_symbol_alone(bench: Bench) -> None:
    spec = FetchSpec(BarSize.DAY_1, datetime(2024, 3, 28, tzinfo=UTC), SATURDAY, exchange="XNYS")
    fetch_id = bench.submit("EURUSD=X", "AAPL", spec=spec)
    bench.run(OneBarFeed(at=datetime(2024, 3, 28, tzinfo=UTC)))
    found = bench.symbols(fetch_id)
    assert "the class fx keeps 24/5 and no exchange's sessions" in found["EURUSD=X"]["error"]["message"]
    assert found["AAPL"]["outcome"] == "stored"
