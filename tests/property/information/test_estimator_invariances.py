"""Laws that every estimate must obey, whatever the data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from causeway.analysis.information import (
    CopulaSettings,
    DiscreteSettings,
    EstimatorSettings,
    GaussianSettings,
    KsgSettings,
    OrdinalSettings,
    conditional_mutual_information,
    local_transfer_entropy,
    mutual_information,
    transfer_entropy,
)
from causeway.analysis.information.estimators.discrete import DiscreteCmi
from causeway.analysis.information.estimators.gaussian_cmi import GaussianCmi

SYMBOLS = arrays(np.float64, st.tuples(st.integers(2, 60), st.just(4)), elements=st.integers(-2, 3).map(float))
PLUG_IN = DiscreteCmi(DiscreteSettings(correction="none"))
ALL: list[EstimatorSettings] = [
    GaussianSettings(),
    CopulaSettings(),
    KsgSettings(),
    DiscreteSettings(3),
    DiscreteSettings(3, "equal_width", "grassberger"),
    OrdinalSettings(),
]
SEEDS = st.integers(0, 10_000)


def plug_in(x: NDArray[Any], y: NDArray[Any], z: NDArray[Any]) -> float:
    return PLUG_IN.prepare(y, z).joint(x)


def coupled(seed: int, n: int = 200) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    x, z, noise = rng.standard_normal((3, n))
    y = 0.5 * np.roll(x, 1) + 0.3 * np.roll(z, 1) ** 2 + noise
    return np.stack([x, y, z])


@given(SYMBOLS)
@settings(deadline=None)
def test_chain_rule_of_plug_in_information(rows: NDArray[np.float64]) -> None:
    """I(x, w; y | z) = I(x; y | z) + I(w; y | x, z), an identity of the counts (Cover & Thomas 2006, 2.62)."""
    x, w, y, z = (rows[:, [i]] for i in range(4))
    both = plug_in(np.hstack([x, w]), y, z)
    assert both == pytest.approx(plug_in(x, y, z) + plug_in(w, y, np.hstack([x, z])), abs=1e-12)


@given(SYMBOLS)
@settings(deadline=None)
def test_plug_in_information_is_not_negative_and_bounded_by_entropy(rows: NDArray[np.float64]) -> None:
    x, w, y, z = (rows[:, [i]] for i in range(4))
    information = plug_in(np.hstack([x, w]), y, z)
    assert -1e-12 <= information <= plug_in(y, y, z) + 1e-12


@given(SYMBOLS)
@settings(deadline=None)
def test_plug_in_information_is_symmetric(rows: NDArray[np.float64]) -> None:
    x, w, y, z = (rows[:, [i]] for i in range(4))
    joint = np.hstack([x, w])
    assert plug_in(joint, y, z) == pytest.approx(plug_in(y, joint, z), abs=1e-12)


@given(SYMBOLS, st.permutations(range(6)))
@settings(deadline=None)
def test_names_of_symbols_do_not_matter(rows: NDArray[np.float64], names: list[int]) -> None:
    x, y, z = (rows[:, [i]] for i in range(3))
    renamed = np.array(names, dtype=np.float64)[(x + 2).astype(int)]
    assert plug_in(renamed, y, z) == pytest.approx(plug_in(x, y, z), abs=1e-12)


@given(SYMBOLS)
@settings(deadline=None)
def test_conditioning_on_a_constant_changes_nothing(rows: NDArray[np.float64]) -> None:
    x, y = rows[:, [0]], rows[:, [1]]
    constant = np.full_like(x, 7.0)
    assert plug_in(x, y, constant) == plug_in(x, y, x[:, :0])


@pytest.mark.parametrize("estimator", ALL, ids=str)
@given(SEEDS)
@settings(max_examples=10, deadline=None)
def test_information_is_symmetric(estimator: EstimatorSettings, seed: int) -> None:
    x, y, z = coupled(seed)
    forward = conditional_mutual_information(x, y, z, estimator)
    assert forward == pytest.approx(conditional_mutual_information(y, x, z, estimator), abs=1e-10)


@pytest.mark.parametrize("estimator", ALL, ids=str)
@given(SEEDS, st.sampled_from([0.25, 2.0, 1024.0]), st.integers(-8, 8))
@settings(max_examples=10, deadline=None)
def test_units_do_not_matter(estimator: EstimatorSettings, seed: int, scale: float, shift: int) -> None:
    """Powers of two, so that rescaling itself rounds little; KSG and bins may move a point over an edge."""
    x, y, z = coupled(seed, 600)
    expected = transfer_entropy(x, y, conditional=z, estimator=estimator)
    found = transfer_entropy(scale * x + shift, y / scale, conditional=z * scale, estimator=estimator)
    exact = isinstance(estimator, GaussianSettings | CopulaSettings)
    assert found == pytest.approx(expected, abs=1e-9 if exact else 5e-3)


@pytest.mark.parametrize("estimator", [CopulaSettings(), CopulaSettings(True), DiscreteSettings(4), OrdinalSettings()])
@given(SEEDS)
@settings(max_examples=10, deadline=None)
def test_increasing_transforms_do_not_matter_to_ranks(estimator: EstimatorSettings, seed: int) -> None:
    """Bit-equal: only the order of the values enters."""
    x, y, _ = coupled(seed)
    found = transfer_entropy(np.exp(x), np.arctan(y) ** 3, estimator=estimator)
    assert found == transfer_entropy(x, y, estimator=estimator)


@given(SEEDS, st.integers(1, 3))
@settings(max_examples=20, deadline=None)
def test_mixing_the_columns_of_a_joint_variable_keeps_gaussian_information(seed: int, n_columns: int) -> None:
    rng = np.random.default_rng(seed)
    x, z = rng.standard_normal((100, n_columns)), rng.standard_normal((100, 2))
    y = x @ rng.standard_normal((n_columns, 2)) + z + rng.standard_normal((100, 2))
    mixed = x @ (rng.standard_normal((n_columns, n_columns)) + 4 * np.eye(n_columns)) + z @ rng.standard_normal(
        (2, n_columns)
    )
    cmi = GaussianCmi().prepare(y, z)
    assert cmi.joint(mixed) == pytest.approx(cmi.joint(x), abs=1e-9)


@given(SEEDS)
@settings(max_examples=20, deadline=None)
def test_chain_rule_of_gaussian_information(seed: int) -> None:
    """I(x, w; y | z) = I(x; y | z) + I(w; y | x, z) holds for the sample's own moments."""
    rng = np.random.default_rng(seed)
    x, w, y, z = (rng.standard_normal((80, 2)) for _ in range(4))
    y = y + x + w + z
    both = GaussianCmi().prepare(y, z).joint(np.hstack([x, w]))
    parts = GaussianCmi().prepare(y, z).joint(x) + GaussianCmi().prepare(y, np.hstack([z, x])).joint(w)
    assert both == pytest.approx(parts, abs=1e-10)


@pytest.mark.parametrize("estimator", ALL, ids=str)
@given(SEEDS, st.integers(1, 3), st.integers(1, 2))
@settings(max_examples=8, deadline=None)
def test_local_values_average_to_the_value(estimator: EstimatorSettings, seed: int, delay: int, history: int) -> None:
    x, y, _ = coupled(seed, 600)
    value = transfer_entropy(x, y, delay=delay, source_history=history, estimator=estimator)
    local = local_transfer_entropy(x, y, delay=delay, source_history=history, estimator=estimator)
    assert np.nanmean(local) == pytest.approx(value, abs=1e-10)


@given(SEEDS, st.integers(1, 30))
@settings(max_examples=20, deadline=None)
def test_a_shift_of_both_series_in_time_drops_rows_and_no_more(seed: int, shift: int) -> None:
    x, y, _ = coupled(seed)
    whole = local_transfer_entropy(x, y, estimator=DiscreteSettings(2))
    assert np.isnan(whole[0])
    assert not np.isnan(whole[1:]).any()
    assert mutual_information(x[shift:-1], y[shift + 1 :]) == pytest.approx(
        transfer_entropy(x[shift:], y[shift:], target_history=0), abs=1e-12
    )
