"""Information does not depend on units, however odd; histories are counted in whole bars."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from causeway.analysis.information.estimators.registry import KSG_REACH
from causeway.analysis.information.estimators.settings import (
    CopulaSettings,
    DiscreteSettings,
    EstimatorSettings,
    GaussianSettings,
    KsgSettings,
    OrdinalSettings,
)
from causeway.analysis.information.neighbours.layout import FAR
from causeway.analysis.information.transfer_entropy import transfer_entropy
from causeway.errors import InvalidInput

X, Y = np.random.default_rng(0).standard_normal((2, 200))
Y[1:] += X[:-1]


@pytest.mark.parametrize("scale", [1e300, 1e160, 1e-160, 1e-300])
@pytest.mark.parametrize(
    "estimator",
    [
        GaussianSettings(),
        KsgSettings(),
        KsgSettings(algorithm=2),
        DiscreteSettings(3),
        OrdinalSettings(),
        CopulaSettings(),
    ],
    ids=lambda settings: type(settings).__name__,
)
def test_transfer_entropy_does_not_depend_on_units(scale: float, estimator: EstimatorSettings) -> None:
    plain = transfer_entropy(X, Y, estimator=estimator)
    assert transfer_entropy(scale * X, Y, estimator=estimator) == pytest.approx(plain, rel=1e-6)
    assert transfer_entropy(X, scale * Y, estimator=estimator) == pytest.approx(plain, rel=1e-6)
    assert plain > 0.1


@pytest.mark.parametrize("estimator", [GaussianSettings(), KsgSettings()], ids=["gaussian", "ksg"])
def test_a_power_of_two_changes_no_bit(estimator: EstimatorSettings) -> None:
    plain = transfer_entropy(X, Y, estimator=estimator)
    assert transfer_entropy(2.0**700 * X, 2.0**-700 * Y, estimator=estimator) == plain


def test_ksg_as_it_is_refuses_values_that_no_search_reaches() -> None:
    """Without a standard unit, a coordinate of 1e30 is that of no row: answers were wrong by nats."""
    as_it_is = KsgSettings(standardise=False)
    assert KSG_REACH <= FAR / 10  # so that every distance is nearer than the rows that fill up a leaf
    plain = transfer_entropy(X, Y, estimator=as_it_is)
    assert transfer_entropy(2.0**90 * X, 2.0**90 * Y, estimator=as_it_is) == plain
    with pytest.raises(InvalidInput, match="at most 1e\\+29"):
        transfer_entropy(1e31 * X, 1e31 * Y, estimator=as_it_is)


@pytest.mark.parametrize("wrong", [{"source_history": 1.5}, {"target_history": True}, {"delay": "1"}])
def test_histories_are_whole_numbers(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="must be a whole number"):
        transfer_entropy(X, Y, **wrong)
