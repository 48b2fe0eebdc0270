"""The schema and the queries of market data on a real TimescaleDB: the same text, the other physical form.

Bars are staged by INSERT, because this server cannot take a COPY; everything after that is what runs elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from causeway.adapters.storage.database import Database, named_queries
from causeway.adapters.storage.migrator import migrate, pending
from causeway.adapters.storage.timeseries_db import TimeseriesDb
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize
from tests.integration.market_data.series import bars_from, same

pytestmark = pytest.mark.xdist_group("timescale")
OPEN = datetime(2024, 1, 2, 14, 30, tzinfo=UTC)
Connection = psycopg.Connection[Any]
_REFRESH = "policy_refresh_continuous_aggregate"
_SERIES_QUERIES = (
    "market_data_", "bars_", "quotes_", "replay_", "second_source_", "neighbours_", "quarantine_", "symbol_history_",
)  # fmt: skip


def _put(connection: Connection, instrument_id: int, bars: BarColumns, bar_size: str = "1m") -> dict[str, Any]:
    """Stage by INSERT, then the query that stores everywhere."""
    columns = [
        bars.time_us.tolist(),
        *(getattr(bars, name).tolist() for name in ("open", "high", "low", "close", "volume")),
    ]
    with connection.transaction():
        connection.execute(named_queries()["bars_stage"].encode())
        connection.execute(
            "INSERT INTO staged SELECT n, %s, to_timestamp(time_us / 1e6), open, high, low, close, volume "
            "FROM unnest(%s::bigint[], %s::float8[], %s::float8[], %s::float8[], %s::float8[], %s::float8[]) "
            "WITH ORDINALITY AS bar (time_us, open, high, low, close, volume, n)",
            [instrument_id, *columns],
        )
        found = connection.execute(
            named_queries()["bars_put_staged"].encode(),
            {
                "ids": [instrument_id],
                "first": datetime(1990, 1, 1, tzinfo=UTC),
                "last": datetime(2030, 1, 1, tzinfo=UTC),
                "bar_size": bar_size, "source": "test", "ingestion_id": None,
            },
        )  # fmt: skip
        inserted, updated = found.fetchone() or (0, 0)
    return {"inserted": inserted, "updated": updated}


def _instrument(connection: Connection, symbol: str) -> int:
    row = connection.execute(
        "WITH made AS (INSERT INTO instruments (asset_class) VALUES ('equity') RETURNING id) "
        "INSERT INTO symbols (symbol, instrument_id) SELECT %s, id FROM made RETURNING instrument_id",
        [symbol],
    ).fetchone()
    assert row is not None
    return int(row[0])


def _refresh(connection: Connection) -> None:
    """What the job does every half hour; this server runs no jobs."""
    connection.execute("CALL refresh_continuous_aggregate('market_data_1h', NULL, NULL)")
    connection.execute("TRUNCATE rollup_stale")


@pytest.fixture
def aaa(timescale: Connection) -> int:
    """An instrument with a session of 390 minutes."""
    instrument_id = _instrument(timescale, "AAA")
    assert _put(timescale, instrument_id, bars_from(OPEN, 390)) == {"inserted": 390, "updated": 0}
    return instrument_id


@pytest.fixture
def store(timescale: Connection, timescale_url: str) -> Iterator[TimeseriesDb]:
    """On the one connection: it is handed over for the time of the test."""
    timescale.close()
    database = Database(timescale_url, pool_size=1, wait_s=30)
    yield TimeseriesDb(database)
    database.close()


def test_every_migration_is_applied(timescale: Connection, timescale_url: str) -> None:
    timescale.close()
    assert pending(timescale_url) == []
    assert migrate(timescale_url) == []


def test_bars_lie_in_a_hypertable_with_its_policies(timescale: Connection) -> None:
    found = timescale.execute(
        "SELECT hypertable_name, compression_enabled FROM timescaledb_information.hypertables "
        "WHERE hypertable_schema = 'public'"
    ).fetchall()
    assert found == [("market_data", True)]
    jobs = timescale.execute(
        "SELECT proc_name FROM timescaledb_information.jobs WHERE proc_name LIKE 'policy%' ORDER BY 1"
    ).fetchall()
    assert {"policy_compression", "policy_refresh_continuous_aggregate"} <= {row[0] for row in jobs}
    assert timescale.execute("SELECT series.ensure_ahead()").fetchone() == (0,)


def test_bars_come_back_in_order(aaa: int, store: TimeseriesDb) -> None:
    assert same(store.read_bars("AAA", BarSize.MINUTE_1), bars_from(OPEN, 390))
    part = store.read_bars("aaa", BarSize.MINUTE_1, OPEN + timedelta(minutes=5), OPEN + timedelta(minutes=8))
    assert part.open.tolist() == [105, 106, 107]
    assert [len(one) for one in store.stream_bars("AAA", BarSize.MINUTE_1, chunk_bars=300)] == [300, 90]


def test_equal_bars_are_left_alone_and_others_replaced(timescale: Connection, aaa: int) -> None:
    assert _put(timescale, aaa, bars_from(OPEN, 390)) == {"inserted": 0, "updated": 0}
    assert _put(timescale, aaa, bars_from(OPEN, 3, base=101)) == {"inserted": 0, "updated": 3}


def test_hours_are_a_continuous_aggregate_that_sees_the_latest(timescale: Connection, aaa: int) -> None:
    query = "SELECT open, high, low, close, volume FROM series.hours(%s, '2024-01-02', '2024-01-03') ORDER BY time"
    expected = [(100, 131, 99, 129.5, 465), (130, 191, 129, 189.5, 3630)]
    assert timescale.execute(query, [aaa]).fetchall()[:2] == expected
    _refresh(timescale)
    assert timescale.execute(query, [aaa]).fetchall()[:2] == expected
    _put(timescale, aaa, bars_from(OPEN, 1, base=101))
    for _ in range(2):  # by the mark that the hour is stale, then from the aggregate
        assert timescale.execute(query, [aaa]).fetchall()[0] == (101, 131, 100, 129.5, 465)
        _refresh(timescale)


def test_a_mark_goes_when_the_refreshing_job_has_run_since(timescale: Connection, aaa: int) -> None:
    timescale.execute("SELECT series.refresh_rollups()")
    assert timescale.execute("SELECT count(*) FROM rollup_stale").fetchone() == (1,)
    job = timescale.execute(
        "SELECT job_id FROM timescaledb_information.jobs WHERE proc_name = %s", [_REFRESH]
    ).fetchone()
    assert job is not None
    timescale.execute("UPDATE rollup_stale SET marked_at = now() - interval '1 hour'")
    timescale.execute(
        "INSERT INTO _timescaledb_internal.bgw_job_stat (job_id, last_start, last_finish, next_start, "
        "last_successful_finish, last_run_success, total_runs, total_duration, total_duration_failures, "
        "total_successes, total_failures, total_crashes, consecutive_failures, consecutive_crashes) "
        "VALUES (%s, now(), now(), now(), now(), true, 1, '0', '0', 1, 0, 0, 0, 0)",
        job,
    )
    timescale.execute("SELECT series.refresh_rollups()")
    assert timescale.execute("SELECT count(*) FROM rollup_stale").fetchone() == (0,)


def test_days_of_minutes(aaa: int, store: TimeseriesDb) -> None:
    days = store.read_bars("AAA", BarSize.DAY_1)
    assert (len(days), days.open[0], days.close[0], days.volume[0]) == (1, 100, 489.5, 390 * 391 / 2)


def test_coverage_is_kept_and_equals_a_count(timescale: Connection, aaa: int) -> None:
    query = "SELECT instrument_id, bar_size, year, bars, total, first, last FROM bar_coverage"
    kept = timescale.execute(query).fetchall()
    assert kept[0][4] == 390
    timescale.execute("SELECT series.recount()")
    assert timescale.execute(query).fetchall() == kept


def test_old_chunks_are_compressed_and_still_read_and_written(timescale: Connection, aaa: int) -> None:
    (chunk,) = timescale.execute("SELECT compress_chunk(c)::text FROM show_chunks('market_data') c").fetchone() or ("",)
    assert chunk
    assert timescale.execute("SELECT count(*), sum(volume) FROM market_data").fetchone() == (390, 390 * 391 / 2)
    assert _put(timescale, aaa, bars_from(OPEN, 391)) == {"inserted": 1, "updated": 0}


def test_a_day_that_came_minute_by_minute_is_put_in_order(timescale: Connection) -> None:
    ids = [_instrument(timescale, symbol) for symbol in ("AAA", "BBB")]
    timescale.execute(
        "INSERT INTO market_data (instrument_id, bar_size, time, open, high, low, close, volume, source) "
        "SELECT id, '1m', %s + n * interval '1 minute', n, n, n, n, n, 'live' "
        "FROM generate_series(1, 60) AS n CROSS JOIN unnest(%s::integer[]) AS id ORDER BY n, id",
        [OPEN, ids],
    )
    timescale.execute("SELECT series.recount()")
    rows = "SELECT * FROM market_data ORDER BY instrument_id, time"
    before = timescale.execute(rows).fetchall()
    timescale.execute("INSERT INTO bars_as_they_came (bar_size, day) VALUES ('1m', '2024-01-02')")
    for _ in range(2):  # the instruments, then the day
        timescale.execute("SELECT series.put_in_order()")
    assert timescale.execute("SELECT count(*) FROM bars_as_they_came").fetchone() == (0,)
    assert timescale.execute(rows).fetchall() == before
    stored = timescale.execute("SELECT instrument_id FROM market_data ORDER BY ctid").fetchall()
    assert [row[0] for row in stored] == [ids[0]] * 60 + [ids[1]] * 60


def test_retention_drops_chunks_and_rows(timescale: Connection, aaa: int) -> None:
    _put(timescale, aaa, bars_from(datetime(2020, 6, 1, tzinfo=UTC), 10))
    _put(timescale, aaa, bars_from(datetime(2019, 6, 1, tzinfo=UTC), 10), bar_size="1d")
    dropped = timescale.execute(
        "SELECT series.drop_before('market_data', %s, ARRAY['1m'])", [OPEN + timedelta(hours=1)]
    )
    assert dropped.fetchone() == (70,)
    left = timescale.execute("SELECT bar_size, count(*) FROM market_data GROUP BY 1 ORDER BY 1").fetchall()
    assert left == [("1d", 10), ("1m", 330)]
    covered = timescale.execute("SELECT bar_size, sum(total) FROM bar_coverage GROUP BY 1 ORDER BY 1").fetchall()
    assert covered == [("1d", 10), ("1m", 330)]
    assert len(timescale.execute("SELECT show_chunks('market_data')").fetchall()) == 2


def test_the_other_queries_of_market_data_run(aaa: int, store: TimeseriesDb) -> None:
    (found,) = store.coverage_map(["AAA"])
    assert (found.bars, found.gaps) == (390, ())
    assert store.coverage(["AAA"], BarSize.MINUTE_1)[0].bars == 390
    assert store.symbols()[0].bar_sizes == (BarSize.MINUTE_1,)
    assert store.quotes(["AAA"]) == []
    assert store.clock()["mode"] == "closed"
    assert len(store.read_many(["AAA", "aaa"], BarSize.MINUTE_1)["aaa"]) == 390


def test_every_market_data_query_is_understood(timescale: Connection) -> None:
    """Each query of the series' files is planned with nulls for its parameters."""
    for name, text in named_queries().items():
        if name.startswith(_SERIES_QUERIES) and "COPY" not in text:
            _plan(timescale, text)


def _plan(connection: Connection, text: str) -> None:
    import re

    names = set(re.findall(r"%\((\w+)\)s", text))
    body = text.rstrip().rstrip(";").split("\n", 1)[1]
    if body.lstrip().startswith(("CREATE", "TRUNCATE", "SET")):
        return
    with connection.transaction(force_rollback=True):
        connection.execute(named_queries()["bars_stage"].encode())
        connection.execute(named_queries()["bars_stage_years"].encode())
        connection.execute(f"EXPLAIN {body}".encode(), dict.fromkeys(names))
