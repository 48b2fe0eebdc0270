"""Counting states: many of them, states that cannot occur, and probabilities at the edges."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from causeway.analysis.information import DiscreteSettings, OrdinalSettings
from causeway.analysis.information.estimators.discrete import DiscreteCmi, PreparedDiscrete, tail_probability
from causeway.analysis.information.estimators.ordinal import OrdinalCmi
from causeway.errors import InvalidInput

PLUG_IN = DiscreteCmi(DiscreteSettings(correction="none"))


def column(values: NDArray[np.int64] | list[int]) -> NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64)[:, None]


def prepared(y: NDArray[np.float64], z: NDArray[np.float64] | None = None) -> PreparedDiscrete:
    return PLUG_IN.prepare(y, np.empty((y.shape[0], 0)) if z is None else z)


def test_far_more_joint_states_than_a_table_holds() -> None:
    """3000 states each: 9 million cells, of which 3000 occur. A copy says ln 3000; given itself, nothing."""
    x = column(np.random.default_rng(0).permutation(3000))
    orders = np.stack([np.arange(3000), np.arange(3000)[::-1]])
    assert prepared(x).joint(x) == pytest.approx(np.log(3000), abs=1e-12)
    np.testing.assert_allclose(prepared(x).joint_surrogates(x, orders), np.log(3000), atol=1e-12)
    assert prepared(x, x).joint(x) == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(prepared(x).local(x), np.log(3000), atol=1e-12)


def test_many_surrogates_are_counted_in_parts() -> None:
    """2000 orders of 400 rows and 1600 cells exceed what is held at once; each value is as if alone."""
    rng = np.random.default_rng(0)
    x, y = column(rng.integers(40, size=400)), column(rng.integers(40, size=400))
    orders = np.stack([rng.permutation(400) for _ in range(2000)])
    together = prepared(y).joint_surrogates(x, orders)
    alone = [prepared(y).joint_surrogates(x, orders[[s]])[0] for s in (0, 999, 1999)]
    assert together.shape == (2000,)
    assert together[[0, 999, 1999]].tolist() == alone


def test_columns_that_are_counted_together_have_the_values_of_each_alone() -> None:
    """Seven columns of two to twenty states: tables of several columns, and tables of one."""
    rng = np.random.default_rng(3)
    x = np.column_stack([rng.integers(states, size=600) for states in (2, 3, 3, 20, 2, 6, 3)]).astype(np.float64)
    estimator = prepared(column(rng.integers(3, size=600)), column(rng.integers(3, size=600)))
    orders = np.stack([rng.permutation(600) for _ in range(300)])
    together = estimator.each_surrogate(x, orders)
    alone = [estimator.joint(np.ascontiguousarray(x[order][:, [v]])) for v in range(7) for order in orders]
    assert together.ravel().tolist() == alone


def test_no_surrogate_and_no_column() -> None:
    x = column([0, 1, 0, 1])
    assert prepared(x).joint_surrogates(x, np.empty((0, 4), dtype=np.int64)).shape == (0,)
    assert prepared(x).each(x[:, :0]).shape == (0,)
    assert prepared(x).each_surrogate(x[:, :0], np.arange(4)[None, :]).shape == (0, 1)


def test_degrees_of_freedom_count_what_occurs() -> None:
    """Given z = 0, x has 2 and y 3 states; given z = 1, y has one: (2 - 1)(3 - 1) + 0, not (2 - 1)(3 - 1) 2."""
    x = column([0, 1, 0, 1, 0, 0, 1, 1])
    y = column([0, 0, 1, 1, 2, 2, 2, 2])
    z = column([0, 0, 0, 0, 0, 0, 1, 1])
    assert prepared(y, z).degrees_of_freedom(x) == 2
    assert prepared(y).degrees_of_freedom(x) == 2
    assert prepared(y, z).largest_marginal(x) == 4


def test_tail_probability_at_the_edges() -> None:
    assert tail_probability(0.0, 100, 4) == 1
    assert tail_probability(-0.01, 100, 4) == 1  # a corrected estimate
    assert tail_probability(0.3, 100, 0) == 1  # a constant
    assert tail_probability(np.array([0.01, 3.0]), 100, 1) == pytest.approx([0.1572992, 0], abs=1e-6)  # 2 sf(sqrt 2)


def test_patterns_need_rows() -> None:
    with pytest.raises(InvalidInput, match="order 4 and delay 2 need more than 6 rows; found 6"):
        OrdinalCmi(OrdinalSettings(4, 2)).prepare(column(np.arange(6)), np.empty((6, 0)))
