"""Bars of a size that is not stored, from finer ones; expected values are counted by hand from ``bars_from``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from causeway.adapters.storage import rollups
from causeway.adapters.storage.series_upkeep import SeriesUpkeep
from causeway.adapters.storage.timeseries_db import TimeseriesDb
from causeway.market_data.corporate_actions import Adjustment
from causeway.market_data.fx_day import FxDay
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize
from tests.fixtures.databases import Databases
from tests.integration.market_data.series import add_instrument, bars_from, same

pytestmark = pytest.mark.postgres
OPEN = datetime(2024, 1, 2, 14, 30, tzinfo=UTC)  # 09:30 in New York
HOUR = timedelta(hours=1)


@pytest.fixture
def store(databases: Databases) -> TimeseriesDb:
    return TimeseriesDb(databases.app)


@pytest.fixture
def minutes(databases: Databases, store: TimeseriesDb) -> int:
    """A session of 390 minutes: bar i opens at 100 + i."""
    instrument_id = add_instrument(databases, "AAA")
    store.store_bars({instrument_id: bars_from(OPEN, 390)}, BarSize.MINUTE_1, source="test")
    return instrument_id


def _bar(bars: BarColumns, at: int) -> tuple[float, ...]:
    return (bars.open[at], bars.high[at], bars.low[at], bars.close[at], bars.volume[at])


def _kept_hours(databases: Databases) -> int:
    with psycopg.connect(databases.owner_url) as connection:
        row = connection.execute("SELECT count(*) FROM market_data_1h").fetchone()
    return int(row[0]) if row else 0


@pytest.mark.parametrize("refreshed", [False, True])
def test_hours_of_minutes(databases: Databases, store: TimeseriesDb, minutes: int, refreshed: bool) -> None:
    if refreshed:
        SeriesUpkeep(databases.service, {}).refresh_rollups()
    assert _kept_hours(databases) == (7 if refreshed else 0)
    hours = store.read_bars("AAA", BarSize.HOUR_1)
    assert hours.time_us[0] == (OPEN - HOUR / 2).timestamp() * 1e6
    # 14:30 to 14:59 are bars 0 to 29; 15:00 to 15:59 are bars 30 to 89; volumes are 1 to 30, and 31 to 90
    assert len(hours) == 7
    assert _bar(hours, 0) == (100, 131, 99, 129.5, 465)
    assert _bar(hours, 1) == (130, 191, 129, 189.5, 3630)


def test_a_day_of_minutes_has_the_date_of_the_session(store: TimeseriesDb, minutes: int) -> None:
    days = store.read_bars("AAA", BarSize.DAY_1, datetime(2024, 1, 2, tzinfo=UTC), datetime(2024, 1, 3, tzinfo=UTC))
    assert days.time_us.tolist() == [datetime(2024, 1, 2, tzinfo=UTC).timestamp() * 1e6]
    assert _bar(days, 0) == (100, 491, 99, 489.5, 390 * 391 / 2)


def test_a_day_of_an_exchange_is_its_regular_session(databases: Databases, store: TimeseriesDb) -> None:
    """2024-07-03 was a half day (close 13:00 New York); before its open and after its close 60 minutes each trade."""
    instrument_id = add_instrument(databases, "AAA")
    before = datetime(2024, 7, 3, 12, 30, tzinfo=UTC)
    store.store_bars({instrument_id: bars_from(before, 60 + 210 + 60)}, BarSize.MINUTE_1, source="test")
    days = store.read_bars("AAA", BarSize.DAY_1)
    assert days.time_us.tolist() == [datetime(2024, 7, 3, tzinfo=UTC).timestamp() * 1e6]
    # bars 60 to 269, volumes 61 to 270
    assert _bar(days, 0) == (160, 371, 159, 369.5, (61 + 270) * 210 / 2)


def test_a_day_of_stored_hours_begins_with_the_hour_of_its_open(databases: Databases, store: TimeseriesDb) -> None:
    """Hours from 08:00 to 18:00 in New York; the session is part of those from 09:00 to 15:00, bars 1 to 7."""
    instrument_id = add_instrument(databases, "AAA")
    hours = bars_from(datetime(2024, 1, 2, 13, tzinfo=UTC), 11, step_us=3_600_000_000)
    store.store_bars({instrument_id: hours}, BarSize.HOUR_1, source="test")
    days = store.read_bars("AAA", BarSize.DAY_1)
    assert days.time_us.tolist() == [datetime(2024, 1, 2, tzinfo=UTC).timestamp() * 1e6]
    assert _bar(days, 0) == (101, 109, 100, 107.5, sum(range(2, 9)))


def test_a_future_of_sunday_evening_belongs_to_monday(databases: Databases, store: TimeseriesDb) -> None:
    """CME's day of 2024-01-08 began on Sunday at 17:00 in Chicago, 23:00 UTC."""
    instrument_id = add_instrument(databases, "ES", calendar="CMES")
    store.store_bars(
        {instrument_id: bars_from(datetime(2024, 1, 7, 23, tzinfo=UTC), 120)}, BarSize.MINUTE_1, source="test"
    )
    days = store.read_bars("ES", BarSize.DAY_1)
    assert days.time_us.tolist() == [datetime(2024, 1, 8, tzinfo=UTC).timestamp() * 1e6]
    assert days.volume.tolist() == [120 * 121 / 2]


@pytest.mark.parametrize("refreshed", [False, True])
def test_a_day_of_foreign_exchange_ends_at_five_in_new_york(
    databases: Databases, store: TimeseriesDb, refreshed: bool
) -> None:
    """In January that is 22:00 UTC. Bars 0 to 119 begin on Sunday at 22:00, bars 120 to 239 on Monday at 22:00."""
    euro = add_instrument(databases, "EURUSD", calendar="24/5", asset_class="fx")
    for day, base in ((7, 0.0), (8, 500.0)):
        start = datetime(2024, 1, day, 22, tzinfo=UTC)
        store.store_bars({euro: bars_from(start, 120, base=base)}, BarSize.MINUTE_1, source="test")
    if refreshed:
        SeriesUpkeep(databases.service, {}).refresh_rollups()
    days = store.read_bars("EURUSD", BarSize.DAY_1)
    assert days.time_us.tolist() == [datetime(2024, 1, day, tzinfo=UTC).timestamp() * 1e6 for day in (8, 9)]
    assert (days.open.tolist(), days.volume.tolist()) == ([0, 500], [120 * 121 / 2] * 2)


def test_days_of_foreign_exchange_are_those_of_utc_where_the_setting_says_so(
    databases: Databases, store: TimeseriesDb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollups, "configured_fx_day", lambda: FxDay.parse("UTC"))
    euro = add_instrument(databases, "EURUSD", calendar="24/5", asset_class="fx")
    sunday = datetime(2024, 1, 7, 23, tzinfo=UTC)
    store.store_bars({euro: bars_from(sunday, 120)}, BarSize.MINUTE_1, source="test")
    days = store.read_bars("EURUSD", BarSize.DAY_1)
    assert days.time_us.tolist() == [datetime(2024, 1, day, tzinfo=UTC).timestamp() * 1e6 for day in (7, 8)]
    assert days.open.tolist() == [100, 160]


@pytest.mark.parametrize(("size", "bars", "second"), [(BarSize.MINUTE_5, 78, 105), (BarSize.MINUTE_15, 26, 115)])
def test_minutes_of_a_minute(store: TimeseriesDb, minutes: int, size: BarSize, bars: int, second: float) -> None:
    found = store.read_many(["AAA"], size)["AAA"]
    assert (len(found), found.open[1]) == (bars, second)


def test_a_range_and_a_limit_hold_for_rolled_bars(store: TimeseriesDb, minutes: int) -> None:
    found = store.read_bars("AAA", BarSize.HOUR_1, OPEN + HOUR / 2, OPEN + 2.5 * HOUR)
    assert found.open.tolist() == [130, 190]
    assert store.read_bars("AAA", BarSize.HOUR_1, OPEN, limit=1).open.tolist() == [130]
    raw = store.read_adjusted("AAA", BarSize.HOUR_1, OPEN, adjustment=Adjustment.RAW, limit=1)
    assert raw.open.tolist() == [130]


def test_stored_bars_come_before_rolled_ones(store: TimeseriesDb, minutes: int) -> None:
    stored = bars_from(datetime(2024, 1, 2, tzinfo=UTC), 1, base=7)
    store.store_bars({minutes: stored}, BarSize.DAY_1, source="test")
    assert same(store.read_bars("AAA", BarSize.DAY_1), stored)
    assert len(store.read_bars("AAA", BarSize.DAY_1, datetime(2024, 1, 3, tzinfo=UTC))) == 0


def test_later_minutes_change_the_hours_at_once(databases: Databases, store: TimeseriesDb, minutes: int) -> None:
    upkeep = SeriesUpkeep(databases.service, {})
    upkeep.refresh_rollups()
    store.store_bars({minutes: bars_from(OPEN, 2, base=900)}, BarSize.MINUTE_1, source="correction")
    late = bars_from(OPEN + 8 * HOUR, 1, base=3)
    store.store_bars({minutes: late}, BarSize.MINUTE_1, source="late")
    before = store.read_bars("AAA", BarSize.HOUR_1)
    assert _bar(before, 0) == (900, 903, 101, 129.5, 465)
    assert _bar(before, 7) == (3, 5, 2, 3.5, 1)
    upkeep.refresh_rollups()
    assert _kept_hours(databases) == 8
    assert same(store.read_bars("AAA", BarSize.HOUR_1), before)


def test_there_is_nothing_to_roll_up_from_coarser_bars(databases: Databases, store: TimeseriesDb) -> None:
    instrument_id = add_instrument(databases, "BBB")
    store.store_bars({instrument_id: bars_from(OPEN, 1)}, BarSize.DAY_1, source="test")
    assert len(store.read_bars("BBB", BarSize.HOUR_1)) == 0


def test_hours_of_a_zone_with_half_hours_follow_its_clock(databases: Databases, store: TimeseriesDb) -> None:
    # Mumbai is 5 h 30 min ahead of UTC: its hours begin at half past in UTC.
    instrument_id = add_instrument(databases, "INFY", calendar="XBOM")
    first = datetime(2024, 1, 2, 3, 45, tzinfo=UTC)
    store.store_bars({instrument_id: bars_from(first, 60)}, BarSize.MINUTE_1, source="test")
    hours = store.read_bars("INFY", BarSize.HOUR_1)
    assert hours.time_us.tolist() == [
        (first - timedelta(minutes=15)).timestamp() * 1e6,
        (first + timedelta(minutes=45)).timestamp() * 1e6,
    ]
