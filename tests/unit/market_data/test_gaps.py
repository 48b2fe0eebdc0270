"""Bars that are missing, as ranges."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest

from causeway.errors import InvalidInput
from causeway.market_data.gaps import Gap, expected_starts, missing_ranges
from causeway.market_data.schedule import (
    US_POST_MARKET,
    US_PRE_MARKET,
    Schedule,
    exchange_schedule,
    weekday_schedule,
)
from causeway.model.time import BarSize, micros

ZONE = "America/New_York"


def us(text: str) -> int:
    return micros(datetime.fromisoformat(text).replace(tzinfo=UTC))


@pytest.fixture(scope="module")
def thanksgiving() -> Schedule:
    """22, 24 (a half day) and 27 November 2023."""
    return exchange_schedule("XNYS", date(2023, 11, 22), date(2023, 11, 27))


def test_a_half_day_holds_fewer_bars(thanksgiving: Schedule) -> None:
    starts, session = expected_starts(thanksgiving, BarSize.MINUTE_1, ZONE)
    assert np.bincount(session).tolist() == [390, 210, 390]
    assert starts[390] == us("2023-11-24T14:30")
    hours, session = expected_starts(thanksgiving, BarSize.HOUR_1, ZONE)
    assert np.bincount(session).tolist() == [7, 4, 7]
    assert hours[0] == us("2023-11-22T14:00")


def test_nothing_is_missing_where_all_is_there(thanksgiving: Schedule) -> None:
    for bar_size in (BarSize.MINUTE_1, BarSize.DAY_1):
        assert missing_ranges(expected_starts(thanksgiving, bar_size, ZONE)[0], thanksgiving, bar_size, ZONE) == []


def test_a_gap_does_not_reach_over_the_night(thanksgiving: Schedule) -> None:
    starts, _ = expected_starts(thanksgiving, BarSize.MINUTE_1, ZONE)
    held = np.delete(starts, [10, 11, 388, 389, 390, 391])
    assert missing_ranges(held, thanksgiving, BarSize.MINUTE_1, ZONE) == [
        Gap(us("2023-11-22T14:40"), us("2023-11-22T14:41"), 2, 0),
        Gap(us("2023-11-22T20:58"), us("2023-11-22T20:59"), 2, 0),
        Gap(us("2023-11-24T14:30"), us("2023-11-24T14:31"), 2, 0),
    ]
    assert missing_ranges(held, thanksgiving, BarSize.MINUTE_1, ZONE, at_least=3) == []


def test_sessions_without_any_bar_are_one_gap(thanksgiving: Schedule) -> None:
    starts, _ = expected_starts(thanksgiving, BarSize.MINUTE_1, ZONE)
    assert missing_ranges(starts[:390], thanksgiving, BarSize.MINUTE_1, ZONE) == [
        Gap(us("2023-11-24T14:30"), us("2023-11-27T20:59"), 600, 2)
    ]
    days = thanksgiving.days * 86_400_000_000
    assert missing_ranges(days[:1], thanksgiving, BarSize.DAY_1, ZONE) == [
        Gap(us("2023-11-24T00:00"), us("2023-11-27T00:00"), 2, 2)
    ]


def test_extended_hours_end_early_on_a_half_day() -> None:
    """04:00 to 20:00 in New York, to 17:00 on the half day."""
    found = exchange_schedule(
        "XNYS", date(2023, 11, 22), date(2023, 11, 24), before=US_PRE_MARKET, after=US_POST_MARKET
    )
    assert found.opens_us.tolist() == [us("2023-11-22T09:00"), us("2023-11-24T09:00")]
    assert found.closes_us.tolist() == [us("2023-11-23T01:00"), us("2023-11-24T22:00")]


def test_foreign_exchange_runs_from_sunday_to_friday_at_five_in_new_york() -> None:
    """Clocks went back on Sunday, 5 November 2023."""
    found = weekday_schedule(date(2023, 11, 3), date(2023, 11, 6))
    assert found.opens_us.tolist() == [us("2023-11-02T21:00"), us("2023-11-05T22:00")]
    assert found.closes_us.tolist() == [us("2023-11-03T21:00"), us("2023-11-06T22:00")]
    moments = np.array([us("2023-11-03T20:59"), us("2023-11-03T21:00"), us("2023-11-05T22:00")])
    assert found.session_of(moments).tolist() == [0, -1, 1]


def test_a_schedule_does_not_guess_beyond_its_range(thanksgiving: Schedule) -> None:
    with pytest.raises(InvalidInput, match="wider range"):
        thanksgiving.session_of(np.array([us("2023-12-01T15:00")]))


def test_no_bar_is_expected_at_noon_in_tokyo() -> None:
    """09:00 to 11:30 and 12:30 to 15:00 in January 2024."""
    tokyo = exchange_schedule("XTKS", date(2024, 1, 4), date(2024, 1, 4))
    minutes, _ = expected_starts(tokyo, BarSize.MINUTE_1, "Asia/Tokyo")
    assert len(minutes) == 300
    assert us("2024-01-04T02:30") not in minutes
    assert us("2024-01-04T03:30") in minutes
    hours, _ = expected_starts(tokyo, BarSize.HOUR_1, "Asia/Tokyo")
    assert [int(one) for one in hours] == [us(f"2024-01-04T0{hour}:00") for hour in range(6)]


def test_only_the_range_that_was_asked_for(thanksgiving: Schedule) -> None:
    gaps = missing_ranges(
        np.array([], dtype=np.int64), thanksgiving, BarSize.MINUTE_1, ZONE,
        start_us=us("2023-11-24T15:00"), end_us=us("2023-11-24T15:10"),
    )  # fmt: skip
    assert [(gap.first_us, gap.last_us, gap.bars) for gap in gaps] == [
        (us("2023-11-24T15:00"), us("2023-11-24T15:09"), 10)
    ]
