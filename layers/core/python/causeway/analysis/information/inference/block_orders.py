"""Orders that move blocks of consecutive rows, so that the memory of a series survives inside them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_STRATUM = 8  # blocks of like volatility that exchange places; 8! = 40320 arrangements of each stratum

Order = NDArray[np.int64]


def block_orders(rng: np.random.Generator, rows: NDArray[np.int64], count: int, length: int) -> Iterator[Order]:
    """Blocks of ``length`` rows in random order, cut at a random phase. ``rows`` as in ``surrogate_orders``.

    No block spans a hole; blocks at the end of a run of rows may be shorter.
    """
    n_rows = rows.size
    if length <= 1:
        return (rng.permutation(n_rows) for _ in range(count))
    ends = np.flatnonzero(np.diff(rows) != 1) + 1
    twice = np.concatenate([np.arange(n_rows), np.arange(n_rows)])
    return (_shuffled(rng, twice, length, ends) for _ in range(count))


def _shuffled(rng: np.random.Generator, twice: Order, length: int, ends: NDArray[np.int64]) -> Order:
    """``twice`` holds the numbers of the rows two times over."""
    n_rows = twice.size // 2
    phase = int(rng.integers(n_rows))
    begins = np.zeros(n_rows + 1, dtype=np.bool_)
    begins[::length] = True
    begins[(ends + phase) % n_rows] = True
    begins[n_rows] = True
    edges = begins.nonzero()[0]
    drawn = rng.permutation(edges.size - 1)
    lengths = (edges[1:] - edges[:-1])[drawn]
    moved = edges[drawn] - lengths.cumsum() + lengths  # from its new place back to where a block stood
    at = moved.repeat(lengths)
    at += twice[:n_rows]
    order: Order = twice[n_rows - phase : 2 * n_rows - phase].take(at)
    return order


def stratified_block_orders(
    rng: np.random.Generator, rows: NDArray[np.int64], count: int, length: int, state: NDArray[np.float64]
) -> Iterator[Order]:
    """Blocks exchange places only with blocks of like ``state`` (n_rows,), eight at a time; the phase is random.

    Rows beside the last whole block of a run of rows exchange places among themselves.
    """
    runs = np.split(np.arange(rows.size), np.flatnonzero(np.diff(rows) != 1) + 1)
    return (_stratified(rng, runs, length, state) for _ in range(count))


def _stratified(rng: np.random.Generator, runs: list[Order], length: int, state: NDArray[np.float64]) -> Order:
    blocks, rest = _whole_blocks(rng, runs, length)
    order = np.empty(state.size, dtype=np.int64)
    order[rest] = rng.permutation(rest)
    ranked = blocks[np.argsort(state[blocks].mean(axis=1), kind="stable")]
    drawn = np.arange(len(ranked))
    n_strata = max(1, len(ranked) // _STRATUM)
    larger = len(ranked) % n_strata  # so many strata, the first ones, have one block more
    edges = np.arange(n_strata + 1) * (len(ranked) // n_strata) + np.minimum(np.arange(n_strata + 1), larger)
    for first, last in pairwise(edges.tolist()):
        rng.shuffle(drawn[first:last])
    order[ranked] = ranked[drawn]
    return order


def _whole_blocks(
    rng: np.random.Generator, runs: list[Order], length: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(n_blocks, length) rows of the blocks, and the rows beside them."""
    blocks, rest = [np.empty((0, length), dtype=np.int64)], []
    for run in runs:
        phase = int(rng.integers(min(length, run.size)))
        whole = (run.size - phase) // length * length
        blocks.append(run[phase : phase + whole].reshape(-1, length))
        rest += [run[:phase], run[phase + whole :]]
    return np.concatenate(blocks), np.concatenate(rest)
