"""The functions a user calls: histories, conditioning series, local values, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from causeway.analysis.information import (
    CopulaSettings,
    DiscreteSettings,
    EstimatorSettings,
    GaussianSettings,
    KsgSettings,
    OrdinalSettings,
    active_information_storage,
    conditional_mutual_information,
    local_active_information_storage,
    local_conditional_mutual_information,
    local_mutual_information,
    local_transfer_entropy,
    mutual_information,
    transfer_entropy,
)
from causeway.errors import InvalidInput

BITS = DiscreteSettings(correction="none")
EVERY: list[EstimatorSettings] = [
    GaussianSettings(),
    CopulaSettings(),
    KsgSettings(),
    KsgSettings(standardise=False),
    DiscreteSettings(3),
    OrdinalSettings(),
]


def three(n: int = 300) -> NDArray[np.float64]:
    return np.random.default_rng(0).standard_normal((3, n))


def test_conditioning_series_enter_with_their_histories() -> None:
    x, y, w = three()
    found = transfer_entropy(x, y, conditional=w, conditional_history=2, conditional_delay=3)
    past = np.column_stack([y[3:-1], w[1:-3], w[:-4]])  # y one bar back, w three and four back
    assert found == pytest.approx(conditional_mutual_information(x[3:-1], y[4:], past), abs=1e-12)


def test_several_conditioning_series_are_columns() -> None:
    x, y, w = three()
    v = w**2
    found = transfer_entropy(x, y, conditional=np.column_stack([w, v]))
    past = np.column_stack([y, w, v])[:-1]
    assert found == pytest.approx(conditional_mutual_information(x[:-1], y[1:], past), abs=1e-12)


def test_a_common_driver_is_explained_away() -> None:
    """w drives x after one bar and y after two, so x predicts y; given w it does not."""
    w, e, f = three(5000)
    x, y = np.roll(w, 1) + 0.3 * e, np.roll(w, 2) + 0.3 * f
    assert transfer_entropy(x, y) > 0.5
    assert transfer_entropy(x, y, conditional=w, conditional_delay=2) == pytest.approx(0, abs=0.002)


@pytest.mark.parametrize("estimator", EVERY, ids=str)
def test_local_values_stand_at_the_bar_that_they_predict(estimator: EstimatorSettings) -> None:
    x, y, w = three()
    lost = 2 if isinstance(estimator, OrdinalSettings) else 0
    for local, value, missing in (
        (local_mutual_information(x, y, estimator), mutual_information(x, y, estimator), 0),
        (
            local_conditional_mutual_information(x, y, w, estimator),
            conditional_mutual_information(x, y, w, estimator),
            0,
        ),
        (
            local_transfer_entropy(x, y, delay=3, estimator=estimator),
            transfer_entropy(x, y, delay=3, estimator=estimator),
            3,
        ),
        (local_active_information_storage(y, 1, estimator), active_information_storage(y, 1, estimator), 1),
    ):
        assert local.shape == (300,)
        assert np.isnan(local).tolist() == [True] * (missing + lost) + [False] * (300 - missing - lost)
        assert np.nanmean(local) == pytest.approx(value, abs=1e-10)


def test_a_surprise_has_a_negative_local_value() -> None:
    """y copies x but for one bar, where x misleads: ln p(y|x)/p(y) = ln (1/50)/(1/2) there."""
    x = np.tile([0, 1], 50)
    y = x.copy()
    y[11] = 0
    local = local_mutual_information(x, y, BITS)
    assert local[11] == pytest.approx(np.log((1 / 50) / (51 / 100)), abs=1e-12)
    assert (np.delete(local, 11) > 0).all()


def test_booleans_and_integers_are_symbols() -> None:
    x = np.random.default_rng(0).integers(2, size=200)
    assert mutual_information(x, x == 1, BITS) == mutual_information(x, x, BITS)
    assert mutual_information(x.tolist(), 5 - 3 * x, BITS) == pytest.approx(mutual_information(x, x, BITS), abs=1e-12)


def test_integers_are_numbers_to_the_other_estimators() -> None:
    x = np.random.default_rng(0).integers(50, size=300)
    y = np.roll(x, 1) + np.random.default_rng(1).integers(10, size=300)
    for estimator in (GaussianSettings(), CopulaSettings(), KsgSettings(), DiscreteSettings(3), OrdinalSettings(2)):
        assert transfer_entropy(x, y, estimator=estimator) > 0.2


def test_series_of_symbols_must_be_whole() -> None:
    x, y, _ = three()
    with pytest.raises(InvalidInput, match="Set n_bins to cut values into bins"):
        transfer_entropy(x, y, estimator=DiscreteSettings())


@pytest.mark.parametrize("estimator", [DiscreteSettings(30), OrdinalSettings(5)])
def test_too_many_states_for_the_samples_are_refused(estimator: EstimatorSettings) -> None:
    x, y, _ = three()
    with pytest.raises(InvalidInput, match=r"rows are too few for \d+ states and \d+ degrees of freedom") as refused:
        transfer_entropy(x, y, estimator=estimator)
    assert refused.value.details["needed_rows"] > 300


def test_more_bins_than_samples_are_refused() -> None:
    with pytest.raises(InvalidInput, match="301 bins need at least as many values; found 300"):
        mutual_information(three()[0], three()[1], DiscreteSettings(301))


@pytest.mark.parametrize("estimator", [GaussianSettings(), CopulaSettings()])
def test_more_dimensions_than_rows_are_refused(estimator: EstimatorSettings) -> None:
    x, y, _ = three(40)
    with pytest.raises(InvalidInput, match=r"20 complete rows are left of 40 samples; at least 43 are needed"):
        transfer_entropy(x, y, source_history=20, target_history=20, estimator=estimator)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"conditional_history": 0}, "conditional_history must be at least 1"),
        ({"conditional_delay": 0}, "conditional_delay must be at least 1"),
        ({"conditional": np.arange(7.0)}, "conditional must be as long as target; found 7 and 300"),
        ({"conditional": np.zeros(300)}, "conditional is constant"),
        ({"conditional": np.full(300, np.nan)}, "conditional holds NaN"),
        ({"delay": 298}, "reach 298 bars back"),
    ],
)
def test_bad_arguments_are_named(arguments: dict[str, Any], message: str) -> None:
    x, y, _ = three()
    for function in (transfer_entropy, local_transfer_entropy):
        with pytest.raises(InvalidInput, match=message):
            function(x, y, **arguments)


@pytest.mark.parametrize("values", [["a", "b", "c", "d"], [[1.0, 2], [3]], [[[1.0]]], 5.0, [{}, {}, {}, {}]])
def test_what_is_no_series_is_refused(values: Any) -> None:
    with pytest.raises(InvalidInput, match="series must"):
        active_information_storage(values)


def test_storage_needs_a_history() -> None:
    with pytest.raises(InvalidInput, match="history must be at least 1; found 0"):
        active_information_storage(three()[0], 0)
