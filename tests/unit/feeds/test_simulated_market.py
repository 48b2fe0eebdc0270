"""The made market: a range asked for is the same as that part of a longer one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from causeway.model.time import BarSize
from causeway.simulators.market import SimulatedMarket


@pytest.mark.parametrize("size", [BarSize.MINUTE_5, BarSize.MINUTE_15, BarSize.HOUR_1, BarSize.DAY_1])
@pytest.mark.parametrize("minutes_in", [0, 7, 33, 61])
def test_a_part_is_part_of_the_whole(size: BarSize, minutes_in: int) -> None:
    market = SimulatedMarket(seed=3, symbols=("A",), corporate_actions={})
    start, end = datetime(2024, 3, 7, 14, 0, tzinfo=UTC), datetime(2024, 3, 13, 14, 0, tzinfo=UTC)
    whole = market.bars("A", size, start - timedelta(days=3), end + timedelta(days=3))
    part = market.bars("A", size, start + timedelta(minutes=minutes_in), end)
    inside = np.isin(whole.time_us, part.time_us)
    limits = [int((at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1e6) for at in (start, end)]
    expected = (whole.time_us >= limits[0] + minutes_in * 60_000_000) & (whole.time_us < limits[1])
    np.testing.assert_array_equal(inside, expected)
    for name in ("open", "high", "low", "close", "volume"):
        np.testing.assert_array_equal(getattr(part, name), getattr(whole, name)[inside])
