"""Fine bars to coarse ones."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from causeway.errors import InvalidInput
from causeway.market_data.aggregator import aggregate
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


def test_nothing_comes_from_nothing() -> None:
    empty = BarColumns(np.array([], dtype=np.int64), *[np.array([])] * 5)
    assert len(aggregate(empty, BarSize.HOUR_1)) == 0


def test_bars_out_of_order_are_refused() -> None:
    with pytest.raises(InvalidInput, match="ascend in time"):
        aggregate(bars([("2024-01-02T14:31", 1, 1, 1, 1, 1), ("2024-01-02T14:30", 1, 1, 1, 1, 1)]), BarSize.DAY_1)
