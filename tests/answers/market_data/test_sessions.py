"""Sessions of exchanges, from the recorded answers of exchange_calendars' own tests."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from causeway.adapters.feeds.csv_files import open_table
from causeway.errors import InvalidInput
from causeway.market_data.exchange_zones import zone_of_calendar
from causeway.market_data.sessions import session_bounds, session_breaks, session_days, session_hours, time_zone
from causeway.model.time import micros, moment


def days(calendar: str, first: str, last: str) -> list[str]:
    found = session_days(calendar, date.fromisoformat(first), date.fromisoformat(last))
    return [str(np.datetime64(int(day), "D")) for day in found]


@pytest.mark.parametrize("calendar", ["XNYS", "XLON", "XHKG", "XTKS", "CMES"])
def test_recorded_sessions(test_data: Path, calendar: str) -> None:
    table = open_table(test_data / f"calendars/exchange_calendars_{calendar.lower()}_sessions.csv.gz")
    recorded = [cells[0][:10] for _, cells in table.rows()]
    assert len(recorded) > 5000
    assert days(calendar, recorded[0], recorded[-1]) == recorded


@pytest.mark.parametrize("calendar", ["XNYS", "XLON", "XHKG", "XTKS", "CMES"])
def test_recorded_hours_and_breaks(test_data: Path, calendar: str) -> None:
    table = open_table(test_data / f"calendars/exchange_calendars_{calendar.lower()}_sessions.csv.gz")
    rows = [
        [None if not cell else micros(datetime.fromisoformat(cell)) for cell in cells[1:]] for _, cells in table.rows()
    ]
    labels = [date.fromisoformat(cells[0][:10]) for _, cells in table.rows()]
    _, opens, closes = session_bounds(calendar, labels[0], labels[-1])
    assert opens.tolist() == [row[0] for row in rows]
    assert closes.tolist() == [row[1] for row in rows]
    starts, ends = session_breaks(calendar, labels[0], labels[-1])
    assert starts.tolist() == [row[2] for row in rows if row[2] is not None]
    assert ends.tolist() == [row[3] for row in rows if row[3] is not None]
    assert (len(starts) > 1000) == (calendar in {"XHKG", "XTKS"})


def test_new_yorks_closures_and_odd_days(test_data: Path) -> None:
    """213 weekdays without a session and 50 sessions of odd hours from 2000 to 2022."""
    first, last = date(2000, 1, 3), date(2022, 12, 30)
    found, opens, closes = session_bounds("XNYS", first, last)
    weekdays = np.busday_count(np.datetime64(first), np.datetime64(last) + 1)
    assert weekdays - len(found) == 213
    hours = (closes - opens) / 3.6e9
    opened_at = (opens + 3.6e9 * np.array([-4 if _is_summer(int(one)) else -5 for one in opens])) % 86.4e9 / 3.6e9
    assert int(((hours != 6.5) | (opened_at != 9.5)).sum()) == 50


def _is_summer(time_us: int) -> bool:
    return bool(moment(time_us).astimezone(ZoneInfo("America/New_York")).dst())


def test_new_york_at_christmas() -> None:
    """NYSE: closed on 25 December 2023; early close at 13:00 New York time on 24 November 2023."""
    assert days("XNYS", "2023-12-22", "2023-12-27") == ["2023-12-22", "2023-12-26", "2023-12-27"]
    assert session_hours("XNYS", date(2023, 12, 25)) is None
    assert session_hours("XNYS", date(2023, 11, 24)) == (
        datetime(2023, 11, 24, 14, 30, tzinfo=UTC),
        datetime(2023, 11, 24, 18, 0, tzinfo=UTC),
    )


def test_markets_that_never_close() -> None:
    assert len(days("24/7", "2024-01-01", "2024-01-31")) == 31
    assert len(days("24/5", "2024-01-01", "2024-01-31")) == 23


def test_an_early_date_is_within_the_calendar() -> None:
    """29 October 1929 was a session of the New York exchange, a Tuesday."""
    assert days("XNYS", "1929-10-29", "1929-10-29") == ["1929-10-29"]


def test_zones() -> None:
    assert time_zone("XNYS") == "America/New_York"
    assert time_zone("XTKS") == "Asia/Tokyo"


def test_zones_are_those_of_the_library() -> None:
    """Of its classes, which name their zone before a calendar is made."""
    from exchange_calendars.calendar_utils import _default_calendar_factories as factories

    assert {name: zone_of_calendar(name) for name in factories} == {
        name: str(one.tz) for name, one in factories.items()
    }


def test_the_national_stock_exchange_of_india() -> None:
    """NSE's list of holidays of 2024: among them 22 January (Monday), 20 May, 15 November and 20 November."""
    found = days("XNSE", "2024-01-01", "2024-12-31")
    assert not {"2024-01-22", "2024-01-26", "2024-05-20", "2024-08-15", "2024-11-15", "2024-11-20"} & set(found)
    assert session_hours("XNSE", date(2024, 1, 2)) == (
        datetime(2024, 1, 2, 3, 45, tzinfo=UTC),
        datetime(2024, 1, 2, 10, 0, tzinfo=UTC),
    )
    assert time_zone("XNSE") == "Asia/Kolkata"


def test_a_calendar_that_the_library_cannot_make_is_refused_in_few_words() -> None:
    with pytest.raises(InvalidInput, match="XTAE") as refused:
        session_days("XTAE", date(2024, 1, 1), date(2024, 1, 2))
    assert len(str(refused.value)) < 200


def test_an_unknown_calendar_is_refused() -> None:
    with pytest.raises(InvalidInput, match="XMARS"):
        session_days("XMARS", date(2024, 1, 1), date(2024, 1, 2))
