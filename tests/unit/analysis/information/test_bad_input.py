"""What a network does with series and settings that are wrong, or merely unusual. Warnings of numpy are errors here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from causeway.analysis.information import infer_network
from causeway.analysis.information.settings import NetworkSettings
from causeway.errors import InvalidInput


def driven(n: int = 300) -> NDArray[np.float64]:
    """x0 drives x1 one bar later; x2 is noise."""
    values = np.random.default_rng(1).standard_normal((n, 3))
    values[1:, 1] += values[:-1, 0]
    return values


@pytest.mark.parametrize("scale", [1e300, 1e-300, 2.0**-40])
@pytest.mark.parametrize("drivers", [(), ("@mean",), ("@pc1",)])
def test_the_unit_of_a_series_does_not_matter(scale: float, drivers: tuple[str, ...]) -> None:
    scaled = driven() * np.array([1.0, scale, 1.0])
    found, plain = (infer_network(v, max_lag=2, condition_on=drivers).kept_links for v in (scaled, driven()))
    assert [(link.source, link.target, link.lag_bars) for link in found] == [
        (link.source, link.target, link.lag_bars) for link in plain
    ]
    assert found[0].p == pytest.approx(plain[0].p, rel=1e-6)


def test_a_power_of_two_changes_no_bit() -> None:
    plain, scaled = (infer_network(driven() * scale, max_lag=2) for scale in (1.0, 2.0**600))
    assert plain.kept_links == scaled.kept_links


@pytest.mark.parametrize("missing", ["drop", "mask"])
@pytest.mark.parametrize("drivers", [(), ("@mean",), ("@pc1",)])
@pytest.mark.parametrize("value", [np.nan, 3.0])
def test_a_series_without_values_is_named_also_beside_made_drivers(
    missing: str, drivers: tuple[str, ...], value: float
) -> None:
    values = driven()
    values[:, 2] = value
    with pytest.raises(InvalidInput, match="x2"):
        infer_network(values, max_lag=2, missing=missing, condition_on=drivers)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"max_lag": 2.5}, "max_lag must be at least 1 and whole; found 2.5"),
        ({"max_lag": "2"}, "max_lag must be at least 1 and whole; found '2'"),
        ({"max_lag": True}, "max_lag must be at least 1 and whole; found True"),
        ({"n_permutations": 200.0}, "n_permutations must be at least 1 and whole"),
        ({"k": 2.5}, "k must be at least 1 and whole; found 2.5"),
        ({"seed": -1}, "seed must be a whole number of at least 0; found -1"),
        ({"seed": 1.5}, "seed must be a whole number"),
        ({"workers": 0}, "workers must be at least 1; found 0"),
        ({"workers": -2}, "workers must be at least 1; found -2"),
        ({"condition_on": ["x0", "x1"]}, "condition_on leaves 1 of 3 series"),
        ({"condition_on": ["x0", "x1", "x2"]}, "condition_on leaves 0 of 3 series"),
    ],
)
def test_a_wrong_setting_is_named(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        infer_network(driven(), **wrong)


def test_numpy_integers_are_whole_numbers() -> None:
    assert infer_network(driven(), max_lag=np.int64(2), seed=np.int64(3)).links  # type: ignore[arg-type]  # as pandas gives


def test_a_name_to_condition_on_may_stand_alone_or_twice_and_counts_once() -> None:
    once = NetworkSettings(condition_on=("SPY",))
    assert NetworkSettings(condition_on="SPY") == once  # type: ignore[arg-type]  # what people write
    assert NetworkSettings(condition_on=("SPY", "SPY")) == once
