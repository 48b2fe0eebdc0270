"""One estimate in double precision for one z and many rows: neighbours are searched in strips, rows counted in boxes.

Going through all rows near in z (single.py) costs N^(2/3) for each row. Here the rows, in the order of z, are cut into
strips of 256 and put in the order of y within each, so that a leaf is narrow in both; sixteen leaves, a strip, are
compared by one instruction. The leaves that may hold a neighbour hold every row nearer in (y, z), so that n_yz is
counted on the way; n_z and n_xz are those of boxes.py, whose cost does not grow with what is inside.

The counts are the same as single.py's, so the estimate is, to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causeway.analysis.information.neighbours.boxes import add_terms, guide_table, ranked, room_for
from causeway.analysis.information.neighbours.lanes import WIDTH
from causeway.analysis.information.neighbours.layout import FAR
from causeway.analysis.information.neighbours.rows import Rows
from causeway.analysis.information.neighbours.single import Array, near_in_strips

STRIP = WIDTH * WIDTH  # rows
InParts = Callable[[Callable[[int, int], None], int], None]


@dataclass(frozen=True)
class Strips:
    """One (y, z), z of one column. ``ranks``: the place of each place among ``rows``, which are in the order of z."""

    rows: Rows
    strips: Rows
    ranks: NDArray[np.int64]
    k: int
    theiler: int
    psi: Array

    @classmethod
    def of(cls, rows: Rows, k: int, theiler: int, psi: Array) -> Strips:
        n = rows.n_rows
        y = np.full(-(-n // STRIP) * STRIP, FAR)
        y[:n] = rows.y[0, :n]
        begins = np.arange(0, y.size, STRIP)[:, None]
        ranks = (np.argsort(y.reshape(-1, STRIP), axis=1) + begins).ravel()[:n]
        return cls(rows, rows.together(ranks), ranks, k, theiler, psi)

    def reach(self, x: Array, in_parts: InParts) -> Array:
        """(n_rows,): the distances of the k-th neighbours, in the order of z; x (n_rows, n_dimensions)."""
        reach = np.empty(self.rows.n_rows)
        reach[self.ranks] = self._near(x, in_parts)[0][:, 0]
        return reach

    def terms(self, x: Array, in_parts: InParts) -> Array:
        """(n_rows,): terms of algorithm 1 without psi(k), in the order of z; x (n_rows, 1)."""
        n, strips = self.rows.n_rows, self.strips
        guide, ranks = ranked(x[:, 0], np.float64)
        terms = np.empty(n)
        add_terms(
            *self._near(x, in_parts), 0, guide_table(self.rows.z[0, :n]), self.ranks, guide, ranks, np.arange(n),
            strips.time, strips.place, self.theiler, self.psi, room_for(n, np.float64), terms,
        )  # fmt: skip
        return terms

    def _near(self, x: Array, in_parts: InParts) -> tuple[Array, NDArray[np.int32]]:
        strips = self.strips
        placed, filled = strips.placed(x), strips.z.shape[1]
        radii, n_yz = np.empty((strips.n_rows, 1)), np.empty((strips.n_rows, 1), np.int32)

        def part(first: int, last: int) -> None:
            near_in_strips(
                placed, strips.z, strips.low, strips.high, strips.time, self.theiler, 1, (0,) * self.k, first, last,
                radii, n_yz, np.empty((1, filled)),
            )  # fmt: skip

        in_parts(part, strips.n_rows)
        return radii, n_yz
