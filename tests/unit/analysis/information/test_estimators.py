"""Estimators against slow, plain references, ties included, and their refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from causeway.analysis.information import (
    GaussianSettings,
    KsgSettings,
    conditional_mutual_information,
    mutual_information,
    transfer_entropy,
)
from causeway.errors import InvalidInput


@pytest.mark.parametrize("estimator", [GaussianSettings(), KsgSettings()])
def test_information_is_symmetric(estimator: GaussianSettings | KsgSettings) -> None:
    x, y, z = np.random.default_rng(0).standard_normal((3, 200))
    assert conditional_mutual_information(x, y + x, z, estimator) == pytest.approx(
        conditional_mutual_information(y + x, x, z, estimator), abs=1e-12
    )


def test_ksg_sees_what_gaussian_cannot() -> None:
    x, noise = np.random.default_rng(0).standard_normal((2, 1000))
    y = np.abs(x) + 0.3 * noise
    assert mutual_information(x, y) < 0.005
    assert mutual_information(x, y, KsgSettings()) > 0.4


def test_delay_and_histories_pick_the_right_rows() -> None:
    x, noise = np.random.default_rng(0).standard_normal((2, 1000))
    y = np.roll(x, 4) + 0.1 * noise
    assert transfer_entropy(x, y, delay=4) > 2
    assert transfer_entropy(x, y, delay=3, source_history=2, target_history=3) > 2
    assert transfer_entropy(x, y, delay=1, source_history=3) < 0.05
    assert transfer_entropy(x, y, delay=4, target_history=0) == pytest.approx(
        mutual_information(x[:-4], y[4:]), abs=1e-12
    )


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ([1.0, np.nan, 2, 3, 4], "NaN"),
        ([1.0, np.inf, 2, 3, 4], "infinity"),
        ([2.0] * 5, "constant"),
        ([1.0, 2], "at least 4"),
        ([1.0, 2, 3, 4], "same number of rows"),
    ],
)
def test_bad_series_are_refused(x: list[float], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        mutual_information(x, [1.0, 3, 2, 5, 4])


def test_ksg_needs_more_rows_than_neighbours() -> None:
    with pytest.raises(InvalidInput, match="more than 5 rows"):
        mutual_information([1.0, 3, 2, 5, 4], [2.0, 1, 3, 5, 4], KsgSettings(k=5))


@pytest.mark.parametrize(("field", "value"), [("source_history", 0), ("target_history", -1), ("delay", 0)])
def test_histories_out_of_range_are_named(field: str, value: int) -> None:
    x, y = np.random.default_rng(0).standard_normal((2, 50))
    arguments: dict[str, Any] = {field: value}
    with pytest.raises(InvalidInput, match=field):
        transfer_entropy(x, y, **arguments)
