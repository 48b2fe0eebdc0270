"""A panel is complete, finite and varied, or it is refused with the name of what is wrong."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from causeway.analysis.information import make_panel
from causeway.analysis.information.inference.embedding import lagged
from causeway.errors import InvalidInput
from causeway.model.inference import Missing

NAMES = ("A", "B", "C")


@pytest.fixture
def values() -> NDArray[np.float64]:
    return np.random.default_rng(1).standard_normal((60, 3))


def test_a_good_panel_is_copied_and_read_only(values: NDArray[np.float64]) -> None:
    panel = make_panel(values, NAMES, 5)
    values[0, 0] = 99
    assert panel.values[0, 0] != 99
    with pytest.raises(ValueError, match="read-only"):
        panel.values[0, 0] = 1


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_not_finite_names_its_series(values: NDArray[np.float64], bad: float) -> None:
    values[7, 1] = bad
    with pytest.raises(InvalidInput, match=r"B \(1\)"):
        make_panel(values, NAMES, 5)


def test_a_constant_series_is_named(values: NDArray[np.float64]) -> None:
    values[:, 2] = 0.1
    with pytest.raises(InvalidInput, match=r"constant.*C"):
        make_panel(values, NAMES, 5)


@pytest.mark.parametrize("n_samples", [1009, 5003, 20_011])
@pytest.mark.parametrize("missing", Missing)
def test_a_constant_series_is_named_however_its_mean_is_rounded(n_samples: int, missing: Missing) -> None:
    """A thousand times 0.1, added one by one, is not a hundred."""
    values = np.random.default_rng(0).standard_normal((n_samples, 3))
    values[:, 2] = 0.1
    if missing is Missing.MASK:
        values[7, 0] = np.nan
    with pytest.raises(InvalidInput, match=r"constant.*C"):
        make_panel(values, NAMES, 5, missing)


@pytest.mark.parametrize("scale", [1.0, -2.5])
def test_the_same_series_twice_is_refused(values: NDArray[np.float64], scale: float) -> None:
    values[:, 2] = scale * values[:, 0] + 3
    with pytest.raises(InvalidInput, match="A and C are the same series"):
        make_panel(values, NAMES, 5)


def test_too_few_rows_say_how_many_are_needed(values: NDArray[np.float64]) -> None:
    with pytest.raises(InvalidInput, match="at least 35 rows are needed; found 34"):
        make_panel(values[:34], NAMES, 5)
    assert make_panel(values[:35], NAMES, 5).n_samples == 35


@pytest.mark.parametrize(
    ("shape", "names", "message"),
    [
        ((60,), ("A",), "matrix"),
        ((60, 3), ("A", "B"), "one name per series"),
        ((60, 1), ("A",), "at least two"),
        ((60, 3), ("A", "B", "A"), "A is repeated"),
    ],
)
def test_a_wrong_shape_is_refused(shape: tuple[int, ...], names: tuple[str, ...], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        make_panel(np.random.default_rng(0).standard_normal(shape), names, 5)


def test_lagged_columns_line_up() -> None:
    values = np.arange(20.0).reshape(10, 2)
    columns = lagged(values, 3)
    assert columns.shape == (7, 2, 4)
    np.testing.assert_array_equal(columns[0, 0], [6, 4, 2, 0])
    np.testing.assert_array_equal(columns[-1, 1], [19, 17, 15, 13])
