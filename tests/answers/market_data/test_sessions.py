"""Sessions of exchanges, from the recorded answers of exchange_calendars' own tests."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from causeway.adapters.feeds.csv_files import open_table
from causeway.errors import InvalidInput
from causeway.market_data.sessions import session_days, session_hours, time_zone


def days(calendar: str, first: str, last: str) -> list[str]:
    found = session_days(calendar, date.fromisoformat(first), date.fromisoformat(last))
    return [str(np.datetime64(int(day), "D")) for day in found]


@pytest.mark.parametrize("calendar", ["XNYS", "XLON", "XHKG", "XTKS", "CMES"])
def test_recorded_sessions(test_data: Path, calendar: str) -> None:
    table = open_table(test_data / f"calendars/exchange_calendars_{calendar.lower()}_sessions.csv.gz")
    recorded = [cells[0][:10] for _, cells in table.rows()]
    assert len(recorded) > 5000
    assert days(calendar, recorded[0], recorded[-1]) == recorded


def test_recorded_opening_hours_of_new_york(test_data: Path) -> None:
    table = open_table(test_data / "calendars/exchange_calendars_xnys_sessions.csv.gz")
    for _, (session, opening, closing, *_) in list(table.rows())[::250]:
        expected = (datetime.fromisoformat(opening), datetime.fromisoformat(closing))
        assert session_hours("XNYS", date.fromisoformat(session[:10])) == expected


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


def test_an_unknown_calendar_is_refused() -> None:
    with pytest.raises(InvalidInput, match="XMARS"):
        session_days("XMARS", date(2024, 1, 1), date(2024, 1, 2))
