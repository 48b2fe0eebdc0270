"""Importing a symbol history into a database that was filled by ticker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg
import pytest

from causeway.adapters.storage.symbol_history_store import SymbolHistoryStore
from causeway.adapters.storage.timeseries_db import TimeseriesDb
from causeway.errors import Conflict, NotFound
from causeway.market_data.symbol_history import read_map_rows
from causeway.model.corporate_action import ActionKind, CorporateAction
from causeway.model.time import BarSize
from tests.fixtures.databases import Databases

pytestmark = pytest.mark.postgres
# One file per ticker. NWSA was renamed to FOXA after 2013-06-28; the ticker went to another company on 2013-07-01.
BARS = """symbol,date,open,high,low,close,volume
NWSA,2013-06-27,32,33,31,32,10
NWSA,2013-06-28,32,33,31,32.6,10
NWSA,2013-07-01,15,16,14,15.2,10
FOXA,2013-07-01,29,30,28,29.2,10
FOXA,2013-07-02,29,30,28,29.4,10
FB,2001-01-02,5,6,4,5,10
FB,2012-05-18,42,45,38,38.2,10
"""
MAP = [
    line.split(",")
    for line in """TFCFA,2004-11-12,NWSA,Q
TFCFA,2013-06-28,NWSA,Q
TFCFA,2019-03-18,FOXA,Q
FB,2012-05-18,FB,Q
FB,2050-12-31,FB,Q
FB.1,1999-09-29,FB,
FB.1,2003-03-28,FB,""".splitlines()
]


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def series(databases: Databases, load: Callable[..., None]) -> TimeseriesDb:
    load(BARS)
    split = CorporateAction(ActionKind.DIVIDEND, date(2013, 6, 28), Decimal("0.09"))
    TimeseriesDb(databases.app).add_corporate_actions({"NWSA": [split]}, source="test")
    SymbolHistoryStore(databases.service).import_history(read_map_rows(MAP), source="map.csv")
    return TimeseriesDb(databases.app)


def closes(series: TimeseriesDb, symbol: str, end: str) -> list[float]:
    return [float(one) for one in series.read_bars(symbol, BarSize.DAY_1, day("1990-01-01"), day(end)).close]


def test_a_range_spans_a_rename(series: TimeseriesDb) -> None:
    assert closes(series, "FOXA", "2014-01-01") == [32, 32.6, 29.2, 29.4]
    assert closes(series, "NWSA", "2013-06-29") == [32, 32.6, 29.2, 29.4][:2]
    assert (
        series.resolve("NWSA", day("2013-06-28")).instrument_id
        == series.resolve("FOXA", day("2014-01-02")).instrument_id
    )


def test_a_ticker_that_went_on_as_another_company_keeps_its_bars(series: TimeseriesDb) -> None:
    assert closes(series, "NWSA", "2014-01-01") == [15.2]


def test_a_reused_ticker_is_two_companies(series: TimeseriesDb) -> None:
    assert closes(series, "FB", "2013-01-01") == [38.2]
    assert closes(series, "FB", "2002-01-01") == [5]


def test_between_two_owners_a_ticker_means_nothing(series: TimeseriesDb) -> None:
    with pytest.raises(
        NotFound, match=r"FB was no instrument's symbol on 2007-12-31; it was one from 2012-05-18 to now"
    ):
        closes(series, "FB", "2008-01-01")


def test_corporate_actions_move_with_their_company(series: TimeseriesDb, databases: Databases) -> None:
    SymbolHistoryStore(databases.service)
    with databases.app.transaction() as transaction:
        held = transaction.all(
            "market_data_actions", instrument_id=series.resolve("FOXA", day("2014-01-02")).instrument_id
        )
    assert [row["ex_date"] for row in held] == [date(2013, 6, 28)]


def test_coverage_moves_with_the_bars(series: TimeseriesDb, databases: Databases) -> None:
    query = "SELECT instrument_id, bar_size, year, bars, total, first, last FROM bar_coverage ORDER BY 1, 2, 3"
    with psycopg.connect(databases.owner_url, autocommit=True) as connection:
        kept = connection.execute(query).fetchall()
        connection.execute("SELECT series.recount()")
        assert kept == connection.execute(query).fetchall() != []


def test_again_it_changes_nothing(series: TimeseriesDb, databases: Databases) -> None:
    again = SymbolHistoryStore(databases.service).import_history(read_map_rows(MAP), source="map.csv")
    assert (again.new_instruments, again.bars_moved, again.actions_moved, again.symbols_changed) == (0, 0, 0, 0)
    assert closes(series, "FOXA", "2014-01-01") == [32, 32.6, 29.2, 29.4]


def test_later_files_by_ticker_go_where_they_belong(series: TimeseriesDb, load: Callable[..., None]) -> None:
    load("symbol,date,open,high,low,close,volume\nNWSA,2013-06-26,31,32,30,31.5,10\n")
    assert closes(series, "FOXA", "2014-01-01") == [31.5, 32, 32.6, 29.2, 29.4]


def test_one_company_with_two_different_bars_for_a_day_is_refused(
    databases: Databases, load: Callable[..., None]
) -> None:
    load(BARS + "FOXA,2013-06-28,32,33,31,32.5,10\n")
    with pytest.raises(Conflict, match=r"one company \(TFCFA\).*1d 2013-06-28"):
        SymbolHistoryStore(databases.service).import_history(read_map_rows(MAP), source="map.csv")
    assert closes(TimeseriesDb(databases.app), "NWSA", "2014-01-01") == [32, 32.6, 15.2]
