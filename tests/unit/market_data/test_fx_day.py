"""Days of foreign exchange by either convention."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest

from causeway.errors import InvalidInput
from causeway.market_data.fx_day import FxDay
from causeway.model.time import micros, moment
from causeway.settings import SeriesSettings


def days_of(convention: str, *moments: str) -> list[str]:
    """The date of each moment, in UTC; ``-`` between sessions."""
    schedule = FxDay.parse(convention).schedule(date(2024, 3, 1), date(2024, 3, 20))
    assert schedule is not None
    rows = schedule.session_of(np.array([micros(datetime.fromisoformat(one).replace(tzinfo=UTC)) for one in moments]))
    return ["-" if row < 0 else moment(int(schedule.days[row]) * 86_400_000_000).date().isoformat() for row in rows]


def test_the_markets_day_ends_at_five_in_new_york_through_a_clock_change() -> None:
    """17:00 in New York was 22:00 UTC until the clocks changed on Sunday, 2024-03-10, and 21:00 UTC after."""
    market = SeriesSettings.model_fields["fx_day"].default
    assert days_of(market, "2024-03-07T21:59", "2024-03-07T22:00") == ["2024-03-07", "2024-03-08"]
    assert days_of(market, "2024-03-11T20:59", "2024-03-11T21:00") == ["2024-03-11", "2024-03-12"]


def test_sunday_evening_belongs_to_monday_and_saturday_to_nobody() -> None:
    market = "17:00 America/New_York"
    assert days_of(market, "2024-03-08T22:00", "2024-03-09T12:00", "2024-03-10T20:59", "2024-03-10T21:00") == [
        "-", "-", "-", "2024-03-11",
    ]  # fmt: skip


def test_days_of_utc_need_no_schedule() -> None:
    assert FxDay.parse("utc").schedule(date(2024, 3, 1), date(2024, 3, 2)) is None


def test_hours_make_a_day_only_where_it_ends_on_one() -> None:
    assert FxDay.parse("17:00 America/New_York").on_full_hours()
    assert not FxDay.parse("16:30 America/New_York").on_full_hours()


@pytest.mark.parametrize("text", ["", "17:00", "5pm New York", "25:00 UTC", "17:00 Mars/Olympus", "03:00 Asia/Tokyo"])
def test_another_text_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidInput, match="as '17:00 America/New_York', or 'UTC'"):
        FxDay.parse(text)
