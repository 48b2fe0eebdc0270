"""When a file's prices are the stored ones times a factor."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from causeway.market_data.price_basis import common_factor

# AAPL as traded, from 2013-02-08, and the same bars adjusted for the split of 7 for 1 of June 2014, as published:
# rounded to four decimals.
TRADED = np.array([
    [474.00, 478.81, 468.25, 474.98],
    [476.50, 484.94, 473.25, 479.93],
    [479.51, 482.38, 467.74, 467.90],
    [467.21, 473.64, 463.22, 467.01],
])  # fmt: skip
ADJUSTED = np.round(TRADED / 7, 4)


def test_a_split_is_found_on_either_side() -> None:
    assert common_factor(TRADED, ADJUSTED, 4) == pytest.approx(7, abs=1e-3)
    assert common_factor(ADJUSTED, TRADED, 4) == pytest.approx(1 / 7, abs=1e-4)


def test_prices_in_cents_leave_room_for_rounding() -> None:
    assert common_factor(TRADED, np.round(TRADED / 70, 2), 4) == pytest.approx(70, rel=2e-3)


def with_change(row: int, column: int, factor: float) -> NDArray[np.float64]:
    changed = ADJUSTED.copy()
    changed[row, column] *= factor
    return changed


def test_two_bars_are_too_few() -> None:
    assert common_factor(TRADED[:2], ADJUSTED[:2], 2) is None
    assert common_factor(TRADED[:3], ADJUSTED[:3], 3) is not None
    assert common_factor(TRADED[:3], with_change(2, 3, 1.01)[:3], 3) is None


def test_few_scaled_bars_among_many_equal_ones_are_flaws_of_their_own() -> None:
    assert common_factor(TRADED, ADJUSTED, 8) is not None
    assert common_factor(TRADED, ADJUSTED, 9) is None


def test_other_differences_are_not_a_factor() -> None:
    assert common_factor(TRADED, TRADED, 4) is None  # only their volume differs
    assert common_factor(TRADED, TRADED + 0.01, 4) is None
    assert common_factor(TRADED, TRADED[::-1], 4) is None
    assert common_factor(TRADED, TRADED / np.array([[2.0], [3.0], [4.0], [5.0]]), 4) is None
