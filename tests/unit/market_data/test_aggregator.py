"""Fine bars to coarse ones."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest

from causeway.errors import InvalidInput
from causeway.market_data.aggregator import aggregate
from causeway.market_data.schedule import exchange_schedule
from causeway.model.bar import BarColumns
from causeway.model.time import BarSize


def us(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


def bars(rows: list[tuple[str, float, float, float, float, float]]) -> BarColumns:
    times, *columns = zip(*rows, strict=True)
    return BarColumns(np.array([us(text) for text in times]), *(np.array(one) for one in columns))


MINUTES = bars(
    [
        ("2024-01-02T14:30", 10, 12, 9, 11, 5),
        ("2024-01-02T14:34", 11, 13, 10, 12, 6),
        ("2024-01-02T14:35", 12, 14, 11, 13, 7),
        ("2024-01-03T01:00", 13, 13, 8, 9, 1),
    ]
)


def test_five_minutes() -> None:
    coarse = aggregate(MINUTES, BarSize.MINUTE_5)
    assert coarse.time_us.tolist() == [us("2024-01-02T14:30"), us("2024-01-02T14:35"), us("2024-01-03T01:00")]
    assert coarse.open.tolist() == [10, 12, 13]
    assert coarse.high.tolist() == [13, 14, 13]
    assert coarse.low.tolist() == [9, 11, 8]
    assert coarse.close.tolist() == [12, 13, 9]
    assert coarse.volume.tolist() == [11, 7, 1]


def test_a_day_is_the_day_of_the_zone_stamped_at_midnight_utc() -> None:
    # 01:00 UTC on the 3rd is 20:00 on the 2nd in New York.
    coarse = aggregate(MINUTES, BarSize.DAY_1, zone="America/New_York")
    assert coarse.time_us.tolist() == [us("2024-01-02T00:00")]
    assert (coarse.open[0], coarse.high[0], coarse.low[0], coarse.close[0], coarse.volume[0]) == (10, 14, 8, 9, 19)


def test_hours_follow_the_local_clock_where_its_offset_is_no_whole_hour() -> None:
    # Kolkata is UTC+05:30: 09:15 local, 03:45 UTC, belongs to the hour that starts 09:00 local, 03:30 UTC.
    coarse = aggregate(bars([("2024-01-02T03:45", 1, 1, 1, 1, 1)]), BarSize.HOUR_1, zone="Asia/Kolkata")
    assert coarse.time_us.tolist() == [us("2024-01-02T03:30")]


HALF_DAY = exchange_schedule("XNYS", date(2024, 7, 2), date(2024, 7, 5))  # the 3rd ends at 13:00, the 4th is none
HOURS = bars(
    [
        ("2024-07-03T12:00", 1, 1, 1, 1, 1),  # 08:00 in New York
        ("2024-07-03T13:00", 10, 12, 9, 11, 5),
        ("2024-07-03T14:00", 11, 13, 10, 12, 6),
        ("2024-07-03T17:00", 99, 99, 99, 99, 7),  # 13:00
        ("2024-07-05T13:00", 12, 14, 11, 13, 8),
    ]
)


def test_the_hour_in_which_a_session_begins_is_part_of_it() -> None:
    """New York opens at 09:30: the hour of 09:00 holds what traded from then on."""
    days = aggregate(HOURS, BarSize.DAY_1, zone="America/New_York", schedule=HALF_DAY)
    assert days.time_us.tolist() == [us("2024-07-03T00:00"), us("2024-07-05T00:00")]
    assert (days.open.tolist(), days.close.tolist(), days.volume.tolist()) == ([10, 12], [12, 13], [11, 8])


def test_lone_minutes_before_a_session_are_no_hours() -> None:
    """Even where they happen to be an hour apart: they lie on no grid of hours."""
    early = [
        ("2024-07-03T12:40", 1.0, 1.0, 1.0, 1.0, 1.0),
        ("2024-07-03T13:40", 2.0, 2.0, 2.0, 2.0, 1.0),
        ("2024-07-05T12:40", 3.0, 3.0, 3.0, 3.0, 1.0),
    ]
    days = aggregate(bars(early), BarSize.DAY_1, zone="America/New_York", schedule=HALF_DAY)
    assert days.open.tolist() == [2]
    on_the_hour = [(row[0].replace(":40", ":00"), *row[1:]) for row in early]
    minutes = aggregate(
        bars(on_the_hour), BarSize.DAY_1, zone="America/New_York", schedule=HALF_DAY, of=BarSize.MINUTE_1
    )
    assert len(minutes) == 0


def test_nothing_comes_from_nothing() -> None:
    empty = BarColumns(np.array([], dtype=np.int64), *[np.array([])] * 5)
    assert len(aggregate(empty, BarSize.HOUR_1)) == 0


def test_bars_out_of_order_are_refused() -> None:
    with pytest.raises(InvalidInput, match="ascend in time"):
        aggregate(bars([("2024-01-02T14:31", 1, 1, 1, 1, 1), ("2024-01-02T14:30", 1, 1, 1, 1, 1)]), BarSize.DAY_1)
