"""A fetch that asks a provider what its own repair would change: proposals, notes, failures, and runners that die."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import psycopg
import pytest

from causeway.errors import CausewayError, TooMany, Unavailable
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind
from causeway.model.fetch import FetchSpec, Repairs
from causeway.model.time import BarSize
from causeway.ports.feed import ActionRepair, BarsRequest, FeedOffer, FetchControl, OfferedRepairs
from containers.ingest.symbol_fetch import Halted
from tests.fixtures.databases import Databases
from tests.integration.ingest.bench import Bench
from tests.integration.ingest.fetching import MARKET, YEAR, ScriptedFeed, with_value

pytestmark = pytest.mark.postgres
ALSO = FetchSpec(BarSize.DAY_1, *YEAR, repairs=Repairs.ALSO)
ONLY = replace(ALSO, repairs=Repairs.ONLY)
TRUE = MARKET.bars("MSFT", BarSize.DAY_1, *YEAR).rows(slice(100, 101))
FLAWED = with_value(TRUE, 0, high=float(TRUE.high[0]) * 1.01)
DIVIDEND = ActionRepair(ActionKind.DIVIDEND, date(2024, 8, 15), Decimal(75), Decimal("0.75"), "dividend")


OFFER = FeedOffer(frozenset({BarSize.DAY_1}), repairs=True)


@dataclass
class RepairedFeed(ScriptedFeed):
    """Serves one bar of MSFT with a high that is too high, and knows so."""

    offer: FeedOffer = OFFER
    currency: str = "USD"
    actions_too: tuple[ActionRepair, ...] = ()
    failing: CausewayError | None = None
    looked_at: list[BarsRequest] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.change = lambda _symbol, page: replace(page, bars=flawed(page.bars))

    def repairs(self, request: BarsRequest, control: FetchControl) -> OfferedRepairs:
        self.looked_at.append(request)
        control.check()
        if self.failing is not None:
            raise self.failing
        return OfferedRepairs(
            "mender 2",
            FLAWED,
            TRUE,
            ("high",),
            ("",),
            currency=self.currency,
            actions=self.actions_too,
            source=self.name,
        )


def flawed(bars: BarColumns) -> BarColumns:
    rows = np.flatnonzero(bars.time_us == FLAWED.time_us[0])
    return with_value(bars, int(rows[0]), high=float(FLAWED.high[0])) if len(rows) else bars


def proposed(databases: Databases) -> list[tuple[Any, ...]]:
    with psycopg.connect(databases.owner_url) as connection:
        query = "SELECT code, reason, (proposed->>'high')::float8 FROM repair_proposals ORDER BY time"
        return connection.execute(query).fetchall()


THE_ONE = [("provider_repair", "as repaired by mender 2, stage: high", float(TRUE.high[0]))]


def test_what_is_stored_as_it_was_served_is_proposed_once(bench: Bench, databases: Databases) -> None:
    fetch_id, feed = bench.submit("MSFT", spec=ALSO), RepairedFeed()
    bench.run(feed)
    symbol = bench.symbols(fetch_id)["MSFT"]
    assert proposed(databases) == THE_ONE
    assert (symbol["state"], symbol["repairs"], bench.get(fetch_id)["repairs"]) == ("succeeded", 1, 1)
    assert symbol["message"].endswith("mender 2 would repair 1 bar; 1 new repair proposed")
    assert bench.get(fetch_id)["message"] == "1 symbol, 252 bars stored, 1 repair proposed"

    again = bench.submit("MSFT", spec=ONLY)
    bench.run(feed)
    assert proposed(databases) == THE_ONE
    assert bench.symbols(again)["MSFT"]["message"].endswith("0 new repairs proposed, 1 known before or not recorded so")


def test_only_repairs_fetch_no_bar_and_look_at_what_is_stored(bench: Bench) -> None:
    feed = RepairedFeed()
    part = (YEAR[0].replace(month=3), YEAR[0].replace(month=9))
    bench.submit("MSFT", spec=FetchSpec(BarSize.DAY_1, *part))
    bench.run(feed)
    asked = len(feed.asked)
    bench.submit("MSFT", spec=ONLY)
    bench.run(feed)
    assert len(feed.asked) == asked
    [looked_at] = feed.looked_at
    assert (looked_at.start.date(), looked_at.end.date()) == (date(2024, 3, 1), date(2024, 8, 31))


def paid(databases: Databases, value: str) -> None:
    with psycopg.connect(databases.owner_url) as connection:
        connection.execute(
            "INSERT INTO corporate_actions (instrument_id, kind, ex_date, value, source) "
            "SELECT instrument_id, 'dividend', '2024-08-15', %s, 'test' FROM symbols WHERE symbol = 'MSFT'",
            [value],
        )


def of_actions(databases: Databases) -> list[tuple[Any, ...]]:
    with psycopg.connect(databases.owner_url) as connection:
        query = "SELECT code, reason, found, proposed FROM repair_proposals WHERE kind = 'dividend'"
        return connection.execute(query).fetchall()


@pytest.mark.parametrize(("meant", "proposal"), [("0.75", "0.75"), ("0", None)], ids=["another value", "none"])
def test_a_dividend_that_is_recorded_as_it_was_served_is_proposed(
    bench: Bench, databases: Databases, meant: str, proposal: str | None
) -> None:
    bench.submit("MSFT", spec=replace(ALSO, repairs=Repairs.NONE))
    bench.run(RepairedFeed())
    paid(databases, "75")
    fetch_id = bench.submit("MSFT", spec=ONLY)
    bench.run(RepairedFeed(actions_too=(replace(DIVIDEND, proposed=Decimal(meant)),)))
    reason = "as repaired by mender 2, stage: dividend"
    assert of_actions(databases) == [("provider_repair", reason, {"value": "75"}, {"value": proposal})]
    assert bench.symbols(fetch_id)["MSFT"]["message"].endswith(
        "mender 2 would repair 1 bar and 1 dividend or split; 2 new repairs proposed"
    )


def test_a_dividend_that_is_recorded_with_another_value_gets_no_proposal(bench: Bench, databases: Databases) -> None:
    bench.submit("MSFT", spec=replace(ALSO, repairs=Repairs.NONE))
    bench.run(RepairedFeed())
    paid(databases, "0.75")
    bench.submit("MSFT", spec=ONLY)
    bench.run(RepairedFeed(actions_too=(DIVIDEND,)))
    assert of_actions(databases) == []


def test_a_dividend_that_would_be_added_is_named_and_counted(bench: Bench, databases: Databases) -> None:
    fetch_id = bench.submit("MSFT", spec=ALSO)
    bench.run(RepairedFeed(actions_too=(replace(DIVIDEND, served=Decimal(0)),)))
    said = "provider_repair: mender 2 would add a dividend of 0.75 on 2024-08-15; it is not proposed"
    assert said in bench.symbols(fetch_id)["MSFT"]["message"]
    assert of_actions(databases) == []
    with psycopg.connect(databases.owner_url) as connection:
        [(findings,)] = connection.execute("SELECT findings FROM ingestions").fetchall()
    assert [(one["code"], one["rows"]) for one in findings if one["code"] == "provider_repair"] == [
        ("provider_repair", 1)
    ]


@pytest.mark.parametrize(
    ("feed", "why"),
    [
        (RepairedFeed(currency="GBP"), "scripted quotes GBP and not USD, which is stored"),
        (ScriptedFeed(), "scripted has no repairs of its own to offer."),
    ],
    ids=["another currency", "no repairs"],
)
def test_without_repairs_bars_are_stored_and_it_is_said_but_a_look_alone_fails(
    bench: Bench, databases: Databases, feed: ScriptedFeed, why: str
) -> None:
    also = bench.submit("MSFT", spec=ALSO)
    bench.run(feed)
    only = bench.submit("MSFT", spec=ONLY)
    bench.run(feed)
    assert bench.get(also)["state"] == "succeeded"
    assert bench.symbols(also)["MSFT"]["message"].endswith(f"no repairs: {why}")
    assert bench.get(only)["state"] == "failed"
    assert bench.symbols(only)["MSFT"]["error"]["message"] == why
    assert proposed(databases) == []


def test_a_provider_that_is_down_fails_the_symbol_and_its_bars_stay(bench: Bench, databases: Databases) -> None:
    fetch_id = bench.submit("MSFT", spec=ALSO)
    bench.run(RepairedFeed(failing=Unavailable("the provider is down")))
    symbol = bench.symbols(fetch_id)["MSFT"]
    assert (symbol["state"], symbol["error"]["message"], symbol["rows_inserted"]) == (
        "failed", "the provider is down", 252,
    )  # fmt: skip
    bench.store.retry(bench.user_id, fetch_id, actor="test")
    bench.run(RepairedFeed())
    assert proposed(databases) == THE_ONE


def test_a_throttle_is_waited_for(bench: Bench) -> None:
    fetch_id = bench.submit("MSFT", spec=ALSO)
    bench.run(RepairedFeed(failing=TooMany("enough for today", retry_after_s=7200)))
    assert (bench.get(fetch_id)["state"], bench.get(fetch_id)["message"]) == ("waiting", "enough for today")


@pytest.mark.parametrize("step", ["page stored", "repairs fetched", "before the end of a symbol", "symbol ended"])
def test_killed_anywhere_the_next_runner_leaves_the_same_proposals(
    bench: Bench, databases: Databases, step: str
) -> None:
    def die(reached: str) -> None:
        if reached == step:
            raise Halted

    fetch_id = bench.submit("MSFT", spec=ALSO)
    bench.run(RepairedFeed(), checkpoint=die)
    bench.run(RepairedFeed())
    assert bench.get(fetch_id)["state"] == "succeeded"
    assert bench.symbols(fetch_id)["MSFT"]["repairs"] == 1
    assert proposed(databases) == THE_ONE
