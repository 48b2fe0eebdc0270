"""What a fetch holds its bars and corporate actions against: what is stored, other providers, the currency."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
import pytest

from causeway.adapters.feeds.fallback import FallbackFeed
from causeway.adapters.feeds.file_feed import FileFeed
from causeway.adapters.storage.fetch_runs import FetchRuns
from causeway.adapters.storage.fetch_store import FetchStore
from causeway.adapters.storage.quality_store import QualityStore
from causeway.adapters.storage.repair_store import RepairStore
from causeway.adapters.storage.timeseries_db import TimeseriesDb
from causeway.errors import NotFound, Unavailable
from causeway.market_data.action_repairs import ActionProposal
from causeway.model.bar import BarColumns
from causeway.model.corporate_action import ActionKind, CorporateAction
from causeway.model.fetch import FetchSpec
from causeway.model.time import BarSize, moment
from causeway.ports.feed import BarPage, FetchControl, HistoricalFeed
from containers.ingest.runner import IngestRunner, Pace
from tests.fixtures.databases import Databases
from tests.integration.ingest.fetching import MARKET, YEAR, ScriptedFeed, with_value

pytestmark = pytest.mark.postgres
SPEC = FetchSpec(BarSize.DAY_1, *YEAR)
AAPL = MARKET.bars("AAPL", BarSize.DAY_1, *YEAR)
STORED = "stored 252 bars from scripted, 2024-01-02 to 2024-12-31"
PRICES = ("open", "high", "low", "close")


def changed(day: str, **factors: float) -> Callable[[str, BarPage], BarPage]:
    """Prices of one day, each times its factor."""

    def change(_symbol: str, page: BarPage) -> BarPage:
        rows = np.flatnonzero(page.bars.time_us == int(datetime.fromisoformat(day).timestamp()) * 1_000_000)
        for row in rows.tolist():
            values = {name: float(getattr(page.bars, name)[row]) * by for name, by in factors.items()}
            page = replace(page, bars=with_value(page.bars, row, **values))
        return page

    return change


@dataclass
class Bench:
    """A user, and fetches of AAPL that run at once; ``checks`` are the providers to check against."""

    databases: Databases
    user_id: UUID
    checks: dict[str, HistoricalFeed] = field(default_factory=dict)

    def fetch(self, feed: HistoricalFeed, spec: FetchSpec = SPEC, **more: Any) -> dict[str, Any]:
        store = FetchStore(self.databases.app)
        spec = replace(spec, check_against=tuple(self.checks))
        fetch_id = store.submit(self.user_id, "", spec, ["AAPL"], actor="test")["id"]
        pace = Pace(idle_s=0.01, heartbeat_s=0.02, ttl_s=0.0)

        def opened(asked: FetchSpec) -> HistoricalFeed:
            return self.checks[asked.providers[0]] if asked.providers else feed

        runner = IngestRunner(FetchRuns(self.databases.service), opened, symbols_at_once=1, pace=pace, **more)
        assert runner.run_one(threading.Event())
        [symbol] = store.symbols(self.user_id, fetch_id)
        return symbol

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.databases.owner_url) as connection:
            return connection.execute(query.encode()).fetchall()

    def quarantine(self) -> dict[str, list[str]]:
        """Codes by day."""
        found = self.rows("SELECT row_time, reasons FROM quarantine ORDER BY 1")
        return {at[:10]: sorted(one["code"] for one in reasons) for at, reasons in found}

    def findings(self) -> dict[str, int]:
        """Rows by code, of every ingestion together."""
        counts: dict[str, int] = {}
        for (found,) in self.rows("SELECT findings FROM ingestions"):
            for one in found:
                counts[one["code"]] = counts.get(one["code"], 0) + one["rows"]
        return counts


@pytest.fixture
def bench(databases: Databases, user_factory: Callable[..., UUID]) -> Bench:
    return Bench(databases, user_factory("analyst"))


def test_a_spike_in_the_first_row_of_a_page_is_seen_by_what_is_stored(bench: Bench) -> None:
    """Stored up to June; the next fetch begins with the spike, and has too few bars to judge it by itself."""
    bench.fetch(ScriptedFeed(), replace(SPEC, end=datetime(2024, 6, 26, tzinfo=UTC)))
    july = replace(SPEC, start=datetime(2024, 6, 26, tzinfo=UTC), end=datetime(2024, 7, 3, tzinfo=UTC))
    bench.fetch(ScriptedFeed(change=changed("2024-06-26", **dict.fromkeys(PRICES, 1.3))), july)
    assert bench.quarantine() == {"2024-06-26": ["spike"]}


@pytest.mark.parametrize("page", [1000, 60, 7])
def test_a_spike_is_seen_wherever_the_pages_are_cut(bench: Bench, page: int) -> None:
    """The 60th session of 2024 is 2024-03-27 (NYSE): the last row of a page of 60, and the fourth of one of 7."""
    feed = ScriptedFeed(page=page, change=changed("2024-03-27", **dict.fromkeys(PRICES, 1.3)))
    bench.fetch(feed, block_bars=60)
    assert bench.quarantine() == {"2024-03-27": ["spike"]}


def test_another_provider_is_held_against_and_kept(bench: Bench) -> None:
    bench.checks = {"second": ScriptedFeed(name="second", change=changed("2024-03-01", close=1.01))}
    symbol = bench.fetch(ScriptedFeed(page=100))
    assert (symbol["state"], symbol["message"]) == ("succeeded", f"{STORED}; bars of scripted checked against second")
    assert bench.findings() == {"large_move": 1, "sources_differ": 1}  # the split of June moves the raw close
    assert bench.quarantine() == {}
    store = QualityStore(bench.databases.app)
    report = store.report(bench.user_id, "AAPL", BarSize.DAY_1, against="second")
    assert report.kept == store.report(bench.user_id, "AAPL", BarSize.DAY_1).kept == {"second": len(AAPL)}
    [compared] = report.compared
    assert (compared.source, compared.bars, compared.differing) == ("second", len(AAPL), 1)
    [differs] = [one for one in report.findings if one.code == "sources_differ"]
    assert differs.at == ("2024-03-01T00:00:00Z",)
    assert "(second: " in differs.example
    with pytest.raises(NotFound, match=r"no bar of 1d of third is kept for AAPL.*Kept are bars of second"):
        store.report(bench.user_id, "AAPL", BarSize.DAY_1, against="third")
    with pytest.raises(NotFound, match=rf"of scripted is kept.*{len(AAPL)} of the stored bars are its own"):
        store.report(bench.user_id, "AAPL", BarSize.DAY_1, against="scripted")


def test_what_is_stored_is_compared_too_and_once(bench: Bench) -> None:
    """Bars until June come with the first fetch, unchecked; the others with the second."""
    bench.fetch(ScriptedFeed(), replace(SPEC, end=datetime(2024, 6, 3, tzinfo=UTC)))
    second = ScriptedFeed(name="second", change=changed("2024-03-01", close=1.01))
    bench.checks = {"second": second}
    message = bench.fetch(ScriptedFeed())["message"]
    assert "; bars of scripted checked against second; " in message  # those that came
    assert (
        "stored bars checked against second: 1 has other prices, see causeway quality AAPL --against second" in message
    )
    assert bench.quarantine() == {}
    asked = len(second.asked)
    assert bench.fetch(ScriptedFeed())["message"] == f"already stored: bars of {len(AAPL)} days"
    assert len(second.asked) == asked


def test_a_provider_that_has_none_of_the_stored_bars_is_said(bench: Bench) -> None:
    bench.fetch(ScriptedFeed())
    bench.checks = {"second": ScriptedFeed(name="second", fail={("AAPL", 0): Unavailable("the provider is down")})}
    said = "; stored bars up to 2024-12-31 not checked against second: the provider is down"
    assert bench.fetch(ScriptedFeed())["message"].endswith(said)


def test_stored_bars_of_a_provider_are_not_compared_with_itself_which_is_said(bench: Bench) -> None:
    """Those until June are the second's own; another provider brings the rest."""
    bench.fetch(ScriptedFeed(name="second"), replace(SPEC, end=datetime(2024, 6, 3, tzinfo=UTC)))
    bench.checks = {"second": ScriptedFeed(name="second"), "third": ScriptedFeed(name="third")}
    said = bench.fetch(ScriptedFeed())["message"].split("; ")
    until_june = sum(day < "2024-06-03" for day in (f"{moment(int(at)):%Y-%m-%d}" for at in AAPL.time_us))
    assert said[1:4] == [
        "bars of scripted checked against second",
        "bars of scripted checked against third",
        f"{until_june} stored bars of second not checked against it: they are its own",
    ]
    assert said[4].endswith(" stored bars checked against third: none has other prices")


def test_where_two_others_agree_the_first_goes_to_quarantine(bench: Bench) -> None:
    bench.checks = {name: ScriptedFeed(name=name) for name in ("second", "third")}
    bench.fetch(ScriptedFeed(change=changed("2024-03-01", close=1.01, high=1.01)))
    assert bench.quarantine() == {"2024-03-01": ["contradicted"]}


def test_a_provider_that_cannot_check_fails_nothing(bench: Bench) -> None:
    down = ScriptedFeed(name="second", fail={("AAPL", 0): Unavailable("the provider is down")})
    bench.checks = {"second": down, "scripted": ScriptedFeed()}
    symbol = bench.fetch(ScriptedFeed())
    assert symbol["state"] == "succeeded"
    assert symbol["message"] == (
        f"{STORED}; "
        "not checked against second: the provider is down; "
        "bars of scripted not checked against it: they are its own"
    )


def test_what_is_stored_is_checked_when_it_is_asked_for_again(bench: Bench) -> None:
    bench.fetch(ScriptedFeed())
    bench.checks = {"second": ScriptedFeed(name="second", change=changed("2024-03-01", close=1.01))}
    bench.fetch(ScriptedFeed(), replace(SPEC, again=True))
    assert bench.findings()["sources_differ"] == 1


def test_rows_of_a_file_without_a_time_go_to_quarantine_once_with_file_and_line(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "1d").mkdir()
    lines = [f"2024-03-{day:02},{day},{day + 1},{day - 1},{day},100" for day in (4, 5, 6, 7)]
    lines.insert(2, "the 6th,6,7,5,6,100")
    (tmp_path / "1d/AAPL.csv").write_text("\n".join(["date,open,high,low,close,volume", *lines]))
    march = replace(SPEC, start=datetime(2024, 3, 4, tzinfo=UTC), end=datetime(2024, 3, 8, tzinfo=UTC))
    symbol = bench.fetch(FileFeed(tmp_path), march)
    assert (symbol["rows_read"], symbol["rows_inserted"], symbol["rows_quarantined"]) == (5, 4, 1)
    assert bench.quarantine() == {"the 6th": ["bad_time"]}
    [row] = rows_in_quarantine(bench)
    assert (row[0], row[1]["close"]) == (4, "6")
    assert row[2][0]["message"].startswith("1d/AAPL.csv, line 4: ")
    again = bench.fetch(FileFeed(tmp_path), replace(march, again=True))
    assert (again["rows_read"], again["rows_quarantined"]) == (4, 0)
    assert len(rows_in_quarantine(bench)) == 1


def rows_in_quarantine(bench: Bench) -> list[tuple[int, dict[str, str], list[dict[str, str]]]]:
    with psycopg.connect(bench.databases.owner_url) as connection:
        return connection.execute("SELECT row_number, raw, reasons FROM quarantine").fetchall()


def in_currency(currency: str) -> Callable[[str, BarPage], BarPage]:
    return lambda _symbol, page: replace(page, currency=currency)


@pytest.mark.parametrize("currency", ["GBP", "GBp", "GBX"])
def test_a_page_in_another_currency_goes_to_quarantine(bench: Bench, currency: str) -> None:
    bench.fetch(ScriptedFeed(), replace(SPEC, end=datetime(2024, 7, 1, tzinfo=UTC)))
    later = replace(SPEC, start=datetime(2024, 7, 1, tzinfo=UTC))
    symbol = bench.fetch(ScriptedFeed(change=in_currency(currency)), later)
    assert (symbol["rows_inserted"], symbol["rows_quarantined"]) == (0, symbol["rows_read"])
    assert set(map(tuple, bench.quarantine().values())) == {("other_currency",)}


def test_a_provider_that_goes_on_in_another_currency_is_not_followed(bench: Bench) -> None:
    """The first provider dies; the second one quotes another listing. The symbol is new."""
    dies = ScriptedFeed(name="first", fail={("AAPL", 1): Unavailable("gone")})
    other = ScriptedFeed(name="other", change=in_currency("EUR"))
    symbol = bench.fetch(FallbackFeed([dies, other]))
    assert (symbol["rows_inserted"], symbol["rows_quarantined"]) == (60, len(AAPL) - 60)


@dataclass
class WithActions(ScriptedFeed):
    """The bars of the made market, with other corporate actions."""

    found: Sequence[CorporateAction] = ()

    def actions(self, symbol: str, first: date, last: date, control: FetchControl) -> Sequence[CorporateAction]:
        return self.found


def dividend(day: str, value: str) -> CorporateAction:
    return CorporateAction(ActionKind.DIVIDEND, date.fromisoformat(day), Decimal(value))


def test_corporate_actions_say_who_answered(bench: Bench) -> None:
    lacking = WithActions(name="lacking")
    lacking.offer = replace(lacking.offer, corporate_actions=False)
    bench.fetch(FallbackFeed([_NoActions(name="one"), WithActions(name="two", found=[dividend("2024-02-09", "0.24")])]))
    assert bench.rows("SELECT source, value FROM corporate_actions") == [("two", Decimal("0.24"))]


class _NoActions(ScriptedFeed):
    def actions(self, symbol: str, first: date, last: date, control: FetchControl) -> Sequence[CorporateAction]:
        raise NotFound("it has none")


def test_a_dividend_that_stands_twice_is_not_stored_twice(bench: Bench) -> None:
    found = [dividend("2024-02-09", "0.24"), dividend("2024-02-12", "0.24")]
    symbol = bench.fetch(WithActions(found=found))
    assert symbol["actions"] == 1
    assert symbol["message"] == f"{STORED}; duplicate_dividend: 0.24 on 2024-02-09 and on 2024-02-12"
    assert bench.rows("SELECT ex_date FROM corporate_actions") == [(date(2024, 2, 9),)]
    assert bench.quarantine() == {"2024-02-12": ["duplicate_dividend"]}
    assert bench.findings()["duplicate_dividend"] == 1


def test_a_dividend_that_no_price_shows_and_a_split_that_is_none_are_named(bench: Bench) -> None:
    """A dividend of a tenth of the price; a split of 2 for 1 on a day on which the price did not halve."""
    price = float(AAPL.close[27])
    tenth = dividend(moment(int(AAPL.time_us[28])).date().isoformat(), f"{price / 10:.2f}")
    split = CorporateAction(ActionKind.SPLIT, date(2024, 10, 1), Decimal(2))
    recorded = CorporateAction(ActionKind.SPLIT, date(2024, 6, 10), Decimal(4))
    symbol = bench.fetch(WithActions(found=[tenth, recorded, split]))
    assert symbol["actions"] == 3  # none of them is wrong beyond doubt
    assert {"dividend_not_in_price", "split_applied_twice"} <= bench.findings().keys()
    assert "split_applied_twice: " in symbol["message"]


def test_another_value_than_the_stored_one_is_a_finding(bench: Bench) -> None:
    bench.fetch(WithActions(found=[dividend("2024-02-09", "0.24")]))
    symbol = bench.fetch(WithActions(found=[dividend("2024-02-09", "0.96")]), replace(SPEC, again=True))
    assert symbol["message"].endswith("; conflicting_action: a dividend of 0.96 on 2024-02-09, stored 0.24")
    assert bench.findings()["conflicting_action"] == 1
    [held] = TimeseriesDb(bench.databases.app).corporate_actions("AAPL")
    assert (held.value, held.source) == (Decimal("0.24"), "scripted")


def test_what_an_accepted_repair_took_out_comes_back_only_with_another_value(bench: Bench) -> None:
    bench.fetch(WithActions(found=[dividend("2024-02-09", "0.24")]))
    [held] = TimeseriesDb(bench.databases.app).corporate_actions("AAPL")
    store = RepairStore(bench.databases.app)
    out = ActionProposal("duplicate_dividend", "stands twice", held, None)
    store.accept(bench.user_id, store.propose_actions(bench.user_id, "AAPL", [out]))
    again = replace(SPEC, again=True)
    assert bench.fetch(WithActions(found=[dividend("2024-02-09", "0.240")]), again)["actions"] == 0
    assert bench.rows("SELECT value FROM corporate_actions") == []
    assert bench.fetch(WithActions(found=[dividend("2024-02-09", "0.25")]), again)["actions"] == 1
    assert bench.rows("SELECT value FROM corporate_actions") == [(Decimal("0.25"),)]


def test_the_bars_of_the_made_market_are_sound() -> None:
    """So that what is found above is what was put in."""
    assert isinstance(AAPL, BarColumns)
    assert len(AAPL) == 252
