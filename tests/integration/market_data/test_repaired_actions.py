"""Proposed repairs of corporate actions: kept beside those of bars, decided once, in force on the next read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import psycopg
import pytest

from causeway.adapters.storage.repair_store import RepairStore
from causeway.adapters.storage.timeseries_db import TimeseriesDb
from causeway.errors import Conflict, NotFound
from causeway.market_data.action_repairs import ActionProposal
from causeway.market_data.corporate_actions import Adjustment
from causeway.market_data.repairs import Proposal, bar_at
from causeway.model.corporate_action import ActionKind, CorporateAction
from causeway.model.time import BarSize, now_utc
from tests.fixtures.databases import Databases

pytestmark = pytest.mark.postgres
BARS = """symbol,date,open,high,low,close,volume
ABDP,2024-05-01,18,18.5,17.9,18.3,10
ABDP,2024-05-02,18.4,18.8,18.2,18.7,20
ABDP,2024-05-03,18.7,18.8,18.4,18.5,40
"""
DIVIDEND = CorporateAction(ActionKind.DIVIDEND, date(2024, 5, 2), Decimal("2.33"))
SPLIT = CorporateAction(ActionKind.SPLIT, date(2024, 5, 2), Decimal(2))
IN_POUNDS = ActionProposal("dividend_unit", "paid in pence", DIVIDEND, Decimal("0.0233"))
OUT = ActionProposal("duplicate_dividend", "stands twice", DIVIDEND, None)


@pytest.fixture
def series(databases: Databases, load: Callable[..., None]) -> TimeseriesDb:
    """Bars in pounds, and a dividend that was loaded in pence."""
    load(BARS)
    found = TimeseriesDb(databases.app)
    found.add_corporate_actions({"ABDP": [DIVIDEND]}, source="test")
    return found


@pytest.fixture
def store(databases: Databases, series: TimeseriesDb) -> RepairStore:
    return RepairStore(databases.app)


def record(series: TimeseriesDb, value: str) -> None:
    other = replace(DIVIDEND, value=Decimal(value))
    series.add_corporate_actions({"ABDP": [other]}, source="test", replace=True)


def first_close(series: TimeseriesDb, as_of: datetime | None = None) -> float:
    """Of the series adjusted for splits and dividends."""
    return float(series.read_adjusted("ABDP", BarSize.DAY_1, adjustment=Adjustment.TOTAL, as_of=as_of).close[0])


def test_a_proposal_is_listed_beside_those_of_bars_and_changes_nothing(
    store: RepairStore, series: TimeseriesDb, analyst: UUID
) -> None:
    [made] = store.propose_actions(analyst, "abdp", [IN_POUNDS])
    assert store.propose_actions(analyst, "ABDP", [IN_POUNDS]) == []
    found = bar_at(series.read_bars("ABDP", BarSize.DAY_1), 1)
    store.propose(analyst, "ABDP", BarSize.DAY_1, [Proposal("unit_error", "so", found, replace(found, volume=2))])
    listed = {one["kind"]: one for one in store.list(analyst, state="proposed", symbol="abdp")}
    mine = listed["dividend"]
    assert (mine["id"], mine["symbol"], mine["bar_size"]) == (made, "ABDP", None)
    assert mine["time"] == datetime(2024, 5, 2, tzinfo=UTC)
    assert (mine["found"], mine["proposed"]) == ({"value": "2.33"}, {"value": "0.0233"})
    assert listed["bar"]["bar_size"] == "1d"
    assert series.corporate_actions("ABDP") == [DIVIDEND]


def test_an_accepted_value_is_in_force_at_once_with_its_source_and_audited(
    store: RepairStore, series: TimeseriesDb, analyst: UUID, databases: Databases
) -> None:
    """By CRSP, the close before the ex-date is 18.3 * 18.7 / (18.7 + dividend)."""
    assert first_close(series) == pytest.approx(18.3 * 18.7 / (18.7 + 2.33), rel=1e-12)
    before = now_utc()
    [made] = store.propose_actions(analyst, "ABDP", [IN_POUNDS])
    store.accept(analyst, [made], remark="pence")
    assert first_close(series) == pytest.approx(18.3 * 18.7 / (18.7 + 0.0233), rel=1e-12)
    assert first_close(series, as_of=before) == pytest.approx(18.3 * 18.7 / (18.7 + 2.33), rel=1e-12)
    assert [one.source for one in series.corporate_actions("ABDP")] == ["repair:dividend_unit"]
    with psycopg.connect(databases.owner_url) as connection:
        logged = connection.execute(
            "SELECT action, subject, detail->>'kind', detail->'found'->>'value', detail->>'remark' "
            "FROM audit_log ORDER BY seq DESC LIMIT 1"
        ).fetchone()
    assert logged == ("repair.accepted", str(made), "dividend", "2.33", "pence")
    with pytest.raises(Conflict, match="accepted before"):
        store.reject(analyst, made)


def test_a_dividend_that_is_taken_out_stays_known_to_what_was_known_then(
    store: RepairStore, series: TimeseriesDb, analyst: UUID, databases: Databases
) -> None:
    before = now_utc()
    store.accept(analyst, store.propose_actions(analyst, "ABDP", [OUT]))
    assert series.corporate_actions("ABDP") == []
    assert series.corporate_actions("ABDP", as_of=before) == [DIVIDEND]
    assert first_close(series) == 18.3
    with psycopg.connect(databases.owner_url) as connection:
        versions = connection.execute(
            "SELECT value, source FROM corporate_action_versions ORDER BY known_at, id"
        ).fetchall()
    assert versions == [(Decimal("2.33"), "test"), (None, "repair:duplicate_dividend")]


@pytest.mark.parametrize("proposal", [IN_POUNDS, OUT])
def test_whoever_caches_the_series_is_told(
    store: RepairStore, analyst: UUID, databases: Databases, proposal: ActionProposal
) -> None:
    """As when actions are loaded; ``tests/integration/cache`` shows what a cache does then."""
    told: list[str] = []
    databases.app.series_changed = told.extend
    made = store.propose_actions(analyst, "ABDP", [proposal])
    assert told == []
    store.accept(analyst, made)
    assert told == ["ABDP"]


def test_a_rejected_one_changes_nothing_and_comes_back_only_when_the_action_is_another(
    store: RepairStore, series: TimeseriesDb, analyst: UUID
) -> None:
    [made] = store.propose_actions(analyst, "ABDP", [IN_POUNDS])
    store.reject(analyst, made)
    assert series.corporate_actions("ABDP") == [DIVIDEND]
    assert store.propose_actions(analyst, "ABDP", [IN_POUNDS]) == []
    record(series, "2.34")
    assert store.propose_actions(analyst, "ABDP", [IN_POUNDS]) == []  # 2.33 is no longer recorded
    other = replace(IN_POUNDS, found=replace(DIVIDEND, value=Decimal("2.34")))
    assert len(store.propose_actions(analyst, "ABDP", [other])) == 1


@pytest.mark.parametrize("proposal", [IN_POUNDS, OUT])
def test_an_action_that_changed_since_is_left_alone(
    store: RepairStore, series: TimeseriesDb, analyst: UUID, proposal: ActionProposal
) -> None:
    made = store.propose_actions(analyst, "ABDP", [proposal])
    record(series, "2.34")
    with pytest.raises(Conflict, match=r"2\.34 now and was 2\.33 when"):
        store.accept(analyst, made)
    assert [one.value for one in series.corporate_actions("ABDP")] == [Decimal("2.34")]


def test_bars_and_actions_are_accepted_together_or_not_at_all(
    store: RepairStore, series: TimeseriesDb, analyst: UUID
) -> None:
    found = bar_at(series.read_bars("ABDP", BarSize.DAY_1), 1)
    bar = Proposal("unit_error", "so", found, replace(found, volume=2))
    made = store.propose(analyst, "ABDP", BarSize.DAY_1, [bar]) + store.propose_actions(analyst, "ABDP", [OUT])
    assert store.propose_actions(analyst, "ABDP", [IN_POUNDS]) == []  # one open proposal for an action
    record(series, "2.34")
    with pytest.raises(Conflict, match=r"2\.34 now"):
        store.accept(analyst, made)
    assert series.read_bars("ABDP", BarSize.DAY_1).volume.tolist() == [10, 20, 40]
    assert {one["state"] for one in store.list(analyst) if one["id"] in made} == {"proposed"}


def test_a_split_and_a_dividend_of_one_day_are_two(store: RepairStore, series: TimeseriesDb, analyst: UUID) -> None:
    series.add_corporate_actions({"ABDP": [SPLIT]}, source="test")
    both = [ActionProposal("provider_repair", "so", one, Decimal(3)) for one in (SPLIT, DIVIDEND)]
    store.accept(analyst, store.propose_actions(analyst, "ABDP", both))
    assert {(one.kind, one.value) for one in series.corporate_actions("ABDP")} == {
        (ActionKind.SPLIT, Decimal(3)),
        (ActionKind.DIVIDEND, Decimal(3)),
    }


def test_it_is_its_owners(
    store: RepairStore, analyst: UUID, user_factory: Callable[..., UUID], series: TimeseriesDb
) -> None:
    made = store.propose_actions(analyst, "ABDP", [IN_POUNDS])
    other = user_factory("trader")
    assert store.list(other) == []
    with pytest.raises(NotFound):
        store.accept(other, made)
    with pytest.raises(NotFound, match="ZZZ meant no instrument"):
        store.propose_actions(analyst, "ZZZ", [IN_POUNDS])
    assert series.corporate_actions("ABDP") == [DIVIDEND]
