"""Orders that exchange whole replications of an experiment: runs of rows between which samples are missing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from math import factorial

import numpy as np
from numpy.typing import NDArray

from causeway.errors import InvalidInput

_MANY = 12  # 12! = 479,001,600: with more replications two draws are never alike in practice


def n_replication_orders(rows: NDArray[np.int64]) -> int:
    """Distinct orders beside the observed one.

    Raises:
        InvalidInput: replications of different lengths.
    """
    n = len(_replications(rows))
    return factorial(n) - 1 if n <= _MANY else sys.maxsize


def replication_orders(rng: np.random.Generator, rows: NDArray[np.int64], count: int) -> Iterator[NDArray[np.int64]]:
    """``count`` distinct orders, none of them the observed one. ``rows`` as in ``surrogate_orders``."""
    replications = _replications(rows)
    n = len(replications)
    if n > _MANY:
        return (replications[rng.permutation(n)].ravel() for _ in range(count))
    numbers = rng.choice(factorial(n) - 1, size=count, replace=False) + 1  # number 0 is the observed order
    return (replications[_arrangement(int(number), n)].ravel() for number in numbers)


def _arrangement(number: int, n: int) -> list[int]:
    """The ``number``-th arrangement of 0..n-1 in lexicographic order."""
    left = list(range(n))
    chosen = []
    for place in range(n - 1, -1, -1):
        index, number = divmod(number, factorial(place))
        chosen.append(left.pop(index))
    return chosen


def _replications(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n_replications, n_rows of each)."""
    runs = np.split(np.arange(rows.size), np.flatnonzero(np.diff(rows) != 1) + 1)
    lengths = {run.size for run in runs}
    if len(lengths) > 1:
        raise InvalidInput(
            f"Replications must be equally long to change places; found {min(lengths)} to {max(lengths)} rows. "
            "Separate them by a row of NaN, leave no other holes, and use missing='mask'.",
            details={"field": "surrogates"},
        )
    return np.stack(runs)
