"""Proposed repairs: kept, decided once, written with their source, audited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import psycopg
import pytest

from causeway.adapters.storage.repair_store import RepairStore
from causeway.adapters.storage.timeseries_db import TimeseriesDb
from causeway.errors import Conflict, InvalidInput, NotFound
from causeway.market_data.repairs import Proposal, bar_at
from causeway.model.bar import Bar
from causeway.model.time import BarSize
from tests.fixtures.databases import Databases

pytestmark = pytest.mark.postgres
BARS = """symbol,date,open,high,low,close,volume
AAPL,2024-01-11,100,101,99,100.1,10
AAPL,2024-01-12,120,123,119,122,20
AAPL,2024-01-16,101,102,99,101,40
"""


@pytest.fixture
def proposal(databases: Databases, load: Callable[..., None]) -> Proposal:
    load(BARS)
    found = bar_at(TimeseriesDb(databases.app).read_bars("AAPL", BarSize.DAY_1), 1)
    return Proposal("unit_error", "prices are 100 times", found, Bar(found.time, 100, 103, 99, 102, 20))


@pytest.fixture
def store(databases: Databases) -> RepairStore:
    return RepairStore(databases.app)


def second_close(databases: Databases) -> float:
    return float(TimeseriesDb(databases.app).read_bars("AAPL", BarSize.DAY_1).close[1])


def test_a_proposal_changes_nothing(
    store: RepairStore, analyst: UUID, proposal: Proposal, databases: Databases
) -> None:
    [made] = store.propose(analyst, "aapl", BarSize.DAY_1, [proposal])
    assert store.propose(analyst, "AAPL", BarSize.DAY_1, [proposal]) == []
    [listed] = store.list(analyst, state="proposed", symbol="AAPL")
    assert (listed["id"], listed["symbol"], listed["state"]) == (made, "AAPL", "proposed")
    assert (listed["found"]["close"], listed["proposed"]["close"]) == (122, 102)
    assert second_close(databases) == 122


def test_those_of_one_look_are_listed_by_time_page_by_page(
    store: RepairStore, analyst: UUID, load: Callable[..., None], databases: Databases
) -> None:
    load(BARS)
    bars = TimeseriesDb(databases.app).read_bars("AAPL", BarSize.DAY_1)
    found = [bar_at(bars, at) for at in (1, 0, 2)]
    store.propose(
        analyst, "AAPL", BarSize.DAY_1, [Proposal("unit_error", "", one, replace(one, volume=1)) for one in found]
    )
    days, before = [], None
    while page := store.list(analyst, before=before, limit=1):
        days.append(page[0]["time"].day)
        before = page[0]["created_at"], page[0]["id"]
    assert days == [16, 12, 11]


def test_an_accepted_one_is_written_with_its_source_and_audited(
    store: RepairStore, analyst: UUID, proposal: Proposal, databases: Databases
) -> None:
    [made] = store.propose(analyst, "AAPL", BarSize.DAY_1, [proposal])
    store.accept(analyst, [made], remark="pence")
    assert second_close(databases) == 102
    with psycopg.connect(databases.owner_url) as connection:
        sources = connection.execute("SELECT source FROM market_data ORDER BY time").fetchall()
        logged = connection.execute(
            "SELECT action, subject, detail->>'remark' FROM audit_log ORDER BY seq DESC LIMIT 1"
        ).fetchone()
    assert [source for (source,) in sources] == ["upload", "repair:unit_error", "upload"]
    assert logged == ("repair.accepted", str(made), "pence")
    assert store.list(analyst)[0]["state"] == "accepted"
    with pytest.raises(Conflict, match="accepted before"):
        store.accept(analyst, [made])
    with pytest.raises(Conflict, match="accepted before"):
        store.reject(analyst, made)


def test_a_rejected_one_leaves_the_bar(
    store: RepairStore, analyst: UUID, proposal: Proposal, databases: Databases
) -> None:
    [made] = store.propose(analyst, "AAPL", BarSize.DAY_1, [proposal])
    with pytest.raises(InvalidInput, match="at most 500"):
        store.reject(analyst, made, remark="x" * 501)
    store.reject(analyst, made)
    assert second_close(databases) == 122


def test_a_rejected_one_comes_back_only_when_the_bar_or_the_proposal_is_another(
    store: RepairStore, analyst: UUID, proposal: Proposal
) -> None:
    [made] = store.propose(analyst, "AAPL", BarSize.DAY_1, [proposal])
    store.reject(analyst, made)
    assert store.propose(analyst, "AAPL", BarSize.DAY_1, [proposal]) == []
    assert proposal.found is not None
    other_bar = replace(proposal, found=replace(proposal.found, volume=21))
    other_proposal = replace(proposal, proposed=replace(proposal.proposed, close=101))
    for changed in (other_bar, other_proposal):
        [again] = store.propose(analyst, "AAPL", BarSize.DAY_1, [changed])
        store.reject(analyst, again)


def test_a_rejected_one_is_still_proposed_to_somebody_else(
    store: RepairStore, analyst: UUID, proposal: Proposal, user_factory: Callable[..., UUID]
) -> None:
    [made] = store.propose(analyst, "AAPL", BarSize.DAY_1, [proposal])
    store.reject(analyst, made)
    assert len(store.propose(user_factory("trader"), "AAPL", BarSize.DAY_1, [proposal])) == 1


def test_a_bar_that_changed_since_is_not_overwritten(
    store: RepairStore, analyst: UUID, proposal: Proposal, databases: Databases, load: Callable[..., None]
) -> None:
    [made] = store.propose(analyst, "AAPL", BarSize.DAY_1, [proposal])
    load("symbol,date,open,high,low,close,volume\nAAPL,2024-01-12,100,104,99,103,20\n", replace=True)
    with pytest.raises(Conflict, match="close 103, volume 20 now and was open 120"):
        store.accept(analyst, [made])
    assert second_close(databases) == 103


def test_another_users_proposal_is_not_seen(
    store: RepairStore, analyst: UUID, proposal: Proposal, user_factory: Callable[..., UUID]
) -> None:
    [made] = store.propose(analyst, "AAPL", BarSize.DAY_1, [proposal])
    other = user_factory("trader")
    assert store.list(other) == []
    for identity in (made, uuid4()):
        with pytest.raises(NotFound):
            store.accept(other, [identity])
    with pytest.raises(NotFound, match="ZZZ meant no instrument"):
        store.propose(analyst, "ZZZ", BarSize.DAY_1, [proposal])


def test_several_are_accepted_together_or_not_at_all(
    store: RepairStore, analyst: UUID, proposal: Proposal, databases: Databases, load: Callable[..., None]
) -> None:
    first = bar_at(TimeseriesDb(databases.app).read_bars("AAPL", BarSize.DAY_1), 0)
    other = Proposal("unit_error", "so", first, replace(first, close=100.2))
    made = store.propose(analyst, "AAPL", BarSize.DAY_1, [proposal, other])
    load("symbol,date,open,high,low,close,volume\nAAPL,2024-01-11,100,104,99,103,20\n", replace=True)
    with pytest.raises(Conflict, match="close 103"):
        store.accept(analyst, made)
    assert second_close(databases) == 122
    assert {one["state"] for one in store.list(analyst)} == {"proposed"}
    load("symbol,date,open,high,low,close,volume\nAAPL,2024-01-11,100,101,99,100.1,10\n", replace=True)
    assert len(store.accept(analyst, [*made, made[0]])) == 2
    assert TimeseriesDb(databases.app).read_bars("AAPL", BarSize.DAY_1).close.tolist() == [100.2, 102, 101]


def test_a_bar_that_is_not_stored_is_added(
    store: RepairStore, analyst: UUID, proposal: Proposal, databases: Databases, load: Callable[..., None]
) -> None:
    """A provider has no close for a bar, and knows how to mend that."""
    bar = replace(proposal.proposed, time=datetime(2024, 1, 17, tzinfo=UTC))
    new = Proposal("provider_repair", "as repaired by yfinance", None, bar)
    [made] = store.propose(analyst, "AAPL", BarSize.DAY_1, [new])
    assert store.propose(analyst, "AAPL", BarSize.DAY_1, [new]) == []
    assert store.list(analyst)[0]["found"] is None
    load("symbol,date,open,high,low,close,volume\nAAPL,2024-01-17,100,104,99,103,20\n")
    with pytest.raises(Conflict, match="close 103, volume 20 now and was not stored"):
        store.accept(analyst, [made])
    with psycopg.connect(databases.owner_url) as connection:
        connection.execute("DELETE FROM market_data WHERE time = '2024-01-17Z'")
    store.accept(analyst, [made])
    stored = TimeseriesDb(databases.app).read_bars("AAPL", BarSize.DAY_1)
    assert bar_at(stored, len(stored) - 1) == bar
    with psycopg.connect(databases.owner_url) as connection:
        source = connection.execute("SELECT source FROM market_data WHERE time = '2024-01-17Z'").fetchone()
    assert source == ("repair:provider_repair",)


def test_a_bar_with_an_open_proposal_gets_no_second_one(store: RepairStore, analyst: UUID, proposal: Proposal) -> None:
    """The checks and a provider may see the same flaw, each in its own words; the first one stays."""
    [made] = store.propose(analyst, "AAPL", BarSize.DAY_1, [proposal])
    other = replace(proposal, code="provider_repair", proposed=replace(proposal.proposed, close=101))
    assert store.propose(analyst, "AAPL", BarSize.DAY_1, [other]) == []
    store.reject(analyst, made)
    assert len(store.propose(analyst, "AAPL", BarSize.DAY_1, [other])) == 1
