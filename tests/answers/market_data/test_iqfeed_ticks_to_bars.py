"""IQFeed's ticks add up to IQFeed's own bars of 5 seconds, where only trades with the basis C or E count.

Known answer ``iqfeed-ticks-to-5s-bars``: 22,652 ticks, 3,814 bars, 3,814 equal in open, high, low, close and volume.
Source: recordings in mathpaquette/IQFeed.CSharpApiClient (MIT).
"""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np

from causeway.adapters.feeds.iqfeed.history import interval_columns, trade_columns

_BUCKET_US = 5_000_000


def test_ticks_aggregate_to_the_feeds_own_5_second_bars(test_data: Path) -> None:
    ticks = trade_columns(_rows(test_data, "HTT_ticks_oldest_20210301-02_p61"))
    bars = interval_columns(_rows(test_data, "HIT_5s_oldest_20210301-02_p61"))
    assert len(ticks) == 22_652
    assert len(bars) == 3_814
    counting = ticks.eligible
    starts = ticks.time_us[counting] // _BUCKET_US * _BUCKET_US
    first = np.flatnonzero(np.r_[True, np.diff(starts) != 0])
    last = np.r_[first[1:], len(starts)] - 1
    price, size = ticks.price[counting], ticks.size[counting]
    np.testing.assert_array_equal(starts[first], bars.time_us)
    np.testing.assert_array_equal(price[first], bars.open)
    np.testing.assert_array_equal(np.maximum.reduceat(price, first), bars.high)
    np.testing.assert_array_equal(np.minimum.reduceat(price, first), bars.low)
    np.testing.assert_array_equal(price[last], bars.close)
    np.testing.assert_array_equal(np.add.reduceat(size, first), bars.volume)


def _rows(test_data: Path, name: str) -> list[list[str]]:
    text = gzip.decompress((test_data / "wire" / "iqfeed" / f"{name}.csv.gz").read_bytes()).decode()
    return [line.split(",") for line in text.splitlines() if not line.startswith("!")]
