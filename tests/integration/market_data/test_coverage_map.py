"""Coverage: kept with the bars, equal to what counting them gives, and the sessions that are missing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import psycopg
import pytest

from causeway.adapters.storage.coverage import Gap, gaps_between
from causeway.adapters.storage.timeseries_db import TimeseriesDb
from causeway.errors import NotFound
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize
from tests.fixtures.databases import Databases
from tests.integration.market_data.series import MINUTE_US, add_instrument, bars_from

pytestmark = pytest.mark.postgres
OPEN = datetime(2024, 1, 2, 14, 30, tzinfo=UTC)  # NYSE, a Tuesday


def _only(bars: BarColumns, keep: np.ndarray) -> BarColumns:
    return BarColumns(
        bars.time_us[keep], bars.open[keep], bars.high[keep], bars.low[keep], bars.close[keep], bars.volume[keep]
    )


def _january(*days: int) -> BarColumns:
    times = np.array([datetime(2024, 1, day, tzinfo=UTC).timestamp() * 1e6 for day in days]).astype(np.int64)
    ones = np.ones(len(days))
    return BarColumns(times, ones, ones, ones, ones, ones)


def _kept_and_counted(databases: Databases) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    query = "SELECT instrument_id, bar_size, year, bars, total, first, last FROM bar_coverage ORDER BY 1, 2, 3"
    with psycopg.connect(databases.owner_url, autocommit=True) as connection:
        kept = connection.execute(query).fetchall()
        connection.execute("SELECT series.recount()")
        return kept, connection.execute(query).fetchall()


def test_what_is_kept_is_what_counting_gives(databases: Databases) -> None:
    store = TimeseriesDb(databases.app)
    one, other = add_instrument(databases, "AAA"), add_instrument(databases, "BBB")
    leap = datetime(2023, 12, 30, tzinfo=UTC)
    daily = bars_from(leap, 400, step_us=24 * 60 * MINUTE_US)
    minutes = bars_from(OPEN, 3000)
    store.store_bars({one: _only(daily, np.arange(400) % 7 != 3), other: daily}, BarSize.DAY_1, source="copy")
    store.store_bars({one: daily}, BarSize.DAY_1, source="compare")
    store.store_bars({one: _only(minutes, np.arange(3000) > 2000)}, BarSize.MINUTE_1, source="copy")
    store.store_bars({one: _only(minutes, np.arange(3000) < 1000)}, BarSize.MINUTE_1, source="copy before")
    store.store_bars({one: minutes}, BarSize.MINUTE_1, source="compare")
    kept, counted = _kept_and_counted(databases)
    assert kept == counted
    assert [(row[0], row[1], row[2], row[4]) for row in kept] == [
        (one, "1d", 2023, 2), (one, "1d", 2024, 366), (one, "1d", 2025, 32), (one, "1m", 2024, 3000),
        (other, "1d", 2023, 2), (other, "1d", 2024, 366), (other, "1d", 2025, 32),
    ]  # fmt: skip


def test_missing_sessions_are_gaps(databases: Databases) -> None:
    store = TimeseriesDb(databases.app)
    instrument_id = add_instrument(databases, "AAA")
    # NYSE, January 2024: sessions on every weekday but the 1st and the 15th (Martin Luther King day).
    store.store_bars({instrument_id: _january(2, 3, 8, 9, 12, 16, 18)}, BarSize.DAY_1, source="test")
    (found,) = store.coverage_map(["aaa"])
    assert (found.symbol, found.bar_size, found.bars) == ("AAA", BarSize.DAY_1, 7)
    assert (found.first, found.last) == (datetime(2024, 1, 2, tzinfo=UTC), datetime(2024, 1, 18, tzinfo=UTC))
    assert found.gaps == (
        Gap(date(2024, 1, 4), date(2024, 1, 5), 2),
        Gap(date(2024, 1, 10), date(2024, 1, 11), 2),
        Gap(date(2024, 1, 17), date(2024, 1, 17), 1),
    )


def test_a_bar_on_a_holiday_hides_no_missing_session(databases: Databases) -> None:
    store = TimeseriesDb(databases.app)
    instrument_id = add_instrument(databases, "AAA")
    # NYSE sessions: the 12th, 16th, 17th and 18th. The 13th was a Saturday, the 15th Martin Luther King day.
    store.store_bars({instrument_id: _january(12, 13, 15, 16, 18)}, BarSize.DAY_1, source="test")
    (found,) = store.coverage(["aaa"], BarSize.DAY_1)
    assert (found.bars, found.expected_bars, found.missing_bars) == (5, 4, 1)
    assert sum(gap.sessions for gap in store.coverage_map(["AAA"])[0].gaps) == 1


def test_a_session_with_one_minute_is_not_missing(databases: Databases) -> None:
    store = TimeseriesDb(databases.app)
    instrument_id = add_instrument(databases, "AAA")
    for day in (2, 3, 5):
        bars = bars_from(OPEN + timedelta(days=day - 2), 1)
        store.store_bars({instrument_id: bars}, BarSize.MINUTE_1, source="test")
    (found,) = store.coverage_map(["AAA"], BarSize.MINUTE_1)
    assert found.gaps == (Gap(date(2024, 1, 4), date(2024, 1, 4), 1),)


def test_a_session_over_midnight_of_utc_counts_both_days() -> None:
    # Sydney's session of 2024-01-03 is 23:00 UTC of the 2nd to 05:00 of the 3rd, in summer time.
    days = np.array([(date(2024, 1, 2) - date(1970, 1, 1)).days])
    found = list(gaps_between(days, "XASX", BarSize.MINUTE_1, date(2024, 1, 3), date(2024, 1, 4)))
    assert found == [Gap(date(2024, 1, 4), date(2024, 1, 4), 1)]


def test_coverage_of_an_unknown_symbol(databases: Databases) -> None:
    add_instrument(databases, "AAA")
    store = TimeseriesDb(databases.app)
    assert store.coverage_map(["AAA"]) == []
    with pytest.raises(NotFound, match="ZZZ"):
        store.coverage_map(["AAA", "ZZZ"])
