"""Sessions, half days and halts against LEAN's market hours, and against what a month of futures traded."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from causeway.adapters.feeds.csv_files import open_table
from causeway.market_data.columns import map_columns
from causeway.market_data.gaps import expected_starts, missing_ranges
from causeway.market_data.ingestion import CheckOptions, check_rows
from causeway.market_data.schedule import exchange_schedule
from causeway.market_data.sessions import session_bounds, session_days
from causeway.market_data.written_times import Stamp
from causeway.model.time import BarSize, micros, moment

NEW_YORK, CHICAGO = ZoneInfo("America/New_York"), ZoneInfo("America/Chicago")


@pytest.fixture(scope="module")
def hours(test_data: Path) -> dict[str, Any]:
    found = json.loads((test_data / "calendars/lean_market_hours_subset.json").read_text())
    entries: dict[str, Any] = found.get("entries", found)
    return entries


def day(text: str) -> date:
    return datetime.strptime(text, "%m/%d/%Y").replace(tzinfo=UTC).date()


def test_new_yorks_holidays(hours: dict[str, Any]) -> None:
    """Every weekday from 2000 to 2026: closed here where LEAN says so, and nowhere else."""
    first, last = date(2000, 1, 1), date(2026, 12, 31)
    sessions = {date(1970, 1, 1) + timedelta(int(one)) for one in session_days("XNYS", first, last)}
    weekdays = {first + timedelta(at) for at in range((last - first).days + 1)}
    closed = {one for one in weekdays - sessions if one.weekday() < 5}
    theirs = {day(one) for one in hours["Equity-usa-[*]"]["holidays"]}
    assert closed == {one for one in theirs if one in weekdays and one.weekday() < 5}


def test_new_yorks_half_days(hours: dict[str, Any]) -> None:
    first, last = date(2000, 1, 1), date(2026, 12, 31)
    days, _, closes = session_bounds("XNYS", first, last)
    early = {
        date(1970, 1, 1) + timedelta(int(at)): moment(int(close)).astimezone(NEW_YORK).strftime("%H:%M:%S")
        for at, close in zip(days, closes, strict=True)
        if moment(int(close)).astimezone(NEW_YORK).hour != 16
    }
    theirs = {day(one): at for one, at in hours["Equity-usa-[*]"]["earlyCloses"].items()}
    # LEAN lists 2017-12-24 too, a Sunday.
    assert early == {one: at for one, at in theirs.items() if first <= one <= last and one.weekday() < 5}


def test_no_bar_is_expected_in_the_halt_of_a_future(hours: dict[str, Any]) -> None:
    """ES has no session from 17:00 to 18:00 in New York; a Wednesday has 23 hours."""
    sessions = hours["Future-cme-ES"]["wednesday"]
    assert [(one["start"], one["end"]) for one in sessions][-2:] == [
        ("09:30:00", "17:00:00"),
        ("18:00:00", "1.00:00:00"),
    ]
    schedule = exchange_schedule("CMES", date(2024, 1, 10), date(2024, 1, 10))
    starts, _ = expected_starts(schedule, BarSize.MINUTE_1, "America/Chicago")
    assert len(starts) == 23 * 60
    clock = [moment(int(at)).astimezone(CHICAGO).strftime("%H:%M") for at in (starts[0], starts[-1])]
    assert clock == ["17:00", "15:59"]
    assert len(expected_starts(schedule, BarSize.HOUR_1, "America/Chicago")[0]) == 23


def test_a_half_day_of_a_future_has_no_halt() -> None:
    """Thanksgiving of 2023: from 17:00 to noon in Chicago."""
    schedule = exchange_schedule("CMES", date(2023, 11, 23), date(2023, 11, 23))
    assert len(expected_starts(schedule, BarSize.MINUTE_1, "America/Chicago")[0]) == 19 * 60


def test_a_month_of_a_currency_future(test_data: Path) -> None:
    """6EH4 in January 2024, quiet minutes apart, is whole: no gap of more than 4 minutes, and no bar in a halt.

    The file stamps the end of a minute: read so, not one of 29,996 bars falls into a halt; read as starts, 21 do.
    """
    table = open_table(test_data / "intraday/nautilus_6EH4_CME_1m_202401.csv.gz")
    schedule = exchange_schedule("CMES", date(2023, 12, 29), date(2024, 2, 2))
    in_halt = {}
    for stamp in Stamp:
        options = CheckOptions(datetime(2024, 6, 1, tzinfo=UTC), time_zone="UTC", calendar="CMES", stamp=stamp)
        times = check_rows(table.rows(), map_columns(table.header, symbol="6EH4"), options, session_days).time_us
        halts = schedule.breaks_us
        in_halt[stamp] = int(((times[:, None] >= halts[:, 0]) & (times[:, None] < halts[:, 1])).sum())
    assert in_halt == {Stamp.START: 21, Stamp.END: 0}
    gaps = missing_ranges(
        times, schedule, BarSize.MINUTE_1, "America/Chicago", start_us=int(times.min()), end_us=int(times.max()) + 1
    )
    assert (len(gaps), sum(one.bars for one in gaps), max(one.bars for one in gaps)) == (306, 338, 4)


@pytest.mark.parametrize(
    ("calendar", "zone", "session", "size", "first", "last", "bars"),
    [
        ("XHKG", "Asia/Hong_Kong", date(2024, 1, 3), BarSize.MINUTE_1, "09:30", "15:59", 330),
        ("XTKS", "Asia/Tokyo", date(2024, 1, 4), BarSize.MINUTE_1, "09:00", "14:59", 300),
        ("XTKS", "Asia/Tokyo", date(2024, 11, 5), BarSize.MINUTE_1, "09:00", "15:29", 330),  # half an hour more
        ("XLON", "Europe/London", date(2023, 12, 22), BarSize.MINUTE_1, "08:00", "12:29", 270),
        ("XNYS", "America/New_York", date(2023, 11, 24), BarSize.HOUR_1, "09:00", "12:00", 4),
    ],
)
def test_bars_that_a_session_holds(
    calendar: str, zone: str, session: date, size: BarSize, first: str, last: str, bars: int
) -> None:
    """The exchanges' own hours: lunch in Hong Kong from 12:00 to 13:00, in Tokyo from 11:30 to 12:30, half days."""
    starts, _ = expected_starts(exchange_schedule(calendar, session, session), size, zone)
    clock = [moment(int(at)).astimezone(ZoneInfo(zone)).strftime("%H:%M") for at in (starts[0], starts[-1])]
    assert (clock, len(starts)) == ([first, last], bars)
    noon = micros(datetime(session.year, session.month, session.day, 12, 15, tzinfo=ZoneInfo(zone)))
    assert bool(np.isin(noon, starts)) == (size is BarSize.MINUTE_1 and calendar == "XLON")
