"""Reading market data back: ranges, adjustment, coverage, names that are not known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import psycopg
import pytest

from causeway.adapters.storage.timeseries_db import TimeseriesDb
from causeway.errors import Conflict, InvalidInput, NotFound
from causeway.market_data.corporate_actions import Adjustment, Anchor
from causeway.market_data.knowledge import KnownBy
from causeway.model.corporate_action import ActionKind, CorporateAction
from causeway.model.time import BarSize
from tests.fixtures.databases import Databases

pytestmark = pytest.mark.postgres
# 2024-01-15 (a Monday) was Martin Luther King day: no session. 2024-01-17 is missing.
BARS = """symbol,date,open,high,low,close,volume
AAPL,2024-01-11,100,101,99,100.1,10
AAPL,2024-01-12,100,103,99,102,20
AAPL,2024-01-16,50,52,49,51,40
AAPL,2024-01-18,50,53,49,51.5,50
AAPL,2024-01-18,50,53,49,52,50
GOOG,2024-01-11,10,11,9,10,1
"""
SPLIT = CorporateAction(ActionKind.SPLIT, date(2024, 1, 16), Decimal(2))
DIVIDEND = CorporateAction(ActionKind.DIVIDEND, date(2024, 1, 18), Decimal("0.5"))


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def series(databases: Databases, load: Callable[..., None]) -> TimeseriesDb:
    load(BARS)
    return TimeseriesDb(databases.app)


def test_ranges_hold_their_start_and_not_their_end(series: TimeseriesDb) -> None:
    bars = series.read_bars("aapl", BarSize.DAY_1, day("2024-01-12"), day("2024-01-18"))
    assert bars.time_us.tolist() == [day(text).timestamp() * 1e6 for text in ("2024-01-12", "2024-01-16")]
    assert (bars.open[0], bars.high[0], bars.low[0], bars.close[0], bars.volume[0]) == (100, 103, 99, 102, 20)


def test_a_limit_takes_the_first(series: TimeseriesDb) -> None:
    assert series.read_bars("AAPL", BarSize.DAY_1, limit=2).close.tolist() == [100.1, 102]


def test_a_range_without_a_bar_is_empty(series: TimeseriesDb) -> None:
    assert len(series.read_bars("AAPL", BarSize.DAY_1, day("2020-01-01"), day("2021-01-01"))) == 0
    assert len(series.read_bars("AAPL", BarSize.MINUTE_1)) == 0


def test_an_end_before_the_start_is_refused(series: TimeseriesDb) -> None:
    with pytest.raises(InvalidInput, match="end must be after start"):
        series.read_bars("AAPL", BarSize.DAY_1, day("2024-01-12"), day("2024-01-12"))


def test_an_unknown_symbol_names_those_that_look_alike(series: TimeseriesDb) -> None:
    with pytest.raises(NotFound, match=r"'APPL'.*Did you mean AAPL"):
        series.read_bars("APPL", BarSize.DAY_1)


def test_adjusted_prices(series: TimeseriesDb) -> None:
    assert series.add_corporate_actions({"AAPL": [SPLIT, DIVIDEND]}, source="test") == 2
    split = series.read_adjusted("AAPL", BarSize.DAY_1, adjustment=Adjustment.SPLIT)
    assert split.close.tolist() == [50.05, 51, 51]
    assert series.read_adjusted("AAPL", BarSize.DAY_1, adjustment=Adjustment.RAW).close.tolist() == [100.1, 102, 51]
    assert series.corporate_actions("AAPL") == [SPLIT, DIVIDEND]


def test_a_dividend_without_a_bar_on_its_day_uses_the_next_close(series: TimeseriesDb) -> None:
    paid = CorporateAction(ActionKind.DIVIDEND, date(2024, 1, 15), Decimal("0.5"))
    series.add_corporate_actions({"AAPL": [paid]}, source="test")
    total = series.read_adjusted("AAPL", BarSize.DAY_1, adjustment=Adjustment.TOTAL)
    assert total.close.tolist() == pytest.approx([100.1 * 51 / 51.5, 102 * 51 / 51.5, 51])
    first = series.read_adjusted("AAPL", BarSize.DAY_1, adjustment=Adjustment.TOTAL, anchor=Anchor.FIRST)
    assert first.close.tolist() == pytest.approx([100.1, 102, 51 * 51.5 / 51])


def test_actions_are_stored_all_or_none_and_never_silently_changed(series: TimeseriesDb) -> None:
    assert series.add_corporate_actions({"AAPL": [SPLIT]}, source="test") == 1
    assert series.add_corporate_actions({"AAPL": [SPLIT]}, source="test") == 0
    other = CorporateAction(ActionKind.SPLIT, SPLIT.ex_date, Decimal(3))
    with pytest.raises(Conflict, match="split of 2 on 2024-01-16; found 3"):
        series.add_corporate_actions({"GOOG": [SPLIT], "AAPL": [other]}, source="test")
    assert series.corporate_actions("GOOG") == []
    assert series.add_corporate_actions({"AAPL": [other]}, source="test", replace=True) == 1
    assert series.corporate_actions("AAPL") == [other]


def test_coverage_counts_the_sessions_that_are_missing(series: TimeseriesDb, analyst: UUID) -> None:
    (aapl,) = series.coverage(["aapl"], BarSize.DAY_1, user_id=analyst)
    # NYSE sessions 2024-01-11..16: 11, 12, 16. The two rows of the 18th contradict one another.
    assert (aapl.start, aapl.end, aapl.bars, aapl.expected_bars) == (day("2024-01-11"), day("2024-01-16"), 3, 3)
    assert aapl.quarantined == 2
    assert series.coverage(["AAPL"], BarSize.HOUR_1) == []
    with pytest.raises(NotFound, match="NVDA"):
        series.coverage(["AAPL", "NVDA"], BarSize.DAY_1)


def test_symbols_in_pages(series: TimeseriesDb) -> None:
    (first,) = series.symbols(limit=1)
    assert (first.instrument.symbol, first.bar_sizes) == ("AAPL", (BarSize.DAY_1,))
    assert [one.instrument.symbol for one in series.symbols(after=(first.rank, "AAPL"))] == ["GOOG"]
    assert [one.instrument.symbol for one in series.symbols(query="go")] == ["GOOG"]
    assert [one.instrument.symbol for one in series.symbols(query="oo")] == ["GOOG"]
    assert series.symbols(query="%") == []


def test_the_clock_stands_still_before_anything_runs(series: TimeseriesDb) -> None:
    assert series.clock()["mode"] == "closed"
    assert series.clock()["market_time"] is None


def test_quotes(series: TimeseriesDb, databases: Databases) -> None:
    assert series.quotes(["AAPL"]) == []
    with psycopg.connect(databases.owner_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO latest_quotes VALUES (1, 'AAPL', 10.1, 10.2, 10.15, 1, 1, 7, '2024-01-12Z', now(), 'replay')"
        )
    (quote,) = series.quotes(["aapl", "GOOG"])
    assert (quote["bid"], quote["ask"], quote["volume"]) == (Decimal("10.1"), Decimal("10.2"), 7)


def test_adjusted_as_of_a_moment(series: TimeseriesDb, databases: Databases) -> None:
    """A split that was recorded as 2 for 1, later corrected to 4 for 1."""
    before = datetime.now(UTC)
    series.add_corporate_actions({"AAPL": [SPLIT]}, source="test")
    with databases.app.transaction() as transaction:
        first = transaction.all("market_data_action_versions", instrument_id=series.resolve("AAPL").instrument_id)
    corrected = CorporateAction(ActionKind.SPLIT, SPLIT.ex_date, Decimal(4))
    series.add_corporate_actions({"AAPL": [corrected]}, source="test", replace=True)

    def first_close(**known: object) -> float:
        bars = series.read_adjusted("AAPL", BarSize.DAY_1, adjustment=Adjustment.SPLIT, **known)  # type: ignore[arg-type]
        return float(bars.close[0])

    assert first_close() == 100.1 / 4
    assert first_close(as_of=before) == 100.1
    assert first_close(as_of=first[0]["known_at"]) == 100.1 / 2
    assert first_close(as_of=day("2024-01-15"), known_by=KnownBy.MARKET) == 100.1
    assert first_close(as_of=day("2024-01-16"), known_by=KnownBy.MARKET) == 100.1 / 4


@pytest.mark.parametrize("known_by", KnownBy)
def test_a_dividend_is_adjusted_for_by_no_close_that_was_still_to_come(
    series: TimeseriesDb, databases: Databases, known_by: KnownBy
) -> None:
    """Announced on the 2nd, ex on the 16th, whose close of 51 nobody knew before 16:00 in New York (21:00 UTC)."""
    paid = CorporateAction(ActionKind.DIVIDEND, date(2024, 1, 16), Decimal("0.5"))
    series.add_corporate_actions({"AAPL": [paid]}, source="test")
    with psycopg.connect(databases.owner_url, autocommit=True) as connection:
        connection.execute("UPDATE corporate_action_versions SET known_at = '2024-01-02Z'")

    def first_close(as_of: str) -> float:
        bars = series.read_adjusted(
            "AAPL", BarSize.DAY_1, adjustment=Adjustment.TOTAL, as_of=day(as_of), known_by=known_by
        )
        return float(bars.close[0])

    assert [first_close(as_of) for as_of in ("2024-01-12T22:00", "2024-01-16T20:59")] == [100.1, 100.1]
    assert first_close("2024-01-17") == pytest.approx(100.1 * 51 / 51.5, rel=1e-15)
