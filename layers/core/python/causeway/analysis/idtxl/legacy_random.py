"""Surrogates drawn as IDTxl draws them: from numpy's legacy generator, one after the other.

A run of IDTxl after ``numpy.random.seed(s)`` and a run of ours with seed s therefore see the same surrogates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.information.estimators.protocol import Orders
from causeway.errors import InvalidInput

PermType = Literal["random", "circular", "block", "local"]


@dataclass(frozen=True, slots=True)
class Permutation:
    """How rows are exchanged: at random; shifted by 1..max_shift; in blocks of ``block_size``, exchanged within groups
    of ``perm_range`` blocks; or within groups of ``perm_range`` rows (local).
    """

    kind: PermType = "random"
    max_shift: int = 0
    block_size: int = 0
    perm_range: int = 0


class LegacyRandom:
    """The stream of ``numpy.random.seed(seed)``."""

    def __init__(self, seed: int, permutation: Permutation | None = None) -> None:
        self._random = np.random.RandomState(seed)
        self._permutation = permutation or Permutation()

    def uniform(self, n: int) -> NDArray[np.float64]:
        """(n,) values in [0, 1), for nulls of known distribution."""
        return np.asarray(self._random.random_sample(n))

    def orders(self, n_rows: int, n_surrogates: int) -> Orders:
        """(n_surrogates, n_rows).

        Raises:
            InvalidInput: the kind of permutation needs more rows.
        """
        return np.stack([self._order(n_rows) for _ in range(n_surrogates)]).astype(np.int64)

    def _order(self, n_rows: int) -> NDArray[np.int64]:
        wanted = self._permutation
        if wanted.kind == "circular":
            _enough(n_rows, wanted.max_shift, "max_shift")
            return np.roll(np.arange(n_rows), int(self._random.randint(1, wanted.max_shift + 1)))
        if wanted.kind == "local":
            _enough(n_rows, wanted.perm_range, "perm_range")
            return self._within(n_rows, wanted.perm_range)
        if wanted.kind == "block":
            starts = np.arange(0, n_rows, wanted.block_size)
            blocks = self._within(len(starts), wanted.perm_range)
            rows = np.arange(n_rows)
            return np.concatenate([rows[starts[b] : starts[b] + wanted.block_size] for b in blocks])
        return np.asarray(self._random.permutation(n_rows))

    def _within(self, n: int, group: int) -> NDArray[np.int64]:
        """0..n-1, exchanged within consecutive groups; the last group may be smaller."""
        parts = [self._random.permutation(min(group, n - first)) + first for first in range(0, n, group)]
        return np.concatenate(parts)


def legacy_seed(seed: int, target: str) -> int:
    """A seed for numpy's legacy generator (32 bits), its own for each target."""
    words = [seed & 0xFFFFFFFF, seed >> 32 & 0xFFFFFFFF, *target.encode()]
    return int(np.random.SeedSequence(words).generate_state(1)[0])


def _enough(n_rows: int, needed: int, setting: str) -> None:
    if needed > n_rows:
        raise InvalidInput(f"{setting} is {needed} and must not exceed the {n_rows} rows.", details={"field": setting})
