"""Files into a real database: counts, quarantine, doing it twice, and failing half-way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from causeway.adapters.feeds.csv_files import open_table
from causeway.adapters.storage.bar_loading import BarLoad
from causeway.adapters.storage.database import Row
from causeway.adapters.storage.ingestion_store import IngestionStore
from causeway.adapters.storage.timeseries_db import TimeseriesDb
from causeway.errors import InvalidInput, NotFound
from causeway.market_data.ingestion import IngestionRequest
from causeway.market_data.written_times import Stamp
from causeway.model.instrument import AssetClass
from causeway.model.time import BarSize, moment
from tests.fixtures.databases import Databases
from tests.integration.market_data.series import bars_from

pytestmark = pytest.mark.postgres
HEADER = "symbol,date,open,high,low,close,volume\n"
WHOLE = "AAPL,2024-01-02,10,12,9,11,100\nAAPL,2024-01-03,11.5,13,10.25,12.125,200\nMSFT,2024-01-02,20,21,19,20.5,300\n"
FLAWED = "AAPL,2024-01-04,10,12,9,NaN,100\nAAPL,2024-01-05,10,9,12,,100\n"
Ingest = Callable[..., Row]


@pytest.fixture
def analyst(user_factory: Callable[..., UUID]) -> UUID:
    return user_factory("analyst")


@pytest.fixture
def store(databases: Databases) -> IngestionStore:
    return IngestionStore(databases.app)


@pytest.fixture
def ingest(store: IngestionStore, analyst: UUID, tmp_path: Path) -> Ingest:
    def run(text: str, *, user: UUID = analyst, **how: object) -> Row:
        path = tmp_path / "bars.csv"
        path.write_text(text)
        request = IngestionRequest(filename="bars.csv", **how)  # type: ignore[arg-type]  # test shorthand
        return store.take_in(user, open_table(path), request)

    return run


def counts(row: Row) -> tuple[int, ...]:
    """Read, inserted, updated, unchanged, quarantined; the last four must add up to the first."""
    found = tuple(row[f"rows_{name}"] for name in ("read", "inserted", "updated", "unchanged", "quarantined"))
    assert found[0] == sum(found[1:])
    return found


def closes(databases: Databases, symbol: str) -> list[float]:
    return list(TimeseriesDb(databases.app).read_bars(symbol, BarSize.DAY_1).close)


def table_sizes(databases: Databases) -> Sequence[int]:
    with psycopg.connect(databases.owner_url) as connection:
        tables = ("market_data", "symbols", "instruments", "ingestions", "quarantine")
        return [connection.execute(f"SELECT count(*) FROM {name}".encode()).fetchall()[0][0] for name in tables]


def test_whole_rows_are_stored_and_flawed_ones_kept_with_reasons(
    ingest: Ingest, store: IngestionStore, analyst: UUID, databases: Databases
) -> None:
    row = ingest(HEADER + WHOLE + FLAWED)
    assert counts(row) == (5, 3, 0, 0, 2)
    assert row["bar_size"] == "1d"
    assert row["symbols_count"] == 2
    assert row["column_mapping"]["time"] == "date"
    assert {one["code"]: one["rows"] for one in row["findings"]} == {
        "not_finite": 1, "missing_field": 1, "high_below_low": 1,
    }  # fmt: skip
    assert closes(databases, "AAPL") == [11, 12.125]
    newest, older = store.quarantined(analyst)
    assert (newest["row_number"], newest["symbol"], newest["row_time"]) == (6, "AAPL", "2024-01-05")
    assert newest["raw"]["close"] == ""
    assert [reason["code"] for reason in newest["reasons"]] == ["missing_field", "high_below_low"]
    assert older["raw"]["close"] == "NaN"


def test_the_same_file_twice_changes_nothing(ingest: Ingest, databases: Databases) -> None:
    ingest(HEADER + WHOLE + FLAWED)
    before = table_sizes(databases)
    again = ingest(HEADER + WHOLE + FLAWED)
    assert counts(again) == (5, 0, 0, 3, 2)
    bars, symbols, instruments, ingestions, quarantine = table_sizes(databases)
    assert [bars, symbols, instruments, ingestions - 1, quarantine] == before


def test_a_changed_bar_is_quarantined_and_the_stored_one_stays(
    ingest: Ingest, store: IngestionStore, analyst: UUID, databases: Databases
) -> None:
    ingest(HEADER + WHOLE)
    row = ingest(HEADER + "AAPL,2024-01-02,10,12,9,11.25,100\nAAPL,2024-01-08,10,12,9,11,100\n")
    assert counts(row) == (2, 1, 0, 0, 1)
    assert closes(databases, "AAPL") == [11, 12.125, 11]
    (kept,) = store.quarantined(analyst, code="conflicts_with_stored")
    assert kept["reasons"][0]["message"] == "stored: close 11 (file 11.25)"


def test_a_changed_bar_is_updated_when_asked(ingest: Ingest, databases: Databases) -> None:
    ingest(HEADER + WHOLE)
    row = ingest(HEADER + "AAPL,2024-01-02,10,12,9,11.25,100\n", replace=True)
    assert counts(row) == (1, 0, 1, 0, 0)
    assert closes(databases, "AAPL") == [11.25, 12.125]


def test_equal_rows_within_a_file_count_as_unchanged(ingest: Ingest) -> None:
    assert counts(ingest(HEADER + WHOLE + WHOLE)) == (6, 3, 0, 3, 0)


def test_an_ingestion_is_in_the_users_audit_chain(ingest: Ingest, databases: Databases, analyst: UUID) -> None:
    row = ingest(HEADER + WHOLE)
    ingest(HEADER + WHOLE)
    with psycopg.connect(databases.owner_url) as connection:
        found = connection.execute("SELECT chain, action, subject, detail FROM audit_log ORDER BY seq").fetchall()
        broken = connection.execute("SELECT audit_first_broken(%s)", [f"user:{analyst}"]).fetchone()
    assert found[0] == (
        f"user:{analyst}", "ingestion.store", str(row["id"]), {"inserted": 3, "updated": 0, "replace": False},
    )  # fmt: skip
    assert [one[3]["inserted"] for one in found] == [3, 0]
    assert broken == (None,)


@pytest.mark.parametrize("broken", ["AAPL,2024-01-04,1,2\n", "A\x00B,2024-01-04,1,2,1,1,1\n"])
def test_a_file_that_breaks_off_leaves_nothing(ingest: Ingest, databases: Databases, broken: str) -> None:
    with pytest.raises(InvalidInput):
        ingest(HEADER + WHOLE + broken)
    assert table_sizes(databases) == [0, 0, 0, 0, 0]


def test_a_failure_while_storing_leaves_nothing(ingest: Ingest, databases: Databases) -> None:
    with psycopg.connect(databases.owner_url, autocommit=True) as connection:
        connection.execute("REVOKE INSERT ON quarantine FROM causeway_app")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ingest(HEADER + WHOLE + FLAWED)
    assert table_sizes(databases) == [0, 0, 0, 0, 0]


def test_a_file_with_flawed_rows_only_stores_no_instrument(ingest: Ingest, databases: Databases) -> None:
    assert counts(ingest(HEADER + FLAWED)) == (2, 0, 0, 0, 2)
    assert table_sizes(databases)[:3] == [0, 0, 0]


def test_ingestions_and_quarantine_are_the_users_own(
    ingest: Ingest, store: IngestionStore, user_factory: Callable[..., UUID], databases: Databases
) -> None:
    row = ingest(HEADER + WHOLE + FLAWED)
    other = user_factory("analyst")
    assert store.list(other) == []
    assert store.quarantined(other) == []
    with pytest.raises(NotFound):
        store.get(other, row["id"])
    with databases.app.transaction(user_id=other) as transaction:
        seen = transaction.connection.execute("SELECT count(*) AS n FROM quarantine").fetchone()
    assert seen == {"n": 0}, "row-level security holds without the WHERE of our queries"


def test_pages_of_ingestions_and_quarantine(ingest: Ingest, store: IngestionStore, analyst: UUID) -> None:
    first, second = ingest(HEADER + WHOLE), ingest(HEADER + FLAWED)
    (newest,) = store.list(analyst, limit=1)
    assert newest["id"] == second["id"]
    (older,) = store.list(analyst, before=(newest["created_at"], newest["id"]), limit=5)
    assert older["id"] == first["id"]
    (one,) = store.quarantined(analyst, limit=1)
    assert len(store.quarantined(analyst, before_id=one["id"])) == 1
    assert len(store.quarantined(analyst, ingestion_id=second["id"], symbol="aapl", code="not_finite")) == 1
    assert store.quarantined(analyst, ingestion_id=first["id"]) == []


def test_a_reused_ticker_goes_to_the_instrument_of_its_time(ingest: Ingest, databases: Databases) -> None:
    ingest(HEADER + "FB,2024-01-02,10,12,9,11,100\n")
    with psycopg.connect(databases.owner_url, autocommit=True) as connection:
        connection.execute("UPDATE symbols SET valid_from = '2012-05-18Z' WHERE symbol = 'FB'")
        connection.execute("INSERT INTO instruments (asset_class) VALUES ('equity')")
        connection.execute("INSERT INTO symbols VALUES ('FB', 2, '-infinity', '2004-01-01Z')")
    row = ingest(HEADER + "FB,2001-01-03,1,1,1,1,1\nFB,2008-01-03,2,2,2,2,2\nFB,2013-01-03,3,3,3,3,3\n")
    assert counts(row) == (3, 2, 0, 0, 1)
    assert row["findings"][0]["code"] == "symbol_not_valid"
    with psycopg.connect(databases.owner_url) as connection:
        found = connection.execute("SELECT instrument_id, close FROM market_data ORDER BY time").fetchall()
    assert found == [(2, 1.0), (1, 3.0), (1, 11.0)]
    series = TimeseriesDb(databases.app)
    assert series.resolve("FB").instrument_id == 1
    assert series.resolve("FB", datetime(2001, 1, 3, tzinfo=UTC)).instrument_id == 2


def test_bars_outside_the_made_partitions_get_their_own(ingest: Ingest, databases: Databases) -> None:
    ingest(HEADER + "IBM,1962-01-02,578.5,578.5,572,572,387200\n")
    with psycopg.connect(databases.owner_url) as connection:
        found = connection.execute("SELECT tableoid::regclass::text FROM market_data").fetchall()
    assert found == [("market_data_1962",)]


def test_the_asset_class_decides_the_calendar(ingest: Ingest, databases: Databases) -> None:
    row = ingest(
        "date,open,high,low,close,volume\n2024-01-06,1,1,1,1,1\n", symbol="BTCUSD", asset_class=AssetClass.CRYPTO
    )
    assert row["findings"] == []
    assert row["column_mapping"]["symbol"] == "=BTCUSD"
    assert TimeseriesDb(databases.app).resolve("btcusd").asset_class is AssetClass.CRYPTO


def test_end_stamps_in_two_columns_are_stored_as_starts(ingest: Ingest, databases: Databases) -> None:
    """09:31 in New York in January ends the minute that began at 14:30 UTC."""
    row = ingest(
        "date,time,open,high,low,close,volume\n2024-01-05,09:31,1,1,1,1,1\n2024-01-05,09:32,1,1,1,1,1\n",
        symbol="ENDS",
        time_zone="America/New_York",
        stamp=Stamp.END,
    )
    assert {name: row["column_mapping"][name] for name in ("time", "clock", "time_zone", "stamp")} == {
        "time": "date",
        "clock": "time",
        "time_zone": "=America/New_York",
        "stamp": "=end",
    }
    stored = TimeseriesDb(databases.app).read_bars("ENDS", BarSize.MINUTE_1)
    assert [moment(at) for at in stored.time_us.tolist()] == [
        datetime(2024, 1, 5, 14, 30, tzinfo=UTC),
        datetime(2024, 1, 5, 14, 31, tzinfo=UTC),
    ]


def test_two_files_at_once_make_each_instrument_once(
    databases: Databases, user_factory: Callable[..., UUID], tmp_path: Path
) -> None:
    path = tmp_path / "bars.csv"
    path.write_text(HEADER + WHOLE)
    users = [user_factory("analyst") for _ in range(4)]
    rows: list[Row] = []

    def run(user: UUID) -> None:
        rows.append(IngestionStore(databases.app).take_in(user, open_table(path), IngestionRequest("bars.csv")))

    threads = [threading.Thread(target=run, args=[user]) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(row["rows_inserted"] for row in rows) == [0, 0, 0, 3]
    assert table_sizes(databases) == [3, 2, 2, 4, 0]


def test_a_file_and_a_load_of_the_same_instrument_in_a_new_year_do_not_deadlock(
    databases: Databases, ingest: Ingest
) -> None:
    """The load holds the instrument when the file comes, and then both need the part of a year that has none."""
    ingest(HEADER + WHOLE)
    held = TimeseriesDb(databases.app).resolve("AAPL").instrument_id
    with ThreadPoolExecutor(1) as other, databases.app.transaction() as transaction:
        transaction.all("bars_lock_instruments", ids=[held])
        coming = other.submit(ingest, f"{HEADER}AAPL,1995-03-01,10,12,9,11,100\n")
        with psycopg.connect(databases.owner_url, autocommit=True) as watching:
            for _ in range(600):
                if watching.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone() != (0,):
                    break
                watching.execute("SELECT pg_sleep(0.05)")
        BarLoad({held: bars_from(datetime(1995, 3, 2, tzinfo=UTC), 1)}, BarSize.DAY_1, "test").store(transaction)
        transaction.connection.commit()
        assert counts(coming.result(30)) == (1, 1, 0, 0, 0)
