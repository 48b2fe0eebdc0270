"""Values become symbols: whole numbers, bins, order patterns, joint codes."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from causeway.analysis.information import DiscreteSettings, OrdinalSettings
from causeway.analysis.information.estimators.copula import average_ranks, normal_scores
from causeway.analysis.information.estimators.ordinal import order_patterns
from causeway.analysis.information.estimators.settings import Binning
from causeway.analysis.information.estimators.symbols import codes, compact, symbols
from causeway.errors import InvalidInput


def column(values: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64)[:, None]


@pytest.mark.parametrize(
    ("binning", "values", "expected"),
    [
        ("quantile", [5, 1, 9, 2, 100, 3], [1, 0, 2, 0, 2, 1]),
        ("equal_width", [0, 1, 2, 3, 4, 90], [0, 0, 0, 0, 0, 2]),
        ("equal_width", [0, 10, 20, 30], [0, 1, 2, 2]),
        ("quantile", [7, 7, 7, 7, 1, 9], [1, 1, 1, 1, 0, 2]),
        ("quantile", [0, 0, 0, 0, 0, 1], [1, 1, 1, 1, 1, 2]),
        ("quantile", [4, 4, 4, 4], [1, 1, 1, 1]),
        ("equal_width", [4, 4, 4, 4], [0, 0, 0, 0]),
    ],
)
def test_bins(binning: Binning, values: list[float], expected: list[int]) -> None:
    found = symbols(column(values), DiscreteSettings(3, binning))
    assert found[:, 0].tolist() == expected


def test_bins_of_equal_counts_are_equal() -> None:
    values = column(np.random.default_rng(0).standard_cauchy(1000))
    counts = np.bincount(symbols(values, DiscreteSettings(4))[:, 0].astype(int))
    assert counts.tolist() == [250] * 4


def test_missing_values_stay_missing() -> None:
    values = column([5, np.nan, 1, 9])
    assert np.isnan(symbols(values, DiscreteSettings(3))[:, 0]).tolist() == [False, True, False, False]
    assert np.isnan(normal_scores(values)[:, 0]).tolist() == [False, True, False, False]
    assert np.isnan(order_patterns(values, OrdinalSettings(2))[:, 0]).tolist() == [True, True, True, False]


def test_more_bins_than_values() -> None:
    with pytest.raises(InvalidInput, match="5 bins need at least as many values; found 4"):
        symbols(column([1, 2, 3, 4]), DiscreteSettings(5))


@pytest.mark.parametrize(("values", "found"), [([0, 1.5, 2], "1.5"), ([0, 1e300, 2], "1e\\+300")])
def test_values_that_are_no_symbols(values: list[float], found: str) -> None:
    with pytest.raises(InvalidInput, match=f"must be whole numbers; found .*{found}"):
        symbols(column(values), DiscreteSettings())


def test_joint_codes_tell_rows_apart_and_leave_no_gap() -> None:
    rows = np.array([[0, 5], [0, -3], [9, 5], [0, 5], [10**9, -3]], dtype=np.float64)
    found, n_states = codes(rows)
    assert n_states == 4
    assert sorted(set(found.tolist())) == [0, 1, 2, 3]
    assert found[0] == found[3]


def test_no_column_is_one_state() -> None:
    found, n_states = codes(np.empty((3, 0)))
    assert (found.tolist(), n_states) == ([0, 0, 0], 1)


@pytest.mark.parametrize("largest", [7, 10**12])
def test_compact_keeps_the_order(largest: int) -> None:
    found, n_states = compact(np.array([largest, 3, 0, 3]))
    assert (found.tolist(), n_states) == ([2, 1, 0, 1], 3)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2, 3], 0),  # rising: the first of the six
        ([3, 2, 1], 5),  # falling: the last
        ([2, 1, 3], 2),
        ([1, 1, 1], 0),  # equal values rank by time
        ([2, 1, 1], 4),
    ],
)
def test_order_patterns(values: list[float], expected: int) -> None:
    found = order_patterns(column(values), OrdinalSettings(3))
    assert np.isnan(found[:2]).all()
    assert found[2, 0] == expected


def test_order_patterns_look_back_by_the_delay() -> None:
    found = order_patterns(column([1, 9, 2, 0, 3]), OrdinalSettings(3, delay=2))
    assert np.isnan(found[:4]).all()
    assert found[4, 0] == 0


def test_a_series_shorter_than_its_pattern_has_none() -> None:
    assert np.isnan(order_patterns(column([1, 2]), OrdinalSettings(3))).all()


def test_ties_get_their_average_rank() -> None:
    assert average_ranks(np.array([10.0, 30, 10, 20])).tolist() == [1.5, 4, 1.5, 3]


def test_normal_scores_are_symmetric() -> None:
    """Of three values: the quartiles of the standard normal (-0.67449, 0, 0.67449)."""
    np.testing.assert_allclose(normal_scores(column([7, 900, -2]))[:, 0], [0, 0.6744898, -0.6744898], atol=1e-7)
