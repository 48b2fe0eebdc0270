from __future__ import annotations

import numpy as np
import pytest

from causeway.analysis.idtxl.legacy_random import LegacyRandom, Permutation, legacy_seed
from causeway.errors import InvalidInput


def test_the_stream_is_that_of_the_global_seed() -> None:
    ours = LegacyRandom(5)
    np.random.seed(5)
    np.testing.assert_array_equal(ours.orders(30, 2)[1], [np.random.permutation(30) for _ in range(2)][1])
    np.testing.assert_array_equal(ours.uniform(4), np.random.random(4))


@pytest.mark.parametrize(
    "permutation",
    [
        Permutation(),
        Permutation("circular", max_shift=10),
        Permutation("block", block_size=4, perm_range=3),
        Permutation("block", block_size=7, perm_range=1_000_000),
        Permutation("local", perm_range=6),
    ],
    ids=str,
)
def test_every_kind_uses_each_row_once(permutation: Permutation) -> None:
    orders = LegacyRandom(1, permutation).orders(31, 50)
    assert orders.shape == (50, 31)
    assert (np.sort(orders, axis=1) == np.arange(31)).all()
    assert len(np.unique(orders, axis=0)) > 5


def test_a_shift_moves_the_last_rows_to_the_front() -> None:
    orders = LegacyRandom(1, Permutation("circular", max_shift=3)).orders(10, 40)
    assert set(orders[:, 0].tolist()) == {7, 8, 9}


def test_local_rows_stay_within_their_group() -> None:
    orders = LegacyRandom(1, Permutation("local", perm_range=5)).orders(12, 20)
    assert (orders // 5 == np.arange(12) // 5).all()


def test_blocks_stay_whole() -> None:
    orders = LegacyRandom(1, Permutation("block", block_size=4, perm_range=3)).orders(12, 20)
    assert (orders.reshape(20, 3, 4) % 4 == np.arange(4)).all()


@pytest.mark.parametrize("permutation", [Permutation("circular", max_shift=11), Permutation("local", perm_range=11)])
def test_a_reach_beyond_the_rows_is_refused(permutation: Permutation) -> None:
    with pytest.raises(InvalidInput):
        LegacyRandom(1, permutation).orders(10, 1)


def test_every_target_has_its_own_seed_of_32_bits() -> None:
    seeds = {legacy_seed(seed, name) for seed in (0, 1, 2**40) for name in ("AAPL", "MSFT", "")}
    assert len(seeds) == 9
    assert all(0 <= seed < 2**32 for seed in seeds)
    assert legacy_seed(1, "AAPL") == legacy_seed(1, "AAPL")
