"""What network inference may rely on, whichever estimator it was given."""

from __future__ import annotations

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
)
from causeway.analysis.information.estimators.protocol import PreparedCmi
from causeway.analysis.information.estimators.registry import estimator_for

ESTIMATORS: dict[str, EstimatorSettings] = {
    "gaussian": GaussianSettings(),
    "copula": CopulaSettings(),
    "copula, corrected": CopulaSettings(bias_correction=True),
    "ksg": KsgSettings(),
    "bins": DiscreteSettings(3, correction="none"),
    "bins, Miller-Madow": DiscreteSettings(3, "equal_width", "miller_madow"),
    "bins, Grassberger": DiscreteSettings(2, correction="grassberger"),
    "ordinal": OrdinalSettings(),
}
N_ROWS, N_CANDIDATES = 150, 70
each_estimator = pytest.mark.parametrize("settings", ESTIMATORS.values(), ids=ESTIMATORS.keys())


def data() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    rng = np.random.default_rng(0)
    z = rng.standard_normal((N_ROWS, 2))
    x = rng.standard_normal((N_ROWS, N_CANDIDATES)) + z[:, :1]
    y = 1.5 * x[:, :1] + 0.4 * x[:, 1:2] + 0.5 * z[:, 1:] + rng.standard_normal((N_ROWS, 1))
    return x, y, z[:, :1].copy()


def prepared(settings: EstimatorSettings, *, given: bool = True) -> PreparedCmi:
    _, y, z = data()
    return estimator_for(settings).prepare(y, z if given else z[:, :0])


@each_estimator
def test_a_value_does_not_depend_on_its_batch(settings: EstimatorSettings) -> None:
    x, cmi = data()[0], prepared(settings)
    alone = [cmi.each(x[:, [v]])[0] for v in range(N_CANDIDATES)]
    np.testing.assert_array_equal(cmi.each(x), alone)


@each_estimator
def test_one_column_is_the_same_alone_and_joint(settings: EstimatorSettings) -> None:
    x, cmi = data()[0], prepared(settings)
    assert cmi.joint(x[:, [1]]) == pytest.approx(cmi.each(x)[1], abs=1e-12)


@each_estimator
@pytest.mark.parametrize("given", [True, False])
def test_the_order_as_it_is_gives_the_observed_value(settings: EstimatorSettings, given: bool) -> None:
    x, cmi = data()[0][:, :3].copy(), prepared(settings, given=given)
    identity = np.arange(N_ROWS)[None, :]
    np.testing.assert_allclose(cmi.each_surrogate(x, identity)[:, 0], cmi.each(x), atol=1e-4)
    np.testing.assert_allclose(cmi.joint_surrogates(x, identity), [cmi.joint(x)], atol=1e-4)


@each_estimator
def test_a_surrogate_is_the_estimate_on_shuffled_rows(settings: EstimatorSettings) -> None:
    """Bins and ranks of a shuffled column are the shuffled bins and ranks; patterns belong to the bars as they were."""
    x, cmi = data()[0][:, :2].copy(), prepared(settings)
    orders = np.stack([np.random.default_rng(s).permutation(N_ROWS) for s in range(5)])
    found = cmi.each_surrogate(x, orders)
    joint = cmi.joint_surrogates(x, orders)
    assert found.shape == (2, 5)
    assert joint.shape == (5,)
    if not isinstance(settings, OrdinalSettings):
        np.testing.assert_allclose(found, np.stack([cmi.each(x[order]) for order in orders], axis=1), atol=1e-4)
        np.testing.assert_allclose(joint, [cmi.joint(x[order]) for order in orders], atol=1e-4)


@each_estimator
def test_surrogates_break_the_dependence(settings: EstimatorSettings) -> None:
    x, cmi = data()[0][:, :1].copy(), prepared(settings)
    orders = np.stack([np.random.default_rng(s).permutation(N_ROWS) for s in range(40)])
    assert cmi.each(x)[0] > np.quantile(cmi.each_surrogate(x, orders)[0], 0.9)
    assert cmi.joint(x) > np.quantile(cmi.joint_surrogates(x, orders), 0.9)


@each_estimator
@pytest.mark.parametrize("given", [True, False])
def test_local_values_average_to_the_value(settings: EstimatorSettings, given: bool) -> None:
    x, cmi = data()[0][:, :2].copy(), prepared(settings, given=given)
    local = cmi.local(x)
    assert local.shape == (N_ROWS,)
    assert np.nanmean(local) == pytest.approx(cmi.joint(x), abs=1e-10)
    assert np.isnan(local).sum() == (2 if isinstance(settings, OrdinalSettings) else 0)


@each_estimator
def test_the_columns_given_are_left_as_they_were(settings: EstimatorSettings) -> None:
    x, y, z = data()
    copies = x.copy(), y.copy(), z.copy()
    cmi = estimator_for(settings).prepare(y, z)
    cmi.each(x)
    cmi.joint(x[:, :2].copy())
    cmi.each_surrogate(x[:, :2].copy(), np.arange(N_ROWS)[None, ::-1].copy())
    for now, before in zip((x, y, z), copies, strict=True):
        np.testing.assert_array_equal(now, before)


@pytest.mark.parametrize("n_threads", [2, 5, 100])
def test_threads_change_no_bit(n_threads: int) -> None:
    x, y, z = data()
    x = x[:, :3].copy()
    orders = np.stack([np.random.default_rng(s).permutation(N_ROWS) for s in range(33)])
    one = estimator_for(KsgSettings()).prepare(y, z)
    several = estimator_for(KsgSettings(), n_threads=n_threads).prepare(y, z)
    np.testing.assert_array_equal(several.each(x), one.each(x))
    np.testing.assert_array_equal(several.each_surrogate(x, orders), one.each_surrogate(x, orders))
    np.testing.assert_array_equal(several.joint_surrogates(x, orders), one.joint_surrogates(x, orders))
    np.testing.assert_array_equal(several.local(x), one.local(x))
    assert several.joint(x) == one.joint(x)


class Stopped(Exception):
    """What a cancelled job raises."""


@each_estimator
def test_the_pulse_can_stop_long_work(settings: EstimatorSettings) -> None:
    """The last bars of a surrogate batch are never reached once the pulse raises."""
    x, y, z = data()
    orders = np.stack([np.random.default_rng(s).permutation(N_ROWS) for s in range(300)])

    def stop() -> None:
        raise Stopped

    cmi = estimator_for(settings).prepare(y, z, stop)
    with pytest.raises(Stopped):
        cmi.each_surrogate(x[:, :2].copy(), orders)
    with pytest.raises(Stopped):
        cmi.joint_surrogates(x[:, :2].copy(), orders)
