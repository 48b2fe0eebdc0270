"""Surrogate orders of rows, from random streams that depend on seed, target and step only.

A stream does not know which worker runs it, how many there are, or which column a series stands in.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.information.settings import NetworkSettings
from causeway.errors import InvalidInput
from causeway.model.inference import SurrogateScheme


def stream(seed: int, target: str, *step: str | int) -> np.random.Generator:
    """An independent generator for one step of one target."""
    words: list[int] = []
    for part in (target, *step):
        digest = hashlib.sha256(str(part).encode()).digest()
        words += [int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:8], "little")]
    return np.random.default_rng(np.random.SeedSequence(entropy=seed, spawn_key=tuple(words)))


def surrogate_orders(
    rng: np.random.Generator, n_rows: int, count: int, settings: NetworkSettings
) -> Iterator[NDArray[np.int64]]:
    """``count`` orders of shape (n_rows,): row r of a surrogate is row ``order[r]`` of the variable.

    All variables of a step share an order, so that dependence between candidates survives in their maximum.

    Raises:
        InvalidInput: the circular scheme has fewer distinct shifts than ``count``.
    """
    if count > available_orders(n_rows, settings):
        raise InvalidInput(
            f"Only {available_orders(n_rows, settings)} circular shifts exist for {n_rows} rows and {count} were "
            "asked for. Use the block scheme, or fewer permutations.",
            details={"field": "n_permutations"},
        )
    if settings.surrogates is SurrogateScheme.CIRCULAR:
        return _circular(rng, n_rows, count, settings.max_lag)
    length = 1 if settings.surrogates is SurrogateScheme.PERMUTATION else settings.block_length_bars
    return (_blocks(rng, n_rows, length) for _ in range(count))


def available_orders(n_rows: int, settings: NetworkSettings) -> int:
    """How many distinct surrogates the scheme offers; more than can ever be asked for unless it is circular."""
    circular = settings.surrogates is SurrogateScheme.CIRCULAR
    return max(0, n_rows - 2 * settings.max_lag - 1) if circular else sys.maxsize


def _blocks(rng: np.random.Generator, n_rows: int, length: int) -> NDArray[np.int64]:
    """Blocks of ``length`` rows in random order, cut at a random phase; the last block may be shorter."""
    rows = np.roll(np.arange(n_rows), int(rng.integers(n_rows)))
    edges = np.arange(0, n_rows, length)
    shuffled = rng.permutation(edges.size)
    return np.concatenate([rows[edges[i] : edges[i] + length] for i in shuffled]) if length > 1 else rows[shuffled]


def _circular(rng: np.random.Generator, n_rows: int, count: int, max_lag: int) -> Iterator[NDArray[np.int64]]:
    """Distinct shifts by more than ``max_lag`` rows."""
    shifts = np.arange(max_lag + 1, n_rows - max_lag)
    rows = np.arange(n_rows)
    return ((rows + shift) % n_rows for shift in rng.choice(shifts, size=count, replace=False))
