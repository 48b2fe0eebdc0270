"""Drivers made from the series: a common volatility is not taken for links."""

from __future__ import annotations

import numpy as np
import pytest

from causeway import infer_network
from causeway.analysis.information.inference.drivers import with_made_drivers
from causeway.errors import InvalidInput


def one_hidden_driver(n: int = 3000, n_series: int = 8) -> np.ndarray:
    """Eight series follow an unseen AR(1) factor, each with noise: no link among them, given the factor's past."""
    rng = np.random.default_rng(8)
    factor = np.zeros(n)
    for t in range(1, n):
        factor[t] = 0.9 * factor[t - 1] + rng.standard_normal()
    return factor[:, None] + 0.8 * rng.standard_normal((n, n_series))


def test_the_mean_takes_most_of_what_a_hidden_driver_causes() -> None:
    values = one_hidden_driver()
    without = len(infer_network(values, max_lag=2).links)
    given = infer_network(values, max_lag=2, condition_on=["@mean"])
    assert without > 20
    assert len(given.links) < without / 4
    assert all("@mean" not in (link.source, link.target) for link in given.kept_links)


def test_the_first_component_of_one_factor_is_that_factor() -> None:
    values, names = with_made_drivers(one_hidden_driver(), list("abcdefgh"), ["@pc1", "@mean"])
    assert names[-2:] == ("@pc1", "@mean")
    assert np.corrcoef(values[:, -2], values[:, -1])[0, 1] > 0.99


def test_holes_stay_out_of_the_mean() -> None:
    values = np.array([[1.0, 2.0], [np.nan, 4.0], [np.nan, np.nan], [3.0, 6.0]])
    made, _ = with_made_drivers(values, ["a", "b"], ["@mean"])
    standard = (values - np.nanmean(values, axis=0)) / np.nanstd(values, axis=0)
    assert made[1, 2] == pytest.approx(standard[1, 1])
    assert np.isnan(made[2, 2])


def test_an_unknown_driver_is_named_with_what_there_is() -> None:
    with pytest.raises(InvalidInput, match="@sector; what can be made from the series is @mean, @pc1"):
        infer_network(one_hidden_driver(200), condition_on=["@sector"])
