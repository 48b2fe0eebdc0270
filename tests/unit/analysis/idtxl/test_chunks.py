from __future__ import annotations

import numpy as np
import pytest

from causeway.analysis.idtxl.chunks import collapse, has_ties, orders_of, split
from causeway.errors import InvalidInput

RNG = np.random.default_rng(1)


def test_chunks_lie_one_below_the_other() -> None:
    values = np.arange(12.0).reshape(6, 2)
    np.testing.assert_array_equal(split(values, 3)[1], values[2:4])


def test_a_vector_is_one_column() -> None:
    assert split(np.arange(6.0), 2).shape == (2, 3, 1)


@pytest.mark.parametrize(("shape", "n_chunks"), [((7, 1), 2), ((6, 1), 0), ((0, 1), 1), ((2, 2, 2), 1)])
def test_rows_that_do_not_divide_are_refused(shape: tuple[int, ...], n_chunks: int) -> None:
    with pytest.raises(InvalidInput):
        split(np.zeros(shape), n_chunks)


def test_what_was_repeated_is_kept_once() -> None:
    chunk = RNG.normal(size=(1, 5, 2))
    assert collapse(np.repeat(chunk, 4, axis=0)).shape == (1, 5, 2)
    other = np.repeat(chunk, 4, axis=0)
    other[3, 4, 1] += 1
    assert collapse(other).shape == (4, 5, 2)


@pytest.mark.parametrize("values", [RNG.normal(size=(40, 1)), RNG.integers(0, 3, size=(40, 2)).astype(float)])
def test_the_orders_make_every_chunk_from_the_first(values: np.ndarray) -> None:
    chunks = np.stack([values, *(RNG.permutation(values) for _ in range(5))])
    orders = orders_of(chunks)
    assert orders is not None
    assert (np.sort(orders, axis=1) == np.arange(40)).all()
    np.testing.assert_array_equal(values[orders], chunks)


def test_other_values_have_no_orders() -> None:
    values = RNG.normal(size=(40, 1))
    other = RNG.permutation(values)
    other[0] += 1e-12
    assert orders_of(np.stack([values, other])) is None


def test_columns_that_were_permuted_apart_have_no_orders() -> None:
    values = RNG.normal(size=(40, 2))
    apart = np.column_stack([values[:, 0], RNG.permutation(values[:, 1])])
    assert orders_of(np.stack([values, apart])) is None


def test_a_value_that_stands_twice_is_a_tie() -> None:
    assert has_ties(np.array([[1.0, 1.0], [2.0, 1.0]]))
    assert not has_ties(np.array([[1.0, 2.0], [2.0, 1.0]]))
    assert not has_ties(np.empty((5, 0)))
