"""Surrogates keep the values, break the timing, and come from streams that nothing else can shift."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from causeway.analysis.information import NetworkSettings, SurrogateScheme
from causeway.analysis.information.inference.block_orders import block_orders
from causeway.analysis.information.inference.surrogates import available_orders, stream, surrogate_orders
from causeway.errors import InvalidInput

Order = NDArray[np.int64]
_FINITE = [SurrogateScheme.CIRCULAR, SurrogateScheme.REPLICATIONS]

SCHEMES = [scheme for scheme in SurrogateScheme if scheme is not SurrogateScheme.AUTO]  # which is chosen before


def _rows(n_rows: int, n_replications: int) -> NDArray[np.int64]:
    """Rows of equally long replications, with a missing sample between one and the next."""
    length = n_rows // n_replications
    return np.concatenate([np.arange(length) + start * (length + 1) for start in range(n_replications)])


def _orders(scheme: SurrogateScheme, n_rows: int, count: int, seed: int = 0) -> Iterator[Order]:
    rng = np.random.default_rng(99)
    given, target = rng.standard_normal((n_rows, 2)), rng.standard_normal(n_rows)
    rows = _rows(n_rows, 6) if scheme is SurrogateScheme.REPLICATIONS else None
    settings = NetworkSettings(surrogates=scheme)
    return surrogate_orders(
        stream(seed, "A", "sources:0"), n_rows, count, settings, given=given, target=target, rows=rows
    )


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("n_rows", [48, 102])
def test_every_row_is_used_once(scheme: SurrogateScheme, n_rows: int) -> None:
    for order in _orders(scheme, n_rows, 20):
        assert sorted(order) == list(range(n_rows))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_draws_differ(scheme: SurrogateScheme) -> None:
    drawn = {order.tobytes() for order in _orders(scheme, 102, 30)}
    assert len(drawn) == 30
    assert np.arange(102).tobytes() not in drawn


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_is_drawn_does_not_depend_on_how_it_is_taken(scheme: SurrogateScheme) -> None:
    whole = np.stack(list(_orders(scheme, 60, 9)))
    drawn = _orders(scheme, 60, 9)
    parts = [*islice(drawn, 2), *islice(drawn, 7)]
    np.testing.assert_array_equal(whole, parts)


def test_streams_differ_by_seed_target_and_step() -> None:
    keys = [(1, "A", "past:0"), (2, "A", "past:0"), (1, "B", "past:0"), (1, "A", "past:1")]
    assert len({int(stream(*key).integers(2**60)) for key in keys}) == 4


@pytest.mark.parametrize("scheme", [SurrogateScheme.BLOCK, SurrogateScheme.VOLATILITY])
def test_blocks_keep_neighbours_together(scheme: SurrogateScheme) -> None:
    """Of the rows that follow one another, nine in ten still do with blocks of ten."""
    settings = NetworkSettings(surrogates=scheme, block_bars=10)
    target = np.random.default_rng(1).standard_normal(1000)
    order = next(surrogate_orders(np.random.default_rng(0), 1000, 1, settings, target=target))
    together = np.mean(np.diff(order) % 1000 == 1)
    assert 0.85 < together < 0.93


@pytest.mark.parametrize("length", [2, 7, 10, 60])
@pytest.mark.parametrize("holes", [[], [1], [20, 57, 58]])
def test_a_draw_is_the_rows_cut_and_laid_together_in_another_order(length: int, holes: list[int]) -> None:
    """The definition, written out, with the same draws of numpy's generator."""
    rows = np.arange(100) + sum((np.arange(100) >= hole) for hole in holes)
    rng = np.random.default_rng(5)
    for drawn in block_orders(np.random.default_rng(5), rows, 20, length):
        phase = int(rng.integers(100))
        cuts = sorted({*range(length, 100, length), *((hole + phase) % 100 for hole in holes)} - {0})
        blocks = np.split(np.roll(np.arange(100), phase), cuts)
        assert drawn.tolist() == np.concatenate([blocks[i] for i in rng.permutation(len(blocks))]).tolist()


def test_a_block_does_not_span_a_hole() -> None:
    """In a block of ten that spanned it, the row after the hole would follow the one before in nine of ten draws."""
    settings = NetworkSettings(block_bars=10)
    rows = np.concatenate([np.arange(57), np.arange(70, 113)])
    drawn = np.stack(list(surrogate_orders(np.random.default_rng(0), 100, 200, settings, rows=rows)))
    following = np.roll(drawn, -1, axis=1)
    assert np.mean(following[drawn == 56] == 57) < 0.3
    assert np.mean(following[drawn == 30] == 31) > 0.8


def test_an_automatic_block_length_follows_the_memory_of_the_target() -> None:
    rng = np.random.default_rng(1)
    noise = rng.standard_normal(1000)
    slow = np.empty(1000)
    slow[0] = noise[0]
    for t in range(1, 1000):
        slow[t] = 0.95 * slow[t - 1] + noise[t]
    settings = NetworkSettings(block_bars=0)
    kept = []
    for target in (noise, slow):
        order = next(surrogate_orders(np.random.default_rng(0), 1000, 1, settings, target=target))
        kept.append(np.mean(np.diff(order) % 1000 == 1))
    assert kept[0] < 0.7
    assert kept[1] > 0.95


def test_circular_shifts_are_distinct_and_long() -> None:
    settings = NetworkSettings(max_lag=3, surrogates=SurrogateScheme.CIRCULAR)
    count = available_orders(50, settings)
    shifts = [int(order[0]) for order in surrogate_orders(np.random.default_rng(0), 50, count, settings)]
    assert len(set(shifts)) == count
    assert min(shifts) > 3
    assert max(shifts) < 47


def test_local_orders_stay_where_the_conditioning_set_is_alike() -> None:
    rng = np.random.default_rng(2)
    given = rng.standard_normal((400, 1))
    settings = NetworkSettings(surrogates=SurrogateScheme.LOCAL)
    ranks = np.argsort(np.argsort(given[:, 0]))
    for order in surrogate_orders(rng, 400, 20, settings, given=given):
        assert np.abs(ranks[order] - ranks).max() <= 4  # the five nearest rows, itself included, by rank
        assert np.mean(order == np.arange(400)) < 0.5


def test_local_orders_move_rows_among_equal_ones() -> None:
    """Symbols: two values only, so that each row has hundreds of equally near ones."""
    given = np.random.default_rng(4).integers(0, 2, (300, 1)).astype(np.float64)
    settings = NetworkSettings(surrogates=SurrogateScheme.LOCAL)
    order = next(surrogate_orders(np.random.default_rng(0), 300, 1, settings, given=given))
    np.testing.assert_array_equal(given[order], given)
    assert np.mean(order == np.arange(300)) < 0.5


def test_local_orders_without_a_condition_are_permutations() -> None:
    settings = NetworkSettings(surrogates=SurrogateScheme.LOCAL)
    given = np.empty((300, 0))
    order = next(surrogate_orders(np.random.default_rng(0), 300, 1, settings, given=given))
    assert np.mean(order == np.arange(300)) < 0.05


def test_volatility_orders_exchange_rows_of_like_size() -> None:
    """A row comes from one where the target moved as much, up or down alike.

    Eight rows of 1000 next in size span 8 / (1000 x 0.64) = 0.0125 at the median of a half-normal size.
    """
    target = np.random.default_rng(3).standard_normal(1000)
    settings = NetworkSettings(surrogates=SurrogateScheme.VOLATILITY)
    orders = np.stack(list(surrogate_orders(np.random.default_rng(0), 1000, 50, settings, target=target)))
    moves = target - target.mean()
    assert np.median(np.abs(np.abs(moves[orders]) - np.abs(moves))) < 0.0125
    assert 0.4 < np.mean(moves[orders] * moves > 0) < 0.65


def test_replications_move_as_a_whole() -> None:
    for order in _orders(SurrogateScheme.REPLICATIONS, 60, 50):
        for start in range(0, 60, 10):
            assert (np.diff(order[start : start + 10]) == 1).all()


def test_all_orders_of_few_replications_are_drawn_once() -> None:
    settings = NetworkSettings(surrogates=SurrogateScheme.REPLICATIONS)
    rows = _rows(40, 4)
    assert available_orders(40, settings, rows) == 23
    drawn = list(surrogate_orders(np.random.default_rng(0), 40, 23, settings, rows=rows))
    assert len({order.tobytes() for order in drawn}) == 23


def test_many_replications_differ_as_well() -> None:
    settings = NetworkSettings(surrogates=SurrogateScheme.REPLICATIONS)
    rows = _rows(60, 20)
    drawn = list(surrogate_orders(np.random.default_rng(0), 60, 40, settings, rows=rows))
    assert all((a != b).any() for a, b in pairwise(drawn))


def test_unequal_replications_are_refused() -> None:
    settings = NetworkSettings(surrogates=SurrogateScheme.REPLICATIONS)
    rows = np.concatenate([np.arange(10), np.arange(11, 25)])
    with pytest.raises(InvalidInput, match="equally long"):
        surrogate_orders(np.random.default_rng(0), 24, 1, settings, rows=rows)


@pytest.mark.parametrize("scheme", _FINITE)
def test_more_draws_than_exist_are_refused(scheme: SurrogateScheme) -> None:
    settings = NetworkSettings(surrogates=scheme)
    with pytest.raises(InvalidInput, match="were asked for"):
        surrogate_orders(np.random.default_rng(0), 50, 50, settings)


@pytest.mark.parametrize(
    "settings", [NetworkSettings(surrogates=SurrogateScheme.VOLATILITY), NetworkSettings(block_bars=0)]
)
def test_what_looks_at_the_target_asks_for_it(settings: NetworkSettings) -> None:
    with pytest.raises(InvalidInput, match="target"):
        surrogate_orders(np.random.default_rng(0), 50, 50, settings)
