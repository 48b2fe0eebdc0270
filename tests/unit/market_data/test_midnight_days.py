"""Days that a file writes as moments of UTC, of exchanges east of Greenwich. Sessions: the exchanges' own calendars."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from causeway.errors import InvalidInput
from causeway.market_data.columns import map_columns
from causeway.market_data.ingestion import CheckedRows, CheckOptions, check_rows
from causeway.market_data.sessions import session_days
from causeway.model.time import BarSize, moment

# 2024-01-08 was a holiday in Tokyo (coming of age day): the sessions are Thursday, Friday, Tuesday, Wednesday.
TOKYO = ("2024-01-04", "2024-01-05", "2024-01-09", "2024-01-10")
FITS = "times in UTC were read as days of Asia/Tokyo, whose sessions (XTKS) they fit"


def unix(days: Iterable[str], zone: str, hour: int = 0) -> list[str]:
    return [str(int(datetime.fromisoformat(day).replace(hour=hour, tzinfo=ZoneInfo(zone)).timestamp())) for day in days]


def check(times: Iterable[str], calendar: str, time_zone: str | None = None) -> CheckedRows:
    rows = [[time, "10", "12", "9", f"{11 + at / 8}", "100"] for at, time in enumerate(times)]
    options = CheckOptions(datetime(2024, 6, 1, tzinfo=UTC), BarSize.DAY_1, time_zone, calendar)
    mapping = map_columns(["time", "open", "high", "low", "close", "volume"], symbol="X")
    return check_rows(enumerate(rows, start=2), mapping, options, session_days)


def days(checked: CheckedRows) -> tuple[str, ...]:
    return tuple(f"{moment(at):%Y-%m-%d}" for at in checked.time_us.tolist())


def test_midnights_of_tokyo_are_its_sessions_and_it_is_said() -> None:
    checked = check(unix(TOKYO, "Asia/Tokyo"), "XTKS")
    assert days(checked) == TOKYO
    assert [note.startswith(FITS) for note in checked.notes] == [True]
    assert "not_a_session" not in {one.code for found in checked.findings.by_row.values() for one in found}


def test_the_opening_in_sydney_is_of_its_day() -> None:
    """Yahoo's chart API stamps days with the opening: 10:00 in summer is 23:00 UTC of the day before."""
    mondays = ("2024-01-08", "2024-01-15", "2024-01-22")
    checked = check(unix(mondays, "Australia/Sydney", 10), "XASX")
    assert (days(checked), len(checked.notes)) == (mondays, 1)


def test_midnights_of_london_in_summer_and_winter_are_of_its_days() -> None:
    spring = ("2024-03-28", "2024-04-02", "2024-04-08")  # clocks changed on the 31st; the 8th is a Monday
    checked = check(unix(spring, "Europe/London"), "XLON")
    assert (days(checked), len(checked.notes)) == (spring, 1)


def test_midnights_that_fit_both_ways_are_refused_with_the_options() -> None:
    """Wednesday to Thursday, or Tuesday to Wednesday."""
    times = unix(("2024-01-10", "2024-01-11"), "Asia/Tokyo")
    with pytest.raises(InvalidInput, match=r"Give --timezone Asia/Tokyo .* or --timezone UTC") as refused:
        check(times, "XTKS")
    assert refused.value.details == {"field": "time_zone"}
    assert "such as 2024-01-09T15:00:00Z" in refused.value.message
    assert days(check(times, "XTKS", "Asia/Tokyo")) == ("2024-01-10", "2024-01-11")
    assert days(check(times, "XTKS", "UTC")) == ("2024-01-09", "2024-01-10")


def test_what_fits_as_written_stays() -> None:
    """15:00, when Tokyo closed until 2024, written with a Z that is none."""
    times = [f"{day}T15:00:00Z" for day in TOKYO]
    checked = check(times, "XTKS")
    assert (days(checked), checked.notes) == (TOKYO, [])


@pytest.mark.parametrize("form", ["{}", "{}T00:00:00Z", "{}T00:00:00+09:00", "{} 15:00:00"])
def test_dates_as_written_stay(form: str) -> None:
    """2024-01-06 is a Saturday: what is no session is told, and not moved."""
    written = (*TOKYO[:2], "2024-01-06")
    checked = check([form.format(day) for day in written], "XTKS")
    assert (days(checked), list(checked.notes)) == (written, [])


def test_midnights_of_new_york_are_the_same_day_in_utc() -> None:
    sessions = ("2024-01-04", "2024-01-05", "2024-01-08")
    checked = check(unix(sessions, "America/New_York"), "XNYS")
    assert (days(checked), list(checked.notes)) == (sessions, [])
