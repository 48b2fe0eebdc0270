"""Surrogates keep the values, break the timing, and come from streams that nothing else can shift."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from causeway.analysis.information import NetworkSettings, SurrogateScheme
from causeway.analysis.information.inference.surrogates import available_orders, stream, surrogate_orders
from causeway.errors import InvalidInput


@pytest.mark.parametrize("scheme", list(SurrogateScheme))
@pytest.mark.parametrize("n_rows", [40, 101])
def test_every_row_is_used_once(scheme: SurrogateScheme, n_rows: int) -> None:
    settings = NetworkSettings(surrogates=scheme)
    for order in surrogate_orders(np.random.default_rng(0), n_rows, 20, settings):
        assert sorted(order) == list(range(n_rows))


def test_blocks_keep_neighbours_together() -> None:
    settings = NetworkSettings(block_bars=10)
    (order,) = surrogate_orders(np.random.default_rng(0), 1000, 1, settings)
    together = np.mean(np.diff(order) % 1000 == 1)
    assert 0.88 < together < 0.92


def test_circular_shifts_are_distinct_and_long() -> None:
    settings = NetworkSettings(max_lag=3, surrogates=SurrogateScheme.CIRCULAR)
    count = available_orders(50, settings)
    shifts = [int(order[0]) for order in surrogate_orders(np.random.default_rng(0), 50, count, settings)]
    assert len(set(shifts)) == count
    assert min(shifts) > 3
    assert max(shifts) < 47


def test_too_many_circular_shifts_are_refused() -> None:
    settings = NetworkSettings(surrogates=SurrogateScheme.CIRCULAR)
    with pytest.raises(InvalidInput, match="circular shifts"):
        surrogate_orders(np.random.default_rng(0), 50, 50, settings)


def test_what_is_drawn_does_not_depend_on_how_it_is_taken() -> None:
    settings = NetworkSettings()
    whole = np.stack(list(surrogate_orders(stream(1, "A", "sources:0"), 60, 9, settings)))
    drawn = surrogate_orders(stream(1, "A", "sources:0"), 60, 9, settings)
    parts = [*islice(drawn, 2), *islice(drawn, 7)]
    np.testing.assert_array_equal(whole, parts)


def test_streams_differ_by_seed_target_and_step() -> None:
    keys = [(1, "A", "past:0"), (2, "A", "past:0"), (1, "B", "past:0"), (1, "A", "past:1")]
    assert len({int(stream(*key).integers(2**60)) for key in keys}) == 4
